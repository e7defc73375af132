import { ShapeError } from '../errors.ts';
import { type BroadcastDims, findClash, tryBroadcast } from './broadcast.ts';
import { type Shape, showShape } from './shape.ts';
import type { IsDyn, Show, ShowDim, Unknown } from './types.ts';

const op = 'scaledDotProductAttention';

/** The shape of the scores of queries [..., L, E] and keys [..., S, E]: [..., L, S], whose leading dims broadcast. */
export function scoresShape(q: Shape, k: Shape): Shape {
  checkMatrices('q', q);
  checkMatrices('k', k);
  const [e, f] = [q[q.length - 1], k[k.length - 1]];
  if (e !== f) throw new ShapeError(`${op}: last dims of q ${showShape(q)} and k ${showShape(k)} differ, ${e} vs ${f}`);
  return [...leadingShape('k', q, k), q[q.length - 2], k[k.length - 2]];
}

/** The shape of attention: queries [..., L, E], keys [..., S, E] and values [..., S, Ev] give [..., L, Ev]. */
export function attentionShape(q: Shape, k: Shape, v: Shape): Shape {
  const scores = scoresShape(q, k);
  checkMatrices('v', v);
  const [s, t] = [k[k.length - 2], v[v.length - 2]];
  if (s !== t) throw new ShapeError(`${op}: places of k ${showShape(k)} and v ${showShape(v)} differ, ${s} vs ${t}`);
  return [...leadingShape('v', scores, v), q[q.length - 2], v[v.length - 1]];
}

function checkMatrices(name: string, shape: Shape): void {
  if (shape.length < 2) throw new ShapeError(`${op}: ${name} must have at least two dims, got ${showShape(shape)}`);
}

function leadingShape(name: string, a: Shape, b: Shape): Shape {
  const [m, n] = [a.slice(0, -2), b.slice(0, -2)];
  const out = tryBroadcast(m, n);
  if (out !== undefined) return out;
  throw new ShapeError(
    `${op}: leading dims ${showShape(m)} and ${showShape(n)} of ${name} do not broadcast: ${findClash(m, n)}`,
  );
}

/** The shape of the scores, [..., L, S]. */
export type Scores<Q extends Shape, K extends Shape> = true extends IsDyn<Q> | IsDyn<K>
  ? Unknown
  : Q extends readonly [...infer QLead extends Shape, infer L extends number, infer E extends number]
    ? K extends readonly [...infer KLead extends Shape, infer S extends number, infer F extends number]
      ? [E & F] extends [never]
        ? `scaledDotProductAttention: last dims of q ${Show<Q>} and k ${Show<K>} differ, ${ShowDim<E>} vs ${ShowDim<F>}`
        : Leading<'k', QLead, KLead> extends infer Lead
          ? Lead extends Shape
            ? [...Lead, L, S]
            : Lead
          : never
      : TooFewDims<'k', K>
    : TooFewDims<'q', Q>;

/** The shape of attention, [..., L, Ev]; where the scores have none, that is told at the keys alone. */
export type Attention<Q extends Shape, K extends Shape, V extends Shape> =
  Scores<Q, K> extends infer R
    ? R extends Shape
      ? true extends IsDyn<R> | IsDyn<V>
        ? Unknown
        : R extends readonly [...infer Lead extends Shape, infer L extends number, infer S extends number]
          ? V extends readonly [...infer VLead extends Shape, infer T extends number, infer Ev extends number]
            ? [S & T] extends [never]
              ? `scaledDotProductAttention: places of k ${Show<K>} and v ${Show<V>} differ, ${ShowDim<S>} vs ${ShowDim<T>}`
              : Leading<'v', Lead, VLead> extends infer All
                ? All extends Shape
                  ? [...All, L, Ev]
                  : All
                : never
            : TooFewDims<'v', V>
          : never
      : Unknown
    : never;

type TooFewDims<
  Name extends string,
  S extends Shape,
> = `scaledDotProductAttention: ${Name} must have at least two dims, got ${Show<S>}`;

type Leading<Name extends string, A extends Shape, B extends Shape> =
  BroadcastDims<A, B> extends infer R
    ? R extends string
      ? `scaledDotProductAttention: leading dims ${Show<A>} and ${Show<B>} of ${Name} do not broadcast: ${R}`
      : R
    : never;
