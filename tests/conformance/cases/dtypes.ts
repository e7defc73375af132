import { type DType, type Tensor, tensor } from 'tapegrad';
import { type Case, pure } from '../case.ts';
import type { Draw } from '../draw.ts';

const dtypes: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

/** Numbers around zero of a dtype. */
function some(dtype: DType, draw: Draw, ...shape: number[]): Tensor {
  if (dtype === 'bool') return draw.mask(...shape);
  return dtype === 'int32' ? draw.ids(-20, 20, ...shape) : draw.distinct(...shape).to(dtype);
}

const big = [2147483647, -2147483648, 1, -1, 65536, -65537, 46341, 123456789, 0, 7];

/** Large whole numbers in an order that changes with the call. */
const bigIds = (call: number): Tensor =>
  tensor(
    big.map((_, i) => big[(3 * i + call) % big.length]),
    { dtype: 'int32' },
  );

const bigPairs = (_: Draw, call: number): Tensor[] => [bigIds(call).unsqueeze(1), bigIds(2 * call).unsqueeze(0)];

const isArithmetic = (a: DType, b: DType): boolean => a !== 'bool' || b !== 'bool';

export const dtypeCases: Case[] = [
  ...dtypes.flatMap(from =>
    dtypes.map(to =>
      pure(
        `a cast of ${from} to ${to}`,
        (x: Tensor) => x.to(to),
        draw => [some(from, draw, 3, 7)],
        {
          closeness: 'bits',
        },
      ),
    ),
  ),
  ...dtypes.flatMap(a =>
    dtypes.map(b =>
      pure(
        `${a} beside ${b}`,
        (x: Tensor, y: Tensor) => [
          x.add(y),
          x.mul(y),
          x.maximum(y),
          x.lt(y),
          x.eq(y),
          x.logicalXor(y),
          x.div(y.to('float32').abs().add(1)),
          ...(isArithmetic(a, b) ? [x.sub(y)] : []),
        ],
        draw => [some(a, draw, 3, 5), some(b, draw, 5)],
      ),
    ),
  ),
  ...dtypes.map(dtype =>
    pure(
      `a scalar tensor of ${dtype} beside tensors of every dtype`,
      (scalar: Tensor, ...all: Tensor[]) => all.map(x => x.mul(scalar)),
      draw => [some(dtype, draw), ...dtypes.map(d => some(d, draw, 4))],
    ),
  ),
  ...dtypes.map(dtype =>
    pure(
      `numbers beside ${dtype}`,
      (x: Tensor) => [x.add(2), x.mul(0.5), x.sub(1), x.gt(0), x.eq(1), x.maximum(0), x.div(4), x.logicalOr(0)],
      draw => [some(dtype, draw, 7)],
    ),
  ),
  ...(['int32', 'bool'] as const).map(dtype =>
    pure(
      `functions of floats on ${dtype}`,
      (x: Tensor) => [x.exp(), x.sigmoid(), x.softmax(0), x.sqrt(), x.tanh().sum()],
      draw => [some(dtype, draw, 6)],
    ),
  ),
  pure('sums, differences and products of int32 that wrap around', (x, y) => [x.add(y), x.sub(y), x.mul(y)], bigPairs),
  pure(
    'negation, size, sign and square of int32 that wrap around',
    x => [x.neg(), x.abs(), x.sign(), x.square()],
    (_, call) => [bigIds(call)],
  ),
  pure(
    'reductions of int32 that wrap around',
    x => [x.sum(), x.prod(), x.cumsum(0), x.cumprod(0), x.amax(), x.amin()],
    (_, call) => [bigIds(call)],
  ),
  pure('comparisons of large int32', (x, y) => [x.lt(y), x.eq(y), x.ge(y), x.maximum(y), x.minimum(y)], bigPairs),
  pure(
    'powers of int32',
    (x, y) => [x.pow(y), x.pow(2), x.pow(0), x.pow(11)],
    draw => [draw.ids(-9, 9, 4, 1), draw.ids(0, 40, 6)],
  ),
  pure(
    'remainders of int32 of either sign',
    (x, y) => x.remainder(y.mul(2).add(1)),
    draw => [draw.ids(-20, 20, 5, 1), draw.ids(-4, 4, 6)],
  ),
  pure(
    'quotients of int32, by zero too',
    (x, y) => [x.div(y), x.div(3)],
    draw => [draw.ids(-3, 3, 5, 1), draw.ids(-2, 2, 6)],
  ),
  pure(
    'products of matrices of int32',
    (x, y) => [x.matmul(y), y.t().matmul(x.t())],
    draw => [draw.ids(-9, 9, 3, 5), draw.ids(-9, 9, 5, 4)],
  ),
  pure(
    'numbers that int32 has not, cast to it',
    x => x.to('int32'),
    (draw, call) => [
      draw.of([
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        3e9,
        -3e9,
        2 ** 31,
        -(2 ** 31),
        5 + call,
      ]),
    ],
  ),
  pure(
    'numbers that float32 has not, cast to it',
    x => x.to('float32'),
    (_, call) => [tensor([1 / 3, 1e300, -1e300, 1e-300, 16777217, 0.1 + call, Number.NaN], { dtype: 'float64' })],
  ),
  pure(
    'int32 that float32 has not, cast to it and back',
    x => [x.to('float32'), x.to('float32').to('float64')],
    (_, call) => [tensor([16777217, 16777219, 2147483647, -2147483647, call], { dtype: 'int32' })],
  ),
  pure(
    'sums of float64 that float32 would round away',
    x => [x.sum(), x.add(1e-12), x.cumsum(0)],
    (_, call) => [tensor([1, 1e-10, 1e-12, call], { dtype: 'float64' })],
  ),
  pure(
    'float64 on the way of a program of float32',
    (x: Tensor) => x.to('float64').exp().sum(1).log().to('float32').mul(x.select(1, 0)),
    draw => [draw.normal(3, 8)],
  ),
  pure(
    'all four dtypes in one program',
    (x: Tensor, y: Tensor, ids: Tensor, mask: Tensor) => ({
      floats: x.maskedFill(mask, 0).sum(1),
      doubles: y.mul(ids),
      ids: ids.add(mask.to('int32')),
      truths: mask.logicalXor(x.gt(0)),
    }),
    draw => [draw.normal(3, 3), draw.distinct(3, 3).to('float64'), draw.ids(-5, 5, 3, 3), draw.mask(3, 3)],
  ),
  pure(
    'bool logic, counts, and whether all or any are true',
    (a: Tensor, b: Tensor) => [
      a.logicalAnd(b),
      a.logicalOr(b),
      a.logicalXor(b),
      a.logicalNot(),
      a.add(b),
      a.mul(b),
      a.sum(0),
      a.all(1),
      b.any(0),
      a.all(),
      b.any(),
      a.cumsum(1),
      a.argmax(1),
      a.eq(b),
    ],
    draw => [draw.mask(4, 3), draw.mask(4, 3)],
  ),
  pure(
    'gradients through casts between floats',
    (x: Tensor) => {
      const y: Tensor = x.to('float64').square().to('float32').mul(3);
      y.sum().backward();
      return [y.detach(), x.grad];
    },
    draw => [draw.leaf(5)],
  ),
];
