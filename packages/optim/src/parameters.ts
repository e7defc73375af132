import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, GradError, showShape } from '@tapegrad/tensor';

/** Tensors that may have gradients, in any iterable; a single tensor stands for a list of one. */
export type Parameters = Tensor | Iterable<Tensor>;

/** The tensors as a list, after a check that this is what they are. */
export function listOf(op: string, params: Parameters): Tensor[] {
  const list = iterate(op, params);
  list.forEach((p, i) => {
    if (!(p instanceof Tensor))
      throw new ArgumentError(`${op}: expected parameter ${i} to be a tensor, got ${kindOf(p)}`);
  });
  return list as Tensor[];
}

/** What an iterable holds; a tensor, though it is one over its rows, counts as a single thing. */
export function iterate(op: string, params: unknown): unknown[] {
  if (params instanceof Tensor) return [params];
  if (typeof params !== 'object' || params === null || !(Symbol.iterator in params))
    throw new ArgumentError(
      `${op}: expected params to be tensors in an array or another iterable, got ${kindOf(params)}`,
    );
  return [...(params as Iterable<unknown>)];
}

/** Throws unless every parameter is a leaf, and none is among those before it or in `others`. */
export function checkLeaves(op: string, params: readonly Tensor[], others: readonly Tensor[]): void {
  const seen = new Set(others);
  params.forEach((p, i) => {
    const which = `parameter ${i}, of shape ${showShape(p.shape)},`;
    if (!p.isLeaf) throw new GradError(`${op}: expected leaf tensors, but ${which} is the result of an operation`);
    if (seen.has(p)) throw new ArgumentError(`${op}: expected each parameter once, but ${which} is there twice`);
    seen.add(p);
  });
}

/** What a value is, in an error. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a promise: await it';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : typeof value;
}

/** Throws unless `dict` is an object, as what `stateDict()` gives. */
export function checkDict(dict: unknown): void {
  if (typeof dict !== 'object' || dict === null || dict instanceof Promise)
    throw new ArgumentError(`loadStateDict: expected a dict of tensors, got ${kindOf(dict)}`);
}
