import { type Tensor, where } from 'tapegrad';
import { type Case, program, pure } from '../case.ts';
import type { Draw } from '../draw.ts';

const activations: Record<string, (x: Tensor) => Tensor> = {
  sigmoid: x => x.sigmoid(),
  tanh: x => x.tanh(),
  softplus: x => x.softplus(),
  softsign: x => x.softsign(),
  relu: x => x.relu(),
  leakyRelu: x => x.leakyRelu(0.2),
  elu: x => x.elu(1.5),
  selu: x => x.selu(),
  gelu: x => x.gelu(),
  'gelu by tanh': x => x.gelu({ approximate: 'tanh' }),
  silu: x => x.silu(),
  mish: x => x.mish(),
  hardtanh: x => x.hardtanh(-2, 1),
  hardsigmoid: x => x.hardsigmoid(),
  hardswish: x => x.hardswish(),
  'clamp between bounds': x => x.clamp(-1.5, 2.5),
  'clamp from below': x => x.clamp(-1),
  'clamp from above': x => x.clamp(undefined, 1),
};

const awkward = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 3.5, -2.5, 0.5];

/** Awkward numbers in an order that changes with the call. */
const awkwardNumbers = (draw: Draw, call: number): Tensor => draw.of(awkward.map((_, i) => awkward[(i + call) % 10]));

const pairs = (draw: Draw, call: number): Tensor[] => [
  awkwardNumbers(draw, call).unsqueeze(1),
  awkwardNumbers(draw, 2 * call).unsqueeze(0),
];

/** The lengths around which loops of four or eight elements at a time begin, end and have rests. */
const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65];

