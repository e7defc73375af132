import { ones, type ScoreOptions, Tensor, where } from '@tapegrad/autograd';
import { ArgumentError, DTypeError, isFloat, type Shape, ShapeError, sameShape, showShape } from '@tapegrad/tensor';
import { kindOf } from './checks.ts';

const layer = 'MultiheadAttention';

/** What hides keys from queries: masks in which true hides. */
export interface Hiding {
  readonly attnMask?: Tensor | null;
  readonly keyPaddingMask?: Tensor | null;
  readonly isCausal?: boolean;
}

/**
 * Masks in which true hides, as the one of attention, in which true lets look, or is added. Queries are [batch, heads, L,
 * d] and keys [batch, heads, S, d], the last of which, `added` of them, no mask speaks of.
 */
export function hidingMask(
  { attnMask, keyPaddingMask, isCausal = false }: Hiding,
  queries: Shape,
  keys: Shape,
  added: number,
  batched: boolean,
): ScoreOptions {
  const [batch, heads, length] = queries;
  const places = keys[2] - added;
  const hiding: Tensor[] = [];
  if (attnMask !== undefined && attnMask !== null) {
    checkMask('attnMask', attnMask, [
      [length, places],
      [batch * heads, length, places],
    ]);
    hiding.push(attnMask.ndim === 2 ? attnMask : attnMask.reshape([batch, heads, length, places]));
  }
  if (keyPaddingMask !== undefined && keyPaddingMask !== null) {
    checkMask('keyPaddingMask', keyPaddingMask, [batched ? [batch, places] : [places]]);
    hiding.push(keyPaddingMask.reshape([batch, 1, 1, places]));
  }
  if (isCausal && hiding.length === 0 && added === 0) return { causal: true };
  if (isCausal) hiding.push(ones([length, places], { dtype: 'bool' }).triu(1));
  if (hiding.length === 0) return {};
  const padded = hiding.map((mask): Tensor => (added === 0 ? mask : mask.pad([0, added])));
  if (padded.every(({ dtype }) => dtype === 'bool'))
    return { mask: padded.reduce((a, b) => a.logicalOr(b)).logicalNot() };
  return { mask: padded.map(asAdded).reduce((a, b) => a.add(b)) };
}

/** -Infinity where a bool mask hides, and 0 elsewhere; a mask of floats as it is. */
const asAdded = (mask: Tensor): Tensor => (mask.dtype === 'bool' ? where(mask, -Infinity, 0) : mask);

function checkMask(name: string, mask: unknown, shapes: readonly Shape[]): void {
  const expected = (): string => shapes.map(showShape).join(' or ');
  if (!(mask instanceof Tensor))
    throw new ArgumentError(`${layer}: expected ${name} to be a tensor of shape ${expected()}, got ${kindOf(mask)}`);
  if (mask.dtype !== 'bool' && !isFloat(mask.dtype))
    throw new DTypeError(`${layer}: expected ${name} to be of bool or floats, got dtype ${mask.dtype}`);
  if (!shapes.some(shape => sameShape(mask.shape, shape)))
    throw new ShapeError(`${layer}: expected ${name} of shape ${expected()}, got ${showShape(mask.shape)}`);
}
