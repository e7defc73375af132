import { ShapeError } from '../errors.ts';
import { type Shape, sameShape, showShape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** The shape of an elementwise operation: aligned at the right, sizes must be equal, or one of them 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const out = tryBroadcast(a, b);
  if (out !== undefined) return out;
  throw new ShapeError(`${op}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ${findClash(a, b)}`);
}

/** The shape that all of `shapes` broadcast to. */
export function broadcastAll(op: string, shapes: readonly Shape[]): Shape {
  let out: Shape = [];
  for (let i = 0; i < shapes.length; i++) out = broadcastShapes(op, out, shapes[i]);
  return out;
}

/** The shape that both broadcast to, `a` or `b` itself where it is one of them; undefined when they do not fit. */
export function tryBroadcast(a: Shape, b: Shape): Shape | undefined {
  if (sameShape(a, b) || b.length === 0) return a;
  if (a.length === 0) return b;
  const longer = a.length >= b.length ? a : b;
  const shorter = longer === a ? b : a;
  const shift = longer.length - shorter.length;
  let out: number[] | undefined;
  for (let d = 0; d < shorter.length; d++) {
    const m = longer[d + shift];
    const n = shorter[d];
    if (m === n || n === 1) continue;
    if (m !== 1) return undefined;
    out ??= longer.slice();
    out[d + shift] = n;
  }
  if (out === undefined) return longer;
  return sameShape(out, shorter) ? shorter : out;
}

/** The rightmost sizes that do not fit, `3 vs 4`, as in the types. */
export function findClash(a: Shape, b: Shape): string {
  let i = a.length - 1;
  let j = b.length - 1;
  for (; i > 0 && j > 0 && (a[i] === b[j] || a[i] === 1 || b[j] === 1); i--) j--;
  return `${a[i]} vs ${b[j]}`;
}

/** The shape `to` with every -1 filled in from `from`, which must broadcast to it; new dims come first. */
export function checkExpand(op: string, from: Shape, to: Shape): Shape {
  const out = to.slice();
  const shift = to.length - from.length;
  if (shift < 0) throw doesNotExpand(op, from, to, ', which has fewer dims');
  for (let d = to.length - 1; d >= 0; d--) {
    const n = to[d];
    if (!Number.isInteger(n) || n < -1) {
      throw new ShapeError(`${op}: sizes must be whole numbers, or -1 to keep one, got ${showShape(to)}`);
    }
    if (d < shift) {
      if (n === -1) throw doesNotExpand(op, from, to, ', where -1 stands for no dim');
      continue;
    }
    const size = from[d - shift];
    if (n === -1) out[d] = size;
    else if (size !== n && size !== 1) throw doesNotExpand(op, from, to, `: ${size} vs ${n}`);
  }
  return sameShape(from, out) ? from : out;
}

const doesNotExpand = (op: string, from: Shape, to: Shape, why: string): ShapeError =>
  new ShapeError(`${op}: shape ${showShape(from)} does not expand to ${showShape(to)}${why}`);

/** The shape of an elementwise operation on shapes A and B. */
export type Broadcast<A extends Shape, B extends Shape> = A extends unknown
  ? B extends unknown
    ? true extends IsDyn<A> | IsDyn<B>
      ? Unknown
      : BroadcastDims<A, B> extends infer R
        ? R extends string
          ? `shapes ${Show<A>} and ${Show<B>} do not broadcast: ${R}`
          : R
        : never
    : never
  : never;

/** The shape that all shapes of the list L broadcast to. */
export type BroadcastAll<L extends readonly Shape[], Out extends Shape = []> = L extends readonly [
  infer First extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? Broadcast<Out, First> extends infer R
    ? R extends Shape
      ? BroadcastAll<Rest, R>
      : R
    : never
  : number extends L['length']
    ? Unknown
    : Out;

/** Broadcasting of shapes of known rank, from the right; the text of the clash, `3 vs 4`, when they do not fit. */
export type BroadcastDims<A extends Shape, B extends Shape, Out extends number[] = []> = A extends readonly [
  ...infer As extends Shape,
  infer M extends number,
]
  ? B extends readonly [...infer Bs extends Shape, infer N extends number]
    ? [BroadcastDim<M, N>] extends [never]
      ? `${ShowDim<M>} vs ${ShowDim<N>}`
      : BroadcastDims<As, Bs, [BroadcastDim<M, N>, ...Out]>
    : [...A, ...Out]
  : [...B, ...Out];

/** `never` when M and N clash; a size known only at run time takes the other one's value, since `number & 4` is 4. */
type BroadcastDim<M extends number, N extends number> = M extends 1 ? N : N extends 1 ? M : M & N;

/** The shape of `expand`: T, where -1 keeps the size that S has there. */
export type Expand<S extends Shape, T extends Shape> =
  true extends IsDyn<T>
    ? Unknown
    : true extends IsDyn<S>
      ? { -readonly [D in keyof T]: T[D] extends -1 ? number : T[D] }
      : ExpandDims<S, T> extends infer R
        ? R extends string
          ? `expand: shape ${Show<S>} does not expand to ${Show<T>}${R}`
          : R
        : never;

type ExpandDims<S extends Shape, T extends Shape, Out extends number[] = []> = S extends readonly [
  ...infer Ss extends Shape,
  infer M extends number,
]
  ? T extends readonly [...infer Ts extends Shape, infer N extends number]
    ? [ExpandDim<M, N>] extends [never]
      ? `: ${ShowDim<M>} vs ${ShowDim<N>}`
      : ExpandDims<Ss, Ts, [ExpandDim<M, N>, ...Out]>
    : ', which has fewer dims'
  : [Extract<T[number], -1>] extends [never]
    ? [...T, ...Out]
    : ', where -1 stands for no dim';

type ExpandDim<M extends number, N extends number> = N extends -1 ? M : M extends 1 ? N : M & N;