export const elementwiseCases: Case[] = [
  ...Object.entries(activations).map(([name, fn]) =>
    pure(`${name} over its bends`, fn, draw => [draw.uniform(-6, 6, 7, 9)]),
  ),
  pure(
    'elementwise operations of one another, each used once',
    (x, y) => x.mul(2).add(y).tanh().sub(y.square()).div(x.abs().add(1)).exp(),
    draw => [draw.normal(5, 7), draw.normal(5, 7)],
  ),
  pure(
    'a hundred elementwise operations in a row',
    (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 25; i++) y = y.mul(0.9).add(0.1).sin().sub(x.mul(0.05));
      return y;
    },
    draw => [draw.normal(17)],
  ),
  pure(
    'a value that several operations use',
    (x: Tensor) => {
      const shared = x.sigmoid();
      return shared
        .mul(shared.neg().add(1))
        .add(shared.sqrt())
        .sub(shared.div(shared.add(2)));
    },
    draw => [draw.normal(3, 5)],
  ),
  pure(
    'every value on the way as a result',
    (x: Tensor) => {
      const [a, b] = [x.exp(), x.neg()];
      const c = a.mul(b);
      return [a, b, c, c.add(a)];
    },
    draw => [draw.normal(4, 4)],
  ),
  pure(
    'the same subexpression written twice',
    (x, y) => [x.mul(y).exp().add(1), x.mul(y).exp().sub(1)],
    draw => [draw.normal(6), draw.normal(6)],
  ),
  pure(
    'operations that change nothing',
    x => [x.add(0), x.mul(1), x.div(1), x.sub(0), x.pow(1), x.neg().neg()],
    draw => [draw.normal(6)],
    { closeness: 'bits' },
  ),
  pure(
    'lengths around multiples of four',
    (...all: Tensor[]) => all.map(x => x.tanh().mul(x).add(0.5)),
    draw => lengths.map(n => draw.normal(n)),
  ),
  pure(
    'rows of lengths around multiples of four',
    (...all: Tensor[]) => all.map(x => x.add(x.select(0, 1)).exp().sum(1)),
    draw => lengths.map(n => draw.normal(3, n)),
  ),
  pure(
    'broadcasting of rows, columns and scalars',
    (row, column, scalar, matrix) => [
      row.add(column),
      column.mul(row).sub(scalar),
      matrix.div(column.abs().add(1)).add(row),
      scalar.add(matrix),
      scalar.mul(scalar),
      matrix.maximum(row).minimum(column),
    ],
    draw => [draw.normal(5), draw.normal(3, 1), draw.normal(), draw.normal(3, 5)],
  ),
  pure(
    'broadcasting through new dims on both sides',
    (x, y, z) => x.mul(y).add(z).tanh(),
    draw => [draw.normal(2, 1, 4), draw.normal(3, 1), draw.normal(5, 1, 1, 1)],
  ),
  pure(
    'a broadcast value that is then reduced and broadcast again',
    (x, y) => {
      const z = x.add(y);
      return z.sub(z.mean(0)).mul(z.sum(1, { keepdim: true }));
    },
    draw => [draw.normal(4, 1), draw.normal(6)],
  ),
  pure(
    'one element everywhere',
    (x, y, z) => x.mul(y).add(z).exp(),
    draw => [draw.normal(1), draw.normal(1, 1), draw.normal()],
  ),
  pure(
    'numbers that JavaScript has and float32 has not',
    x => [x.add(0.1), x.mul(1 / 3), x.sub(Math.PI)],
    draw => [draw.normal(5)],
  ),
  pure(
    'a number as an argument, a new one in every call',
    (x: Tensor, k: number) => x.mul(k).add(k),
    (draw, call) => [draw.normal(4), call + 0.5],
  ),
  pure(
    'an option as an argument',
    (x: Tensor, { keepdim, dims }) => x.sum(dims, { keepdim }),
    (draw, call) => [draw.normal(2, 3), { keepdim: call === 1, dims: call === 2 ? [0, 1] : 1 }],
  ),
  pure(
    'powers with exponents that are numbers',
    x => [0, 1, 2, 3, 4, 0.5, -1, -2, -0.5, 1.7].map(p => x.pow(p)),
    draw => [draw.uniform(0.2, 3, 9)],
  ),
  pure(
    'whole powers of negative numbers',
    x => [x.pow(2), x.pow(3), x.pow(-3), x.pow(0.5)],
    draw => [draw.uniform(-3, -0.2, 9)],
  ),
  pure(
    'powers with exponents that are tensors',
    (x, y) => [x.pow(y), x.pow(y.select(0, 0))],
    draw => [draw.uniform(0.2, 3, 3, 4), draw.uniform(-2, 2, 3, 4)],
  ),
  pure('comparisons of awkward numbers', (x, y) => [x.eq(y), x.ne(y), x.lt(y), x.le(y), x.gt(y), x.ge(y)], pairs),
  pure('the larger and the smaller of awkward numbers', (x, y) => [x.maximum(y), x.minimum(y)], pairs, {
    closeness: 'bits',
  }),
  pure(
    'arithmetic of awkward numbers',
    (x, y) => [x.add(y), x.sub(y), x.mul(y), x.div(y), x.pow(y), x.atan2(y), x.remainder(y)],
    pairs,
  ),
  pure(
    'logic of awkward numbers',
    (x, y) => [x.logicalAnd(y), x.logicalOr(y), x.logicalXor(y), x.logicalNot(), y.logicalAnd(0), y.logicalOr(2)],
    pairs,
  ),
  pure(
    'what is NaN, infinite and finite',
    x => [x.isNaN(), x.isInf(), x.isFinite()],
    (draw, call) => [awkwardNumbers(draw, call)],
  ),
  pure(
    'the signs of zeros',
    x => [x.neg(), x.abs(), x.sqrt(), x.trunc(), x.ceil(), x.floor(), x.clone(), x.mul(-1)],
    (draw, call) => [draw.of([0, -0, 4, call === 0 ? -0 : 0])],
    { closeness: 'bits' },
  ),
  pure(
    'halves rounded to even numbers',
    x => [x.round(), x.floor(), x.ceil(), x.trunc()],
    (draw, call) => [draw.of([-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 8388607.5].map(v => v + call))],
    { closeness: 'bits' },
  ),
  pure(
    'a choice with all three parts broadcast',
    (c, a, b) => where(c, a, b),
    draw => [draw.mask(4, 1), draw.normal(3), draw.normal(2, 1, 1)],
  ),
  pure(
    'a choice between numbers',
    c => [where(c, 1, 0), where(c, 2.5, -1)],
    draw => [draw.mask(3, 3)],
  ),
  pure(
    'NaN in the branch that is not taken',
    x => where(x.gt(0), x.log(), x.neg().sqrt()),
    draw => [draw.normal(21)],
  ),
  pure(
    'places filled with NaN and infinities',
    (x, mask) => [
      x.maskedFill(mask, Number.NaN),
      x.maskedFill(mask, Number.POSITIVE_INFINITY),
      x.maskedFill(mask, Number.NEGATIVE_INFINITY).exp(),
    ],
    draw => [draw.normal(5, 5), draw.mask(5, 5)],
  ),
  pure(
    'places filled by a mask that broadcasts',
    (x, mask) => x.maskedFill(mask, -7),
    draw => [draw.normal(3, 4), draw.mask(4)],
  ),
  pure(
    'a mask that is computed on the way',
    x => x.maskedFill(x.gt(0).logicalAnd(x.lt(1)), 9),
    draw => [draw.distinct(5, 5)],
  ),
  program('a closed-over scalar, row and matrix', draw => {
    const [scalar, row, matrix] = [draw.normal(), draw.normal(4), draw.normal(3, 4)];
    return {
      fn: (x: Tensor) => x.add(row).mul(matrix).sub(scalar),
      inputs: d => [d.normal(3, 4)],
      state: [scalar, row, matrix],
    };
  }),
  program('operations on closed-over tensors alone, without arguments', draw => {
    const [a, b] = [draw.normal(3), draw.normal(3)];
    return { fn: () => [a.mul(b), a.add(1).exp()], state: [a, b] };
  }),
];
