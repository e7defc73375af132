import fc from 'fast-check';
import { cat, Generator, noGrad, randn, type Tensor, tensor, where } from 'tapegrad';

/** One instruction: what is done, to which of the values so far, with two numbers that say where. */
export interface Instruction {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly i: number;
  readonly j: number;
}

/** The tensors that a program closes over. */
export interface State {
  readonly matrix: Tensor;
  readonly list: Tensor;
  readonly weight: Tensor;
}

type Step = (a: Tensor, b: Tensor, i: number, j: number, state: State) => Tensor | void;

const dimOf = (x: Tensor, i: number): number => i % Math.max(1, x.ndim);

const broadcasts = (a: Tensor, b: Tensor): boolean => {
  const [x, y] = [[...a.shape].reverse(), [...b.shape].reverse()];
  return x.every((n, d) => y[d] === undefined || n === 1 || y[d] === 1 || n === y[d]);
};

const both =
  (op: (a: Tensor, b: Tensor) => Tensor): Step =>
  (a, b) =>
    broadcasts(a, b) && a.ndim + b.ndim < 8 ? op(a, b) : op(a, a.sum());

/** b, made so that it can be written to a tensor of this shape. */
const fitting = (b: Tensor, target: Tensor): Tensor =>
  broadcasts(target, b) &&
  b.ndim <= target.ndim &&
  (b.shape as number[]).every((n, d) => n === 1 || n === target.shape[d + target.ndim - b.ndim])
    ? b
    : b.sum().tanh();

const part = (x: Tensor, i: number, j: number): Tensor => {
  const dim = dimOf(x, i);
  const n = x.shape[dim] ?? 1;
  if (x.ndim === 0) return x;
  const start = j % n;
  return x.slice(dim, start, Math.max(start + 1, n - (i % 2)), 1 + (j % 2));
};

const write = (target: Tensor, source: Tensor): void => {
  noGrad(() => target.assign(fitting(source, target).detach()));
};

