import fc from 'fast-check';
import { cat, Generator, noGrad, randint, randn, stack, type Tensor, tensor, where } from 'tapegrad';

/** One instruction: what is done, to which of the values so far, with numbers that say where. */
export interface Instruction {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly i: number;
  readonly j: number;
}

/** A program: the shapes of what it works on, and what it does. */
export interface Program {
  readonly shape: number[];
  readonly instructions: Instruction[];
}

/** The tensors that a program closes over. */
export interface State {
  readonly buffer: Tensor;
  readonly counts: Tensor;
  readonly weight: Tensor;
}

type Step = (a: Tensor, b: Tensor, i: number, j: number, state: State) => Tensor | void;

/** The largest tensor that a program may make. */
const mostElements = 20_000;

const dimOf = (x: Tensor, i: number): number => i % Math.max(1, x.ndim);

const dimsOf = (x: Tensor, i: number): number[] | undefined => {
  const dims = Array.from(x.shape as number[], (_, d) => d).filter(d => ((i + 1) >> d) % 2 === 1);
  return dims.length === 0 ? undefined : dims;
};

const sizeAfter = (a: Tensor, b: Tensor): number | undefined => {
  const [x, y] = [[...a.shape].reverse(), [...b.shape].reverse()] as number[][];
  let size = 1;
  for (let d = 0; d < Math.max(x.length, y.length); d++) {
    const [m, n] = [x[d] ?? 1, y[d] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return undefined;
    size *= Math.max(m, n);
  }
  return size <= mostElements ? size : undefined;
};

const isFloat = (x: Tensor): boolean => x.dtype === 'float32';

/** b as something that a goes together with. */
const beside = (a: Tensor, b: Tensor, i: number): Tensor => {
  if (sizeAfter(a, b) !== undefined) return b;
  if (a.ndim === 0) return b.sum().tanh();
  return i % 2 === 0 ? a.amax(dimOf(a, i), { keepdim: true }) : a.flip(dimOf(a, i));
};

const tame = (x: Tensor): Tensor => (isFloat(x) ? x.tanh() : x.dtype === 'int32' ? x.remainder(17) : x);

const both =
  (op: (a: Tensor, b: Tensor) => Tensor): Step =>
  (a, b, i) =>
    tame(op(a, beside(a, b, i)));

const ofFloats =
  (op: (a: Tensor, i: number, j: number) => Tensor): Step =>
  (a, _, i, j) =>
    isFloat(a) ? op(a, i, j) : undefined;

const onDim =
  (op: (a: Tensor, dim: number, i: number, j: number) => Tensor): Step =>
  (a, _, i, j) =>
    a.ndim > 0 ? op(a, dimOf(a, i), i, j) : undefined;

const floatsOnDim =
  (op: (a: Tensor, dim: number, j: number) => Tensor): Step =>
  (a, _, i, j) =>
    a.ndim > 0 && isFloat(a) ? op(a, dimOf(a, i), j) : undefined;

const fold =
  (op: (a: Tensor, dims: number[] | undefined, keepdim: boolean) => Tensor): Step =>
  (a, _, i, j) =>
    op(a, dimsOf(a, i), j % 2 === 0);

const part = (x: Tensor, i: number, j: number): Tensor => {
  if (x.ndim === 0) return x;
  const dim = dimOf(x, i);
  const n = x.shape[dim] as number;
  const start = j % n;
  return x.slice(dim, start, Math.max(start + 1, n - (i % 3)), 1 + (j % 3));
};

const idsFor = (x: Tensor, dim: number, i: number, j: number, length: number): Tensor => {
  const n = x.shape[dim] as number;
  return tensor(
    Array.from({ length }, (_, k) => (j + k * (i + 1)) % n),
    { dtype: 'int32' },
  );
};

/** Ids of the whole shape of x, made of x itself. */
const drawnIds = (x: Tensor, dim: number): Tensor =>
  (x.dtype === 'int32' ? x : x.to('float32').mul(0).add(2).to('int32'))
    .remainder(x.shape[dim] as number)
    .abs()
    .to('int32');

const write = (target: Tensor, source: Tensor): void => {
  const to = target.shape as number[];
  const from = source.shape as number[];
  const lead = to.length - from.length;
  const fits = lead >= 0 && from.every((n, d) => n === 1 || n === to[d + lead]);
  const same = fits ? source : source.to('float32').mean().tanh();
  // A float as a whole number would tell roundings apart.
  const value = !isFloat(target) && isFloat(same) ? same.mul(0).add(3) : same;
  noGrad(() => target.assign(value.to(target.dtype).detach()));
};

const product = (a: Tensor, b: Tensor): Tensor | undefined => {
  const [m, n] = [a.shape as number[], b.shape as number[]];
  if (!isFloat(a) || !isFloat(b) || a.ndim < 2 || b.ndim < 2 || m.at(-1) !== n.at(-2)) return undefined;
  const lead = [m.slice(0, -2).reverse(), n.slice(0, -2).reverse()];
  let size = m.at(-2)! * n.at(-1)!;
  for (let d = 0; d < Math.max(lead[0].length, lead[1].length); d++) {
    const [p, q] = [lead[0][d] ?? 1, lead[1][d] ?? 1];
    if (p !== q && p !== 1 && q !== 1) return undefined;
    size *= Math.max(p, q);
  }
  return size <= mostElements ? a.matmul(b).mul(1 / m.at(-1)!) : undefined;
};

const divisor = (n: number, i: number): number => [2, 3, 4, 5].find((d, k) => k >= i % 4 && n % d === 0) ?? 1;

/** What instructions do; values stay within some bounds, so that rounding stays small. */
export const steps: Readonly<Record<string, Step>> = {
  tanh: ofFloats(a => a.tanh()),
  sigmoid: ofFloats(a => a.sigmoid()),
  exp: ofFloats(a => a.tanh().exp().mul(0.3)),
  sin: ofFloats(a => a.sin()),
  log: ofFloats(a => a.abs().add(0.5).log()),
  neg: a => (a.dtype === 'bool' ? a.logicalNot() : a.neg()),
  abs: a => (a.dtype === 'bool' ? undefined : a.abs()),
  relu: a => (a.dtype === 'bool' ? undefined : a.relu()),
  square: a => (a.dtype === 'bool' ? undefined : tame(a.square())),
  scale: ofFloats((a, i) => a.mul(i / 7).add(0.25)),
  add: both((a, b) => a.add(b)),
  mul: both((a, b) => a.mul(b)),
  sub: both((a, b) => a.to('float32').sub(b.to('float32'))),
  div: both((a, b) => a.to('float32').div(b.to('float32').abs().add(0.5))),
  maximum: both((a, b) => a.maximum(b)),
  minimum: both((a, b) => a.minimum(b)),
  lt: both((a, b) => (isFloat(a) || isFloat(b) ? a.add(b) : a.lt(b))),
  eq: both((a, b) => (isFloat(a) || isFloat(b) ? a.sub(b) : a.eq(b))),
  and: both((a, b) => a.gt(0).logicalXor(b.le(0))),
  where: both((a, b) => where(a.gt(b), a, b)),
  toInt: a => (isFloat(a) ? a.mul(0).add(3).to('int32') : a.to('int32')),
  toFloat: a => a.to('float32'),
  toBool: a => (isFloat(a) ? a.mul(0).add(1).to('bool') : a.to('bool')),
  sum: fold((a, dims, keepdim) => {
    const s = a.sum(dims, { keepdim });
    return isFloat(s) ? s.mul(s.size / Math.max(1, a.size)) : s.remainder(17);
  }),
  mean: fold((a, dims, keepdim) => a.to('float32').mean(dims, { keepdim })),
  amax: fold((a, dims, keepdim) => a.amax(dims, { keepdim })),
  amin: fold((a, dims, keepdim) => a.amin(dims, { keepdim })),
  prod: floatsOnDim((a, dim, j) =>
    a
      .tanh()
      .mul(0.01)
      .add(1)
      .prod(dim, { keepdim: j % 2 === 0 })
      .tanh(),
  ),
  softmax: floatsOnDim((a, dim) => a.softmax(dim)),
  logSoftmax: floatsOnDim((a, dim) => a.logSoftmax(dim).mul(0.2)),
  logsumexp: floatsOnDim((a, dim, j) => a.logsumexp(dim, { keepdim: j % 2 === 0 }).mul(0.2)),
  layerNorm: floatsOnDim(a => a.layerNorm([a.shape.at(-1)!]).tanh()),
  centre: floatsOnDim((a, dim) => a.sub(a.mean(dim, { keepdim: true }))),
  cumsum: floatsOnDim((a, dim) => a.cumsum(dim).mul(1 / (a.shape[dim] as number))),
  matmul: (a, b) => product(a, b),
  matmulTurned: (a, b) => (b.ndim >= 2 ? product(a, b.transpose(-1, -2)) : undefined),
  gram: (a, _, i) =>
    a.ndim < 2 ? undefined : i % 2 === 0 ? product(a, a.transpose(-1, -2)) : product(a.transpose(-1, -2), a),
  gramFlipped: (a, _, i) => (a.ndim < 2 ? undefined : product(a.flip(dimOf(a, i)), a.transpose(-1, -2).clone())),
  permute: (a, _, i) => (a.ndim >= 2 ? a.permute(Array.from(a.shape, (_, d) => (d + 1 + i) % a.ndim)) : undefined),
  transpose: (a, _, i, j) => (a.ndim >= 2 ? a.transpose(dimOf(a, i), dimOf(a, j)) : undefined),
  flat: a => a.reshape([-1]),
  splitDim: (a, _, i) => a.reshape((i % 2 === 0 ? [divisor(a.size, i), -1] : [-1, divisor(a.size, i)]) as number[]),
  unsqueeze: (a, _, i) => (a.ndim < 4 ? a.unsqueeze(i % (a.ndim + 1)) : undefined),
  expand: (a, _, i) => {
    if (a.ndim >= 4 || a.size * (i + 2) > mostElements) return undefined;
    const at = i % (a.ndim + 1);
    const shape = [...(a.shape as number[])];
    shape.splice(at, 0, i + 2);
    return a.unsqueeze(at).expand(shape);
  },
  part: (a, _, i, j) => part(a, i, j),
  select: onDim((a, dim, _, j) => a.select(dim, j % (a.shape[dim] as number))),
  flip: onDim((a, dim) => a.flip(dim)),
  cat: (a, b, i) =>
    a.ndim === 0 || 2 * a.size > mostElements
      ? undefined
      : cat([a, `${a.shape}` === `${b.shape}` && a.dtype === b.dtype ? b : a.flip(0)], dimOf(a, i)),
  stack: (a, _, i) => (a.ndim < 4 && 2 * a.size <= mostElements ? stack([a, tame(a)], i % (a.ndim + 1)) : undefined),
  pieces: onDim((a, dim, i, j) => {
    const pieces = a.split(1 + (i % 4), dim);
    return pieces[j % pieces.length];
  }),
  indexSelect: onDim((a, dim, i, j) => a.indexSelect(dim, idsFor(a, dim, i, j, 1 + j))),
  gather: onDim((a, dim) => a.gather(dim, drawnIds(a, dim))),
  scatterAdd: floatsOnDim((a, dim) => a.mul(0).add(1).scatterAdd(dim, drawnIds(a, dim), a).tanh()),
  scatterAddOwn: floatsOnDim((a, dim) => a.scatterAdd(dim, drawnIds(a, dim), a.mul(0.5)).tanh()),
  clone: a => a.clone(),
  detach: a => a.detach(),
  buffer: (_a, _b, _i, _j, { buffer }) => buffer.detach(),
  counts: (_a, _b, _i, _j, { counts }) => counts.detach(),
  weight: (_a, _b, i, _j, { weight }) => (i % 2 === 0 ? weight.mul(0.5) : weight.tanh()),
  times: both((a, b) => a.to('float32').mul(b.to('float32'))),
  writeBuffer: (a, _b, _i, _j, { buffer }) => write(buffer, tame(a)),
  writePart: (a, _b, i, j, { buffer }) => write(part(buffer, i, j), tame(a)),
  writeTurned: (a, _b, i, j, { buffer }) =>
    write(buffer.ndim < 2 ? buffer : buffer.transpose(dimOf(buffer, i), dimOf(buffer, j)), tame(a)),
  writeFlipped: (a, _b, i, _j, { buffer }) => write(buffer.ndim === 0 ? buffer : buffer.flip(dimOf(buffer, i)), a),
  writeCounts: (a, _b, i, j, { counts }) => write(part(counts, i, j), isFloat(a) ? a.mul(0).add(4) : a),
  moveBuffer: (_a, _b, i, j, { buffer }) => {
    if (buffer.ndim === 0) return;
    const dim = dimOf(buffer, i);
    const n = buffer.shape[dim] as number;
    const length = Math.max(1, n - 2);
    write(buffer.narrow(dim, j % (n - length + 1), length), buffer.narrow(dim, i % (n - length + 1), length).mul(0.5));
  },
  writeArgument: (a, b, i, j) => {
    if (!b.requiresGrad) write(part(b, i, j), tame(a));
  },
  writeOwn: (a, b, i, j) => {
    const own = a.detach().clone();
    write(part(own, i, j), b);
    return own;
  },
};

const names = Object.keys(steps);

const sizes = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33, 64, 70, 130);

