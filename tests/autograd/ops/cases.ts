import { eye, type Tensor, tensor, where } from 'tapegrad';
import { convolutionCases } from './cases-convolution.ts';
import { type Case, type Fn, type Name, none, spread } from './inputs.ts';

export { type Fn, type Name, spread };

const ids = (data: any, shape?: number[]): Tensor => tensor(data, { dtype: 'int32', shape });

/** The shapes that every function of one operand is checked at, 0-d and sizes 0 and 1 among them. */
const unary = (fn: (x: Tensor) => Tensor, low = -2, high = 2): Case[] => [
  ...[[], [1], [5], [2, 3], [1, 2, 1]].map(shape => ({
    of: `shape [${shape}]`,
    fn,
    inputs: [spread(shape, low, high)],
  })),
  { of: 'shape [2, 0]', fn, inputs: [none(2, 0)] },
];

const pairs: [number[], number[]][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [2]],
  [[2], []],
  [[], []],
  [[1], [1]],
  [
    [2, 1, 2],
    [3, 1],
  ],
  [[0, 3], [3]],
  [[1], [0]],
];

/** The shapes that every function of two operands is checked at: broadcasting both ways, and into nothing. */
const binary = (fn: (x: Tensor, y: Tensor) => Tensor, low = -2, high = 2): Case[] =>
  pairs.map(([a, b]) => {
    // Their elements interleave, so that no two of them tie.
    const x = a.includes(0) ? none(...a) : spread(a, low, high);
    const y = b.includes(0) ? none(...b) : spread(b, low + 0.013, high + 0.013);
    return { of: `shapes [${a}] and [${b}]`, fn: fn as Fn, inputs: [x, y] };
  });

const reductions = (fn: (x: Tensor, dim?: any, options?: any) => Tensor, nothing = true): Case[] => [
  ...([undefined, 0, -1, [0, 2], [0, 1, 2]] as const).flatMap(dim =>
    [false, true].map(keepdim => ({
      of: `dim ${dim}${keepdim ? ', kept' : ''}`,
      fn: (x: Tensor) => fn(x, dim, { keepdim }),
      inputs: [spread([2, 3, 2])],
    })),
  ),
  { of: 'a scalar', fn: x => fn(x), inputs: [spread([])] },
  { of: 'dims of size 1', fn: x => fn(x, [0, 2]), inputs: [spread([1, 3, 1])] },
  ...(nothing ? [{ of: 'a dim of size 0', fn: (x: Tensor) => fn(x, 1), inputs: [none(2, 0)] }] : []),
  { of: 'nothing that stays', fn: x => fn(x, 1), inputs: [none(0, 2)] },
];

const along = (fn: (x: Tensor, dim: number) => Tensor): Case[] => [
  ...[0, 1, -1].map(dim => ({ of: `dim ${dim}`, fn: (x: Tensor) => fn(x, dim), inputs: [spread([2, 3, 2])] })),
  { of: 'a scalar', fn: x => fn(x, 0), inputs: [spread([])] },
  { of: 'one element', fn: x => fn(x, 0), inputs: [spread([1])] },
  { of: 'nothing', fn: x => fn(x, 1), inputs: [none(2, 0)] },
];

const zeros = tensor(
  [
    [0, 2, 3],
    [4, 0, 0],
    [1.5, -2, 3],
  ],
  { dtype: 'float64' },
);
const mask = tensor([
  [true, false, true],
  [false, false, true],
]);

const f64 = (data: number[]): Tensor => tensor(data, { dtype: 'float64' });

/** Square matrices of elements up to 2 with so much more on the diagonal that they are far from singular. */
const farFromSingular = (x: Tensor): Tensor => x.add(eye(x.shape[x.ndim - 1], { dtype: x.dtype }).mul(9));

const positiveDefinite = (x: Tensor): Tensor => farFromSingular(x.matmul(x.transpose(-1, -2)));

