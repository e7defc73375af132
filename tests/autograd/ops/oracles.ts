import { type Tensor, tensor } from '@tapegrad/autograd';
import fc from 'fast-check';

/** An element of nested arrays by its index. */
export const pick = (nested: any, index: readonly number[]): any => index.reduce((part, i) => part[i], nested);

/** Nested arrays of a shape whose elements are what `element` makes of their index. */
export function build(shape: readonly number[], element: (index: number[]) => any, index: number[] = []): any {
  if (index.length === shape.length) return element(index);
  return Array.from({ length: shape[index.length] }, (_, i) => build(shape, element, [...index, i]));
}

/** All indices of a shape, in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, n) => found.flatMap(index => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

/** Where an index of the broadcast result lies in an operand of `shape`. */
export const broadcastIndex = (index: readonly number[], shape: readonly number[]): number[] =>
  index.slice(index.length - shape.length).map((i, d) => (shape[d] === 1 ? 0 : i));

/** Small sizes, 0 and 1 among them. */
export const sizes = fc.integer({ min: 0, max: 4 });

/** Numbers with few bits, so that sums and products of some of them are exact in any order. */
export const elements = fc.integer({ min: -40, max: 40 }).map(n => n / 8);

/** A float64 tensor of a shape. */
export const tensorOf = (shape: readonly number[], from: fc.Arbitrary<number> = elements): fc.Arbitrary<Tensor> => {
  const size = shape.reduce((n, m) => n * m, 1);
  return fc
    .array(from, { minLength: size, maxLength: size })
    .map(data => tensor(Float64Array.from(data), { shape: [...shape] }));
};

/** Two shapes that broadcast: some dims of a common one are 1 or missing in each. */
export const broadcastable: fc.Arbitrary<[number[], number[]]> = fc
  .array(fc.tuple(sizes, fc.boolean(), fc.boolean()), { maxLength: 4 })
  .chain(dims =>
    fc
      .tuple(fc.nat(dims.length), fc.nat(dims.length))
      .map(([skipA, skipB]): [number[], number[]] => [
        dims.map(([n, one]) => (one ? 1 : n)).slice(skipA),
        dims.map(([n, , one]) => (one ? 1 : n)).slice(skipB),
      ]),
  );

/** A tensor and the same seen through a row of random views: transposed, sliced, flipped, expanded. */
export const viewed: fc.Arbitrary<Tensor> = fc
  .tuple(
    fc.array(sizes, { minLength: 1, maxLength: 3 }).chain(shape => tensorOf(shape)),
    fc.array(fc.nat(), { maxLength: 6 }),
  )
  .map(([x, moves]) => moves.reduce(move, x));

function move(x: Tensor, code: number): Tensor {
  const dim = Math.floor(code / 5) % x.ndim;
  const n = Math.floor(code / 100);
  switch (code % 5) {
    case 0:
      return x.transpose(dim, n % x.ndim);
    case 1:
      return x.slice(dim, n % (x.shape[dim] + 1), undefined, 1 + (n % 3));
    case 2:
      return x.flip(dim);
    case 3:
      return x.ndim < 4 ? x.unsqueeze(dim).expand([...x.shape.slice(0, dim), 2, ...x.shape.slice(dim)]) : x;
    default:
      return x.ndim > 1 && x.shape[dim] > 0 ? x.select(dim, n % x.shape[dim]) : x;
  }
}
