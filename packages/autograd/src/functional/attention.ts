import {
  ArgumentError,
  attentionShape,
  DTypeError,
  type Generator,
  isFloat,
  type Shape,
  ShapeError,
  scoresShape,
  showShape,
  tryBroadcast,
} from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkNumber, checkTensor } from './operands.ts';

/** Where queries may look, and how sharply. */
export interface ScoreOptions {
  /**
   * Broadcasts to [..., L, S]: of bool, true where a query may look at a key; of floats, added to the scores. Default:
   * everywhere.
   */
  readonly mask?: Tensor | null;
  /** Whether query i sees keys 0..i alone. Default false; not together with a mask. */
  readonly causal?: boolean;
  /** The factor of the products of queries and keys. Default 1 / √E. */
  readonly scale?: number;
}

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions extends ScoreOptions {
  /** The probability with which a weight is dropped, in training. Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly training?: boolean;
  /** Where the mask of the dropout comes from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

const op = 'scaledDotProductAttention';

/** softmax(scale q k^T + mask) v: queries [..., L, E], keys [..., S, E] and values [..., S, Ev] give [..., L, Ev]. */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const { dropout = 0, training = true, generator } = options;
  checkTensor(op, 'k', k);
  checkTensor(op, 'v', v);
  attentionShape(q.shape, k.shape, v.shape);
  checkDTypes(q, k, v);
  checkNumber(op, 'dropout', dropout);
  if (!(dropout >= 0 && dropout <= 1))
    throw new ArgumentError(`${op}: expected a probability dropout in [0, 1], got ${dropout}`);
  const weights = attentionWeights(q, k, options);
  return weights.dropout(dropout, { training, generator }).matmul(v);
}

/**
 * softmax(scale q k^T + mask) over the keys: the weights [..., L, S] with which queries [..., L, E] look at keys
 * [..., S, E]. They are all zero for a query that the mask hides every key from (where the softmax is 0 / 0), and no
 * gradient flows there; PyTorch has it so since 2.5.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: ScoreOptions): Tensor {
  const { mask, causal = false, scale = 1 / Math.sqrt(q.shape[q.ndim - 1]) } = options;
  const shape = scoresShape(q.shape, k.shape);
  checkDTypes(q, k);
  checkNumber(op, 'scale', scale);
  const given = mask !== undefined && mask !== null;
  if (given) checkMask(mask, shape);
  if (given && causal) throw new ArgumentError(`${op}: expected a mask or causal, got both`);
  const scores: Tensor = q.mul(scale).matmul(k.transpose(-2, -1));
  if (causal) return scores.maskedFill(after(q, shape), -Infinity).softmax(-1);
  if (!given) return scores.softmax(-1);
  return maskedSoftmax(scores, mask.ndim === 0 ? mask.unsqueeze(0) : mask);
}

/** Rows that are hidden altogether are computed with ordinary numbers first, so that no NaN comes of them, nor back. */
function maskedSoftmax(scores: Tensor, mask: Tensor): Tensor {
  if (mask.dtype === 'bool') {
    const blind = mask.any(-1, { keepdim: true }).logicalNot();
    const hidden = blind.choose(0, -Infinity).to(scores.dtype);
    return mask.choose(scores, hidden).softmax(-1).maskedFill(blind, 0);
  }
  const bias = mask.to(scores.dtype);
  const blind = bias.eq(-Infinity).all(-1, { keepdim: true });
  return scores.add(bias).maskedFill(blind, 0).softmax(-1).maskedFill(blind, 0);
}

/** True where a key comes after the query, [L, S]. */
function after(q: Tensor, shape: Shape): Tensor {
  return q.filled(shape.slice(-2), 1, 'bool').triu(1);
}

function checkDTypes(...tensors: readonly Tensor[]): void {
  const dtypes = tensors.map(x => x.dtype);
  if (!isFloat(dtypes[0]) || dtypes.some(dtype => dtype !== dtypes[0]))
    throw new DTypeError(`${op}: expected q, k and v of one float dtype, got ${dtypes.join(', ')}`);
}

function checkMask(mask: unknown, shape: Shape): asserts mask is Tensor {
  checkTensor(op, 'the mask', mask);
  if (mask.dtype !== 'bool' && !isFloat(mask.dtype))
    throw new DTypeError(`${op}: expected a bool mask or one of floats, got dtype ${mask.dtype}`);
  if (tryBroadcast(mask.shape, shape)?.join() !== shape.join())
    throw new ShapeError(
      `${op}: expected a mask that broadcasts to the scores ${showShape(shape)}, got ${showShape(mask.shape)}`,
    );
}
