import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, checkOptionNames, type Shape, ShapeError, sameShape, showShape } from '@tapegrad/tensor';

/** Throws unless x is a tensor of one of the ranks whose dims are named, the last of them being features. */
export function checkInput(
  layer: string,
  x: unknown,
  features: number,
  dims: readonly (readonly string[])[],
  name = 'x',
): void {
  const expected = (): string => dims.map(names => `[${[...names, features].join(', ')}]`).join(' or ');
  if (!(x instanceof Tensor))
    throw new ArgumentError(`${layer}: expected ${name} to be a tensor of shape ${expected()}, got ${kindOf(x)}`);
  const shape: Shape = x.shape;
  if (!dims.some(names => names.length === shape.length - 1) || shape[shape.length - 1] !== features)
    throw new ShapeError(`${layer}: expected ${name} of shape ${expected()}, got ${showShape(shape)}`);
}

/**
 * Throws unless x is a tensor of shape [batch, channels], and then the dims of one of the lists; any dims where there is no
 * list.
 */
export function checkChannels(
  layer: string,
  x: unknown,
  channels: number,
  dims?: readonly (readonly string[])[],
): void {
  const lists = dims ?? [['...']];
  const expected = (): string => lists.map(names => `[${['batch', channels, ...names].join(', ')}]`).join(' or ');
  if (!(x instanceof Tensor))
    throw new ArgumentError(`${layer}: expected x to be a tensor of shape ${expected()}, got ${kindOf(x)}`);
  const fits = dims === undefined ? x.ndim >= 2 : dims.some(names => names.length === x.ndim - 2);
  if (!fits || x.shape[1] !== channels)
    throw new ShapeError(`${layer}: expected x of shape ${expected()}, got ${showShape(x.shape)}`);
}

/** The tensors of a state, all of one shape: a single one comes bare, several come in an array. */
export function checkState(
  layer: string,
  state: unknown,
  names: readonly string[],
  shape: Shape,
  dims: string,
): readonly Tensor[] {
  const list = names.length === 1 ? [state] : state;
  if (!Array.isArray(list) || list.length !== names.length)
    throw new ArgumentError(`${layer}: expected state to be [${names.join(', ')}], got ${kindOf(state)}`);
  return list.map((part: unknown, i) => {
    if (!(part instanceof Tensor))
      throw new ArgumentError(`${layer}: expected state ${names[i]} to be a tensor, got ${kindOf(part)}`);
    if (!sameShape(part.shape, shape))
      throw new ShapeError(
        `${layer}: expected state ${names[i]} of shape ${showShape(shape)} (${dims}), got ${showShape(part.shape)}`,
      );
    return part;
  });
}

/**
 * The options of a layer, or none; throws for anything else, such as the `false` or the stride that PyTorch has in their
 * place, and for an option that there is not.
 */
export function optionsOf<T extends object>(
  layer: string,
  options: T | undefined,
  names: readonly (keyof T & string)[],
): T | Record<string, never> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ArgumentError(`${layer}: expected the options to be an object, got ${kindOf(options)}`);
  checkOptionNames(layer, options, names);
  return options;
}

/** Throws unless x is a tensor. */
export function checkTensor(layer: string, x: unknown): void {
  if (!(x instanceof Tensor)) throw new ArgumentError(`${layer}: expected x to be a tensor, got ${kindOf(x)}`);
}

/** What a value is, in an error. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a promise: await it';
  if (value instanceof Tensor) return `a tensor of shape ${showShape(value.shape)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value;
}
