import { ShapeError } from '../errors.ts';
import { type BroadcastDims, findClash, tryBroadcast } from './broadcast.ts';
import { type Shape, showShape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

/** The shape of `a @ b`: vectors, matrices, and stacks of matrices whose leading dims broadcast. */
export function matmulShape(a: Shape, b: Shape): Shape {
  const m = a.length;
  const n = b.length;
  if (m === 0 || n === 0) {
    throw new ShapeError(`matmul: a scalar has no dim to multiply along, in ${showShape(a)} @ ${showShape(b)}`);
  }
  const inner = b[n === 1 ? 0 : n - 2];
  if (a[m - 1] !== inner) {
    throw new ShapeError(
      `matmul: inner dimensions differ, ${a[m - 1]} vs ${inner}, in ${showShape(a)} @ ${showShape(b)}`,
    );
  }
  if (m === 2 && n === 2) return [a[0], b[1]];
  if (n === 1) return a.slice(0, -1);
  const out = batchShape(a, b).slice();
  if (m > 1) out.push(a[m - 2]);
  out.push(b[n - 1]);
  return out;
}

function batchShape(a: Shape, b: Shape): Shape {
  if (a.length <= 2) return b.slice(0, -2);
  if (b.length === 2) return a.slice(0, -2);
  const m = a.slice(0, -2);
  const n = b.slice(0, -2);
  const out = tryBroadcast(m, n);
  if (out !== undefined) return out;
  throw new ShapeError(`matmul: batch dims of ${showShape(a)} @ ${showShape(b)} do not broadcast: ${findClash(m, n)}`);
}

/** The shape of `linear(x, weight, bias)`: x [..., in], weight [out, in], bias [out] give [..., out]. */
export function linearShape(x: Shape, weight: Shape, bias?: Shape): Shape {
  if (weight.length !== 2) throw new ShapeError(`linear: weight must be [out, in], got ${showShape(weight)}`);
  const features = weight[0];
  const last = x.length - 1;
  if (last < 0) throw new ShapeError('linear: x must have at least one dim, got []');
  if (x[last] !== weight[1]) {
    throw new ShapeError(
      `linear: last dim of x ${showShape(x)} is ${x[last]}, expected ${weight[1]}, as in weight ${showShape(weight)}`,
    );
  }
  if (bias !== undefined && (bias.length !== 1 || bias[0] !== features)) {
    throw new ShapeError(`linear: bias must be [${features}], got ${showShape(bias)}`);
  }
  if (x[last] === features) return x;
  const out = x.slice();
  out[last] = features;
  return out;
}

/** The shape of A @ B. */
export type MatMul<A extends Shape, B extends Shape> = true extends IsDyn<A> | IsDyn<B>
  ? Unknown
  : A extends readonly []
    ? ScalarOperand<A, B>
    : B extends readonly []
      ? ScalarOperand<A, B>
      : A extends readonly [infer K extends number]
        ? VectorMatMul<A, B, K>
        : A extends readonly [...infer Batch extends Shape, infer M extends number, infer K extends number]
          ? MatrixMatMul<A, B, Batch, M, K>
          : never;

/** A is a vector [K]. */
type VectorMatMul<A extends Shape, B extends Shape, K extends number> = B extends readonly [infer L extends number]
  ? Contract<A, B, K, L, []>
  : B extends readonly [...infer Batch extends Shape, infer L extends number, infer N extends number]
    ? Contract<A, B, K, L, [...Batch, N]>
    : never;

/** A is one matrix or a batch of them, [...Batch, M, K]. */
type MatrixMatMul<
  A extends Shape,
  B extends Shape,
  ABatch extends Shape,
  M extends number,
  K extends number,
> = B extends readonly [infer L extends number]
  ? Contract<A, B, K, L, [...ABatch, M]>
  : B extends readonly [...infer BBatch extends Shape, infer L extends number, infer N extends number]
    ? BroadcastDims<ABatch, BBatch> extends infer Batch
      ? Contract<A, B, K, L, Batch extends Shape ? [...Batch, M, N] : BatchClash<A, B, Batch>>
      : never
    : never;

/** Out, if the dims K and L that are summed over are equal. */
type Contract<A extends Shape, B extends Shape, K extends number, L extends number, Out> = [K & L] extends [never]
  ? `matmul: inner dimensions differ, ${ShowDim<K>} vs ${ShowDim<L>}, in ${Show<A>} @ ${Show<B>}`
  : Out;

type BatchClash<
  A extends Shape,
  B extends Shape,
  Clash,
> = `matmul: batch dims of ${Show<A>} @ ${Show<B>} do not broadcast: ${Clash & string}`;

type ScalarOperand<
  A extends Shape,
  B extends Shape,
> = `matmul: a scalar has no dim to multiply along, in ${Show<A>} @ ${Show<B>}`;

/** What a layer along the last dim does: [..., In] becomes [..., Out]. */
export type LastDim<Op extends string, X extends Shape, In extends number, Out extends number> =
  true extends IsDyn<X>
    ? Unknown
    : X extends readonly [...infer Batch extends Shape, infer Last extends number]
      ? [Last & In] extends [never]
        ? `${Op}: last dim of x ${Show<X>} is ${ShowDim<Last>}, expected ${ShowDim<In>}`
        : [...Batch, Out]
      : `${Op}: x must have at least one dim, got []`;

/** The shape of `linear(x, weight)` with weight [out, in]. */
export type LinearShape<X extends Shape, W extends Shape> =
  true extends IsDyn<W>
    ? LastDim<'linear', X, number, number>
    : W extends readonly [infer Out extends number, infer In extends number]
      ? LastDim<'linear', X, In, Out>
      : `linear: weight must be [out, in], got ${Show<W>}`;