/** What instructions do; all values stay within some bounds, so that rounding stays small. */
export const steps: Readonly<Record<string, Step>> = {
  tanh: a => a.tanh(),
  sigmoid: a => a.sigmoid(),
  neg: a => a.neg(),
  relu: a => a.relu(),
  sin: a => a.sin(),
  scale: (a, _, i) => a.mul(i / 7).add(0.25),
  add: both((a, b) => a.add(b).mul(0.5)),
  mul: both((a, b) => a.tanh().mul(b.tanh())),
  sub: both((a, b) => a.sub(b).tanh()),
  where: both((a, b) => where(a.gt(b), a, b)),
  matmul: (a, b) => (a.ndim === 2 && b.ndim === 2 && a.shape[1] === b.shape[0] ? a.matmul(b) : undefined),
  matmulTransposed: (a, b) => (a.ndim === 2 && b.ndim === 2 && a.shape[1] === b.shape[1] ? a.matmul(b.t()) : undefined),
  product: (a, b, i, j, { weight }) => {
    if (a.ndim !== 2 || a.shape[1] !== 6) return undefined;
    const w = i % 2 === 0 ? weight : weight.t();
    const product = a.matmul(w).mul(0.25);
    return j % 2 === 0 && b.ndim === 2 && b.shape[1] === 6 && b.shape[0] === a.shape[0]
      ? a.matmul(w).add(b.matmul(weight))
      : product;
  },
  productTurned: (a, _b, _i, _j, { weight }) =>
    a.ndim === 2 && a.shape[1] === 6 ? a.matmul(weight).t().matmul(a).t().mul(0.1) : undefined,
  transpose: a => (a.ndim >= 2 ? a.transpose(0, a.ndim - 1) : undefined),
  flat: a => a.reshape([-1]),
  split: (a, _, i) =>
    a.size % 2 === 0 && a.size > 0 ? (i % 2 === 0 ? a.reshape([2, -1]) : a.reshape([-1, 2])) : undefined,
  flip: (a, _, i) => (a.ndim > 0 ? a.flip(dimOf(a, i)) : undefined),
  part: (a, _, i, j) => part(a, i, j),
  select: (a, _, i, j) => (a.ndim > 0 ? a.select(dimOf(a, i), j % a.shape[dimOf(a, i)]) : undefined),
  rows: (a, _, i, j) => {
    if (a.ndim === 0) return undefined;
    const n = a.shape[dimOf(a, i)];
    return a.indexSelect(dimOf(a, i), tensor([j % n, 0, (j + 1) % n], { dtype: 'int32' }));
  },
  unsqueeze: (a, _, i) => (a.ndim < 3 ? a.unsqueeze(i % (a.ndim + 1)) : undefined),
  clone: (a, _, i) => (i % 2 === 0 && a.ndim === 2 ? a.t().clone() : a.clone()),
  sum: (a, _, i, j) => (a.ndim > 0 ? a.sum(dimOf(a, i), { keepdim: j % 2 === 0 }).mul(0.3) : undefined),
  mean: a => a.mean(),
  max: (a, _, i, j) => (a.ndim > 0 ? a.amax(dimOf(a, i), { keepdim: j % 2 === 0 }) : undefined),
  softmax: (a, _, i) => (a.ndim > 0 ? a.softmax(dimOf(a, i)) : undefined),
  logSoftmax: (a, _, i) => (a.ndim > 0 ? a.logSoftmax(dimOf(a, i)).tanh() : undefined),
  normal: a => (a.ndim > 0 ? a.sub(a.mean(-1, { keepdim: true })) : undefined),
  cumsum: (a, _, i) => (a.ndim > 0 ? a.cumsum(dimOf(a, i)).mul(0.2) : undefined),
  cat: (a, b, i) =>
    a.ndim > 0 ? cat([a, broadcasts(a, b) && `${a.shape}` === `${b.shape}` ? b : a.neg()], dimOf(a, i)) : undefined,
  matrix: (_a, _b, _i, _j, { matrix }) => matrix.detach(),
  list: (_a, _b, _i, _j, { list }) => list.detach(),
  copyOfMatrix: (_a, _b, _i, _j, { matrix }) => matrix.mul(0.5),
  writeMatrix: (a, _b, _i, _j, { matrix }) => write(matrix, a),
  writeRow: (a, _b, i, j, { matrix }) => write(part(matrix, i, j), a),
  writeTurned: (a, _b, i, _j, { matrix }) => write(i % 2 === 0 ? matrix.t() : matrix.flip(0), a),
  writeList: (a, _b, i, j, { list }) => write(part(list, i, j), a),
  moveList: (_a, _b, i, j, { list }) => write(list.slice(0, i % 4, 8), list.slice(0, j % 4, 8).mul(0.5)),
  writeOwn: (a, b, i, j) => {
    const own = a.detach().mul(1);
    write(part(own, i, j), b);
    return own;
  },
};

const names = Object.keys(steps);

/** Programs of up to so many instructions. */
export const programs = (most: number): fc.Arbitrary<Instruction[]> =>
  fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      a: fc.nat(5),
      b: fc.nat(5),
      i: fc.nat(6),
      j: fc.nat(6),
    }),
    { minLength: 1, maxLength: most },
  );

export const stateOf = (seed: number): State => {
  const generator = new Generator(seed);
  const weight: Tensor = randn([6, 6], { generator });
  weight.requiresGrad = true;
  return { matrix: randn([4, 6], { generator }), list: randn([12], { generator }), weight };
};

/** Runs a program; its values are the results, and the gradient of all of them is left in the weight. */
export function play(instructions: readonly Instruction[], state: State, x: Tensor, y: Tensor): Tensor[] {
  const values: Tensor[] = [x, y];
  state.weight.zeroGrad();
  for (const { name, a, b, i, j } of instructions) {
    // The latest values are the likeliest operands.
    const at = (back: number): Tensor => values[Math.max(0, values.length - 1 - back)];
    const made = steps[name](at(a), at(b), i, j, state);
    if (made !== undefined) values.push(made as Tensor);
  }
  const made = values.slice(2);
  const loss = made
    .filter((value, k) => k % 3 === 0 && value.requiresGrad)
    .reduce<Tensor | undefined>((sum, value) => {
      const term: Tensor = value.tanh().mean();
      return sum === undefined ? term : sum.add(term);
    }, undefined);
  loss?.backward();
  // What nobody sees gives the compiler its freedom.
  return made.filter((_, k) => k % 4 === 3 || k === made.length - 1).map(value => value.detach());
}