/** Programs of up to so many instructions, on tensors of up to four dims. */
export const programs = (most: number): fc.Arbitrary<Program> =>
  fc.record({
    shape: fc.array(sizes, { maxLength: 4 }).filter(shape => shape.reduce<number>((n, size) => n * size, 1) <= 6_000),
    instructions: fc.array(
      fc.record({ name: fc.constantFrom(...names), a: fc.nat(5), b: fc.nat(5), i: fc.nat(7), j: fc.nat(7) }),
      { minLength: 1, maxLength: most },
    ),
  });

export const stateOf = ({ shape }: Program, seed: number): State => {
  const generator = new Generator(seed);
  const weight: Tensor = randn(shape, { generator });
  weight.requiresGrad = true;
  return { buffer: randn(shape, { generator }), counts: randint(-5, 9, shape, { generator }), weight };
};

/** Runs a program; gives its values, leaves the gradient of some in the weight, and then moves the weight. */
export function play({ instructions }: Program, state: State, x: Tensor, y: Tensor, n: Tensor): Tensor[] {
  const values: Tensor[] = [n, x, y];
  const { weight } = state;
  weight.zeroGrad();
  for (const { name, a, b, i, j } of instructions) {
    // The latest values are the likeliest operands.
    const at = (back: number): Tensor => values[Math.max(0, values.length - 1 - back)];
    const made = steps[name](at(a), at(b), i, j, state);
    if (made !== undefined) values.push(made as Tensor);
  }
  const made = values.slice(3);
  const loss = made
    .filter(value => value.requiresGrad)
    .reduce<Tensor | undefined>((sum, value, k) => {
      const term: Tensor = k % 2 === 0 ? value.tanh().mean() : value.square().mean();
      return sum === undefined ? term : sum.add(term);
    }, undefined);
  if (loss !== undefined) {
    loss.backward();
    const { grad } = weight;
    if (grad !== null) noGrad(() => weight.assign(weight.sub(grad.mul(0.1))));
  }
  // What nobody sees gives the compiler its freedom.
  return made.filter((_, k) => k % 3 === 2 || k === made.length - 1).map(value => value.detach());
}