/** For every primitive the cases that its gradient is checked at, or that it has none. */
export const cases: Record<Name, Case[] | 'no gradient'> = {
  neg: unary(x => x.neg()),
  abs: unary(x => x.abs()),
  sign: unary(x => x.sign()),
  square: unary(x => x.square()),
  sqrt: unary(x => x.sqrt(), 0.2, 3),
  rsqrt: unary(x => x.rsqrt(), 0.2, 3),
  reciprocal: unary(x => x.reciprocal(), 0.3, 3),
  exp: unary(x => x.exp()),
  expm1: unary(x => x.expm1()),
  log: unary(x => x.log(), 0.2, 3),
  log1p: unary(x => x.log1p(), -0.7, 2),
  log2: unary(x => x.log2(), 0.2, 3),
  log10: unary(x => x.log10(), 0.2, 3),
  sin: unary(x => x.sin()),
  cos: unary(x => x.cos()),
  tan: unary(x => x.tan(), -1, 1),
  asin: unary(x => x.asin(), -0.8, 0.8),
  acos: unary(x => x.acos(), -0.8, 0.8),
  atan: unary(x => x.atan()),
  sinh: unary(x => x.sinh()),
  cosh: unary(x => x.cosh()),
  tanh: unary(x => x.tanh()),
  asinh: unary(x => x.asinh()),
  acosh: unary(x => x.acosh(), 1.3, 4),
  atanh: unary(x => x.atanh(), -0.8, 0.8),
  erf: unary(x => x.erf(), -3, 3),
  sigmoid: unary(x => x.sigmoid()),
  softplus: unary(x => x.softplus()),
  relu: unary(x => x.relu()),
  hardsigmoid: unary(x => x.hardsigmoid(), -4, 4),
  hardswish: unary(x => x.hardswish(), -4, 4),
  leakyRelu: unary(x => x.leakyRelu(0.2)),
  elu: unary(x => x.elu(0.7)),
  clamp: [
    ...unary(x => x.clamp(-0.7, 1.1)),
    ...unary(x => x.hardtanh(-0.7, 1.1)).map(c => ({ ...c, of: `${c.of}, stopping at the bounds` })),
    { of: 'a lower bound', fn: x => x.clamp(0.1), inputs: [spread([5])] },
    { of: 'an upper bound', fn: x => x.clamp(undefined, 0.1), inputs: [spread([5])] },
    {
      of: 'bounds that are tensors',
      fn: (x, low, high) => x.clamp(low, high),
      inputs: [spread([3, 4]), spread([4]).sub(0.65), spread([3, 1]).add(0.65)],
    },
  ],
  floor: unary(x => x.floor()),
  ceil: unary(x => x.ceil()),
  round: unary(x => x.round()),
  trunc: unary(x => x.trunc()),
  add: binary((x, y) => x.add(y)),
  sub: binary((x, y) => x.sub(y)),
  mul: binary((x, y) => x.mul(y)),
  div: binary((x, y) => x.div(y), 0.4, 2),
  pow: [
    ...binary((x, y) => x.pow(y), 0.4, 2),
    ...[0, 1, 2, 3, -1, 0.5].map(p => ({
      of: `exponent ${p}`,
      fn: (x: Tensor) => x.pow(p),
      inputs: [spread([4], 0.3, 2)],
    })),
    { of: 'negative bases with whole exponents', fn: x => x.pow(3), inputs: [spread([4], -2, -0.5)] },
    { of: 'the base 0 with exponent 3', fn: x => x.pow(3), inputs: [tensor([0, 1], { dtype: 'float64' })] },
  ],
  maximum: binary((x, y) => x.maximum(y)),
  minimum: binary((x, y) => x.minimum(y)),
  atan2: binary((x, y) => x.atan2(y), 0.3, 2),
  remainder: binary((x, y) => x.remainder(y), 0.5, 3),
  eq: 'no gradient',
  ne: 'no gradient',
  lt: 'no gradient',
  le: 'no gradient',
  gt: 'no gradient',
  ge: 'no gradient',
  logicalAnd: 'no gradient',
  logicalOr: 'no gradient',
  logicalXor: 'no gradient',
  where: [
    { of: 'one shape', fn: (a, b) => where(mask, a, b), inputs: [spread([2, 3]), spread([2, 3])] },
    { of: 'broadcast choices', fn: (a, b) => where(mask, a, b), inputs: [spread([3]), spread([2, 1])] },
    { of: 'a broadcast condition', fn: (a, b) => where(mask.select(0, 0), a, b), inputs: [spread([2, 1]), spread([])] },
    { of: 'a number', fn: a => where(mask, a, 2), inputs: [spread([2, 3])] },
    { of: 'nothing', fn: (a, b) => where(ids([], [0]).eq(0), a, b), inputs: [none(0), spread([1])] },
  ],
  cast: unary(x => x.to('float64').mul(2).to('float64')),
  copy: unary(x => x.clone()),
  matmul: [
    [
      [2, 3],
      [3, 2],
    ],
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [
      [2, 2, 3],
      [3, 2],
    ],
    [
      [2, 3],
      [2, 3, 1],
    ],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    [
      [1, 2, 3],
      [2, 3, 2],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [[3], [2, 3, 2]],
    [[2, 2, 3], [3]],
    [
      [0, 3],
      [3, 2],
    ],
    [
      [2, 0],
      [0, 2],
    ],
    [
      [2, 3],
      [3, 0],
    ],
    [
      [0, 2, 3],
      [3, 2],
    ],
  ].map(([a, b]) => ({
    of: `shapes [${a}] and [${b}]`,
    fn: ((x: Tensor, y: Tensor) => x.matmul(y)) as Fn,
    inputs: [a, b].map(s => (s.includes(0) ? none(...s) : spread(s))),
  })),
  reshape: [
    { of: 'another shape', fn: x => x.reshape([3, -1]), inputs: [spread([2, 3])] },
    { of: 'a scalar', fn: x => x.reshape([1, 1]), inputs: [spread([])] },
    { of: 'nothing', fn: x => x.reshape([0]), inputs: [none(2, 0)] },
  ],
  permute: [
    { of: 'three dims', fn: x => x.permute([2, 0, 1]), inputs: [spread([2, 3, 2])] },
    { of: 'no dims', fn: x => x.permute([]), inputs: [spread([])] },
    { of: 'nothing', fn: x => x.permute([1, 0]), inputs: [none(2, 0)] },
  ],
  expand: [
    { of: 'new dims and old', fn: x => x.expand([2, 3, 2]), inputs: [spread([3, 1])] },
    { of: 'a scalar', fn: x => x.expand([2, 2]), inputs: [spread([])] },
    { of: 'to nothing', fn: x => x.expand([0, 3]), inputs: [spread([1, 3])] },
  ],
  slice: [
    { of: 'with a step', fn: x => x.slice(1, 1, undefined, 2), inputs: [spread([2, 5])] },
    { of: 'from the end', fn: x => x.slice(-1, -2), inputs: [spread([2, 3])] },
    { of: 'one element', fn: x => x.slice(0, 1, 2), inputs: [spread([3])] },
    { of: 'nothing', fn: x => x.slice(0, 2, 1), inputs: [spread([3])] },
    { of: 'overlapping slices', fn: x => x.slice(0, 0, 3).mul(x.slice(0, 1, 4)), inputs: [spread([4])] },
  ],
  sliceAdd: [
    {
      of: 'a part',
      fn: (x, y) => x.sliceAdd(y, { dim: 1, start: 1, length: 2, step: 2 }),
      inputs: [spread([2, 4]), spread([2, 2])],
    },
    {
      of: 'nothing',
      fn: (x, y) => x.sliceAdd(y, { dim: 0, start: 1, length: 0, step: 1 }),
      inputs: [spread([2]), none(0)],
    },
  ],
  select: [
    { of: 'a middle dim', fn: x => x.select(1, 2), inputs: [spread([2, 3, 2])] },
    { of: 'one twice', fn: x => x.select(0, -1).mul(x.select(0, 1)), inputs: [spread([2])] },
    { of: 'nothing', fn: x => x.select(0, 0), inputs: [none(2, 0)] },
  ],
  flip: [
    { of: 'two dims', fn: x => x.flip([0, -1]), inputs: [spread([2, 3, 2])] },
    { of: 'nothing', fn: x => x.flip(1), inputs: [none(2, 0)] },
  ],
  cat: [
    {
      of: 'three of different sizes',
      fn: (a, b, c) => a.join([b, c], 1),
      inputs: [spread([2, 1]), none(2, 0), spread([2, 3])],
    },
    { of: 'one twice', fn: a => a.join([a], 0), inputs: [spread([2])] },
  ],
  pad: [
    { of: 'both ends of two dims', fn: x => x.pad([1, 2, 0, 1], { value: 3 }), inputs: [spread([2, 3])] },
    { of: 'dims in front that stay', fn: x => x.pad([1, 0]), inputs: [spread([2, 1, 2])] },
    { of: 'one end that is cut', fn: x => x.pad([-1, 2, 1, -1]), inputs: [spread([2, 3])] },
    { of: 'up to a shape', fn: x => x.padTo([3, 2]), inputs: [spread([1, 2])] },
    { of: 'one element', fn: x => x.pad([1, 1]), inputs: [spread([1])] },
    { of: 'nothing', fn: x => x.pad([1, 1]), inputs: [none(2, 0)] },
  ],
  indexSelect: [
    { of: 'repeated ids', fn: x => x.indexSelect(0, ids([2, 0, 2, 2])), inputs: [spread([3, 2])] },
    { of: 'the last dim', fn: x => x.indexSelect(-1, ids([1, 1])), inputs: [spread([2, 3])] },
    { of: 'no ids', fn: x => x.indexSelect(0, ids([], [0])), inputs: [spread([3])] },
    { of: 'one row', fn: x => x.indexSelect(0, ids([0, 0])), inputs: [spread([1, 2])] },
  ],
  indexAdd: [
    {
      of: 'repeated ids',
      fn: (x, y) => x.indexAdd(1, ids([2, 0, 2]), y),
      inputs: [spread([2, 3]), spread([2, 3])],
    },
    { of: 'no ids', fn: (x, y) => x.indexAdd(0, ids([], [0]), y), inputs: [spread([3]), none(0)] },
  ],
  gather: [
    {
      of: 'repeated ids',
      fn: x =>
        x.gather(
          1,
          ids([
            [0, 2, 2],
            [1, 1, 1],
          ]),
        ),
      inputs: [spread([2, 3])],
    },
    { of: 'fewer rows', fn: x => x.gather(0, ids([[2, 0]])), inputs: [spread([3, 2])] },
    { of: 'no ids', fn: x => x.gather(0, ids([], [0, 2])), inputs: [spread([3, 2])] },
  ],
  scatter: [
    {
      of: 'repeated ids, of which the last stays',
      fn: (x, y) =>
        x.scatter(
          1,
          ids([
            [0, 2, 2],
            [1, 1, 1],
          ]),
          y,
        ),
      inputs: [spread([2, 3]), spread([2, 3])],
    },
    {
      of: 'a source larger than the ids',
      fn: (x, y) => x.scatter(0, ids([[2, 0]]), y),
      inputs: [spread([3, 2]), spread([2, 3])],
    },
    { of: 'a number', fn: x => x.scatter(0, ids([1]), 5), inputs: [spread([3])] },
    { of: 'no ids', fn: (x, y) => x.scatter(0, ids([], [0]), y), inputs: [spread([3]), none(0)] },
  ],
  scatterAdd: [
    {
      of: 'repeated ids',
      fn: (x, y) =>
        x.scatterAdd(
          1,
          ids([
            [0, 2, 2],
            [1, 1, 1],
          ]),
          y,
        ),
      inputs: [spread([2, 3]), spread([2, 3])],
    },
    {
      of: 'a source larger than the ids',
      fn: (x, y) => x.scatterAdd(0, ids([[2, 0]]), y),
      inputs: [spread([3, 2]), spread([2, 3])],
    },
    { of: 'no ids', fn: (x, y) => x.scatterAdd(0, ids([], [0]), y), inputs: [spread([3]), none(0)] },
  ],
  sum: reductions((x, dim, options) => x.sum(dim, options)),
  sumSquares: reductions((x, dim, options) => x.norm(2, dim, options).square()),
  prod: [
    ...reductions((x, dim, options) => x.prod(dim, options)),
    { of: 'zeros', fn: x => x.prod(1), inputs: [zeros] },
    { of: 'zeros in all dims', fn: x => x.prod(), inputs: [zeros.slice(0, 0, 2)] },
  ],
  amax: reductions((x, dim, options) => x.amax(dim, options), false),
  amin: reductions((x, dim, options) => x.amin(dim, options), false),
  any: 'no gradient',
  all: 'no gradient',
  argmax: 'no gradient',
  argmin: 'no gradient',
  argsort: 'no gradient',
  topk: 'no gradient',
  cumsum: along((x, dim) => x.cumsum(dim)),
  cumprod: [
    ...along((x, dim) => x.cumprod(dim)),
    { of: 'zeros', fn: x => x.cumprod(0), inputs: [zeros] },
    { of: 'zeros in the last dim', fn: x => x.cumprod(1), inputs: [zeros] },
  ],
  ...convolutionCases,
  softmax: along((x, dim) => x.softmax(dim)),
  logSoftmax: along((x, dim) => x.logSoftmax(dim)),
  solve: [
    ...(
      [
        [[1, 1], [1]],
        [[2, 2], [2]],
        [
          [3, 3],
          [3, 2],
        ],
        [
          [2, 2, 2],
          [2, 2],
        ],
        [
          [2, 2, 2],
          [2, 1],
        ],
        [
          [2, 2],
          [3, 2, 1],
        ],
        [
          [2, 1, 2, 2],
          [2, 2, 1],
        ],
      ] as const
    ).map(([a, b]) => ({
      of: `shapes [${a}] and [${b}]`,
      fn: ((x: Tensor, y: Tensor) => farFromSingular(x).solve(y)) as Fn,
      inputs: [spread([...a]), spread([...b])],
    })),
    ...[
      [1, 1],
      [3, 3],
      [2, 2, 2],
    ].map(shape => ({
      of: `the inverse of shape [${shape}]`,
      fn: (x: Tensor) => farFromSingular(x).inverse(),
      inputs: [spread(shape)],
    })),
    { of: 'no columns', fn: (x, y) => x.solve(y), inputs: [spread([2, 2]), none(2, 0)] },
    { of: 'no rows', fn: (x, y) => x.solve(y), inputs: [none(0, 0), none(0, 2)] },
    { of: 'no matrices', fn: (x, y) => x.solve(y), inputs: [none(0, 2, 2), spread([2, 1])] },
  ],
  det: [
    ...[
      [1, 1],
      [2, 2],
      [3, 3],
      [2, 2, 2],
    ].map(shape => ({
      of: `shape [${shape}]`,
      fn: (x: Tensor) => x.det(),
      inputs: [spread(shape)],
    })),
    { of: 'a matrix of rank 1', fn: x => x.det(), inputs: [f64([1, 2, 3, 2, 4, 6, -1, -2, -3]).reshape([3, 3])] },
    { of: 'zeros', fn: x => x.det(), inputs: [f64([0, 0, 0, 0]).reshape([2, 2])] },
    { of: 'nine rows', fn: x => farFromSingular(x).div(9).det(), inputs: [spread([9, 9], -1, 1)] },
    { of: 'no rows', fn: x => x.det(), inputs: [none(2, 0, 0)] },
    { of: 'no matrices', fn: x => x.det(), inputs: [none(0, 2, 2)] },
  ],
  cholesky: [
    ...[
      [1, 1],
      [2, 2],
      [3, 3],
      [2, 2, 2],
    ].flatMap(shape =>
      [false, true].map(upper => ({
        of: `shape [${shape}], ${upper ? 'upper' : 'lower'}`,
        fn: (x: Tensor) => positiveDefinite(x).cholesky({ upper }),
        inputs: [spread(shape)],
      })),
    ),
    { of: 'no rows', fn: x => x.cholesky(), inputs: [none(2, 0, 0)] },
    { of: 'no matrices', fn: x => x.cholesky(), inputs: [none(0, 2, 2)] },
  ],
};
