import { type Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError, DTypeError, FormatError, GradError, IndexError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { bools, ids, ints, nothing, op, refuses, scalar, x } from './refusals.ts';

describe('a dtype that an operation does not take is named', () => {
  refuses([
    ['at: expected an int32 or bool tensor as an index, got dtype float32', () => x.at(x), DTypeError],
    ['arange: expected a dtype of numbers, got bool', () => op.arange(5, { dtype: 'bool' }), DTypeError],
    ['linspace: expected a dtype of numbers, got bool', () => op.linspace(0, 1, 3, { dtype: 'bool' }), DTypeError],
    ['randint: expected a dtype of numbers, got bool', () => op.randint(0, 9, [2], { dtype: 'bool' }), DTypeError],
    ['randperm: expected a dtype of numbers, got bool', () => op.randperm(3, { dtype: 'bool' }), DTypeError],
    [
      "indexSelect: expected int32 ids, got dtype float32; make them with { dtype: 'int32' } or to('int32')",
      () => x.indexSelect(0, tensor([0])),
      DTypeError,
    ],
    [
      "embedding: expected int32 ids, got dtype bool; make them with { dtype: 'int32' } or to('int32')",
      () => bools.embedding(x),
      DTypeError,
    ],
    [
      "gather: expected int32 ids, got dtype float32; make them with { dtype: 'int32' } or to('int32')",
      () => x.gather(0, x),
      DTypeError,
    ],
    [
      "scatterAdd: expected int32 ids, got dtype float32; make them with { dtype: 'int32' } or to('int32')",
      () => x.scatterAdd(0, x, x),
      DTypeError,
    ],
    [
      "take: expected int32 ids, got dtype float32; make them with { dtype: 'int32' } or to('int32')",
      () => x.take(x),
      DTypeError,
    ],
    [
      "oneHot: expected int32 ids, got dtype float32; make them with { dtype: 'int32' } or to('int32')",
      () => x.oneHot(),
      DTypeError,
    ],
    [
      "scatter: expected a source of the tensor's dtype float32, got int32",
      () => x.scatter(0, ids([0, 0, 0]), ids([1, 1, 1])),
      DTypeError,
    ],
    ['maskedFill: expected a bool mask, got dtype float32', () => x.maskedFill(x, 0), DTypeError],
    ['where: expected a bool condition, got dtype float32', () => op.where(x, 1, 0), DTypeError],
    ['mean: expected a float tensor, got dtype int32', () => ints.mean(), DTypeError],
    ['variance: expected a float tensor, got dtype int32', () => ints.std(), DTypeError],
    ['norm: expected a float tensor, got dtype int32', () => ints.norm(), DTypeError],
    ['layerNorm: expected a float tensor, got dtype int32', () => ints.layerNorm(3), DTypeError],
    ['dropout: expected a float tensor, got dtype int32', () => ints.dropout(), DTypeError],
    [
      'scaledDotProductAttention: expected q, k and v of one float dtype, got int32, int32, int32',
      () => ints.scaledDotProductAttention(ints, ints),
      DTypeError,
    ],
    [
      'scaledDotProductAttention: expected q, k and v of one float dtype, got float32, float32, float64',
      () => x.scaledDotProductAttention(x, x.to('float64')),
      DTypeError,
    ],
    [
      'scaledDotProductAttention: expected a bool mask or one of floats, got dtype int32',
      () => x.scaledDotProductAttention(x, x, { mask: ids(1, 0) }),
      DTypeError,
    ],
    ['sub: expected numbers, got two bool tensors; use logicalXor or to()', () => bools.sub(bools), DTypeError],
    ['neg: expected numbers, got a bool tensor; use logicalNot or to()', () => bools.neg(), DTypeError],
    ['matmul: expected numbers, got two bool tensors; use to()', () => bools.matmul(bools), DTypeError],
    [
      'crossEntropy: expected int32 class ids as targets, got dtype bool; ' +
        "make ids with { dtype: 'int32' } or to('int32')",
      () => x.crossEntropy(tensor([true, false])),
      DTypeError,
    ],
    [
      "nllLoss: expected int32 class ids as targets, got dtype float32; make ids with { dtype: 'int32' } or to('int32')",
      () => x.nllLoss(tensor([0, 1])),
      DTypeError,
    ],
    ['to: expected float32, float64, int32 or bool, got "float16"', () => x.to('float16'), DTypeError],
    [
      'requiresGrad: only float tensors can require a gradient, got dtype int32',
      () => tensor([1], { dtype: 'int32', requiresGrad: true }),
      DTypeError,
    ],
    [
      'requiresGrad: only float tensors can require a gradient, got dtype bool',
      () => (tensor([true]).requiresGrad = true),
      DTypeError,
    ],
    [
      'zeros: expected a dtype, float32, float64, int32 or bool, got "int64"',
      () => op.zeros([1], { dtype: 'int64' }),
      DTypeError,
    ],
    [
      'tensor: expected a dtype, float32, float64, int32 or bool, got 3',
      () => op.tensor([1], { dtype: 3 }),
      DTypeError,
    ],
    ['rand: expected a float dtype, got "int32"', () => op.rand([1], { dtype: 'int32' }), DTypeError],
    ['randn: expected a float dtype, got "int32"', () => op.randnLike(ints), DTypeError],
    [
      'tensor: expected a typed array of numbers, such as a Float32Array, got BigInt64Array',
      () => op.tensor(BigInt64Array.of(1n)),
      DTypeError,
    ],
    [
      'tensor: expected a typed array of numbers, such as a Float32Array, got DataView',
      () => op.tensor(new DataView(new ArrayBuffer(4))),
      DTypeError,
    ],
  ]);
});

describe('a value that makes no sense is named', () => {
  refuses([
    [
      'scaledDotProductAttention: expected a mask or causal, got both',
      () => x.scaledDotProductAttention(x, x, { mask: tensor([true, false]), causal: true }),
      ArgumentError,
    ],
    [
      'scaledDotProductAttention: expected a probability dropout in [0, 1], got 2',
      () => x.scaledDotProductAttention(x, x, { dropout: 2 }),
      ArgumentError,
    ],
    ['randint: expected whole numbers low < high, got 3 and 3', () => op.randint(3, 3, [2]), ArgumentError],
    ['randint: expected whole numbers low < high, got 5 and [3]', () => op.randint(5, [3]), ArgumentError],
    ['randint: expected whole numbers low < high, got 0 and 1.5', () => op.randint(0, 1.5, [2]), ArgumentError],
    ['randn: expected generator to be a Generator, got 5', () => op.randn([2], { generator: 5 }), ArgumentError],
    ['rand: expected generator to be a Generator, got null', () => op.rand([2], { generator: null }), ArgumentError],
    [
      'randint: expected generator to be a Generator, got "a"',
      () => op.randint(0, 2, [1], { generator: 'a' }),
      ArgumentError,
    ],
    ['randperm: expected generator to be a Generator, got 5', () => op.randperm(2, { generator: 5 }), ArgumentError],
    [
      'bernoulli: expected generator to be a Generator, got {}',
      () => op.bernoulli(x, { generator: {} }),
      ArgumentError,
    ],
    [
      'tensor: expected a Uint8Array of bools, 0 or 1, got 127 at 1; pass { dtype } to take it as numbers',
      () => tensor(Uint8Array.of(0, 127)),
      ArgumentError,
    ],
    ['clamp: expected min or max, got neither', () => x.clamp(), ArgumentError],
    ['clamp: expected min to be a tensor or a number, got null', () => x.clamp(null), ArgumentError],
    ['clamp: expected max to be a number, got string', () => x.clamp(0, '1'), ArgumentError],
    ['clamp: expected max to be a tensor or a number, got string', () => x.clamp(x, '1'), ArgumentError],
    [
      "gelu: expected approximate to be 'none' or 'tanh', got \"fast\"",
      () => x.gelu({ approximate: 'fast' }),
      ArgumentError,
    ],
    ["pow: expected an exponent from 0 for dtype int32, got -1; use to('float32')", () => ints.pow(-1), ArgumentError],
    ['remainder: expected an int32 divisor other than 0, got 0', () => ints.remainder(0), ArgumentError],
    [
      "maskedFill: expected a value that int32 has, got Infinity; use to('float32') first",
      () => ints.maskedFill(bools, Infinity),
      ArgumentError,
    ],
    ['norm: expected a number p, got NaN', () => x.norm(Number.NaN), ArgumentError],
    ['topk: expected k in 0..3, the size of dim -1, got 4', () => x.topk(4), ArgumentError],
    ['topk: expected k in 0..1, the size of dim -1, got 2', () => scalar.topk(2), ArgumentError],
    ['slice: step must be a whole number from 1, got 0', () => x.slice(0, 0, 2, 0), ArgumentError],
    ['slice: step must be a whole number from 1, got -1', () => x.at([0, 2, -1]), ArgumentError],
    [
      "at: expected [start, stop, step], got 4 numbers; ids are a tensor: tensor([…], { dtype: 'int32' })",
      () => x.at([0, 1, 0, 1]),
      ArgumentError,
    ],
    ['split: size must be a whole number from 1, got 0', () => x.split(0), ArgumentError],
    ['split: sizes [1, 3] add up to 4, but dim 0 of [2, 3] is 2', () => x.split([1, 3]), ShapeError],
    ['chunk: the number of chunks must be a whole number from 1, got 0', () => x.chunk(0), ArgumentError],
    ['tile: reps must be whole numbers, not negative, got [-1]', () => x.tile([-1]), ShapeError],
    ['roll: expected one shift where no dims are named', () => x.roll([1, 2]), ArgumentError],
    ['roll: expected as many shifts as dims, got 1 and 2', () => x.roll(1, [0, 1]), ArgumentError],
    ['roll: expected whole numbers to shift by, got [0.5]', () => x.roll(0.5, 0), ArgumentError],
    ['cat: expected at least one tensor, got none', () => op.cat([]), ArgumentError],
    ['stack: expected at least one tensor, got none', () => op.stack([]), ArgumentError],
    ['tril: expected a whole number of a diagonal, got 0.5', () => x.tril(0.5), ArgumentError],
    ['diagonal: expected a whole offset, got 0.5', () => x.diagonal(0.5), ArgumentError],
    ['pad: expected pairs of whole numbers, at most 2 for shape [2, 3], got [1]', () => x.pad([1]), ArgumentError],
    [
      'pad: expected a mode of constant, reflect, replicate, circular, got "wrap"',
      () => x.pad([1, 1], { mode: 'wrap' }),
      ArgumentError,
    ],
    [
      'pad: reflect padding of [3, 0] is too large for dim 1 of size 3',
      () => x.pad([3, 0], { mode: 'reflect' }),
      ShapeError,
    ],
    [
      'pad: circular padding of [0, 4] is too large for dim 1 of size 3',
      () => x.pad([0, 4], { mode: 'circular' }),
      ShapeError,
    ],
    [
      'pad: replicate padding of [0, 1] is too large for dim 1 of size 0',
      () => nothing.pad([0, 1], { mode: 'replicate' }),
      ShapeError,
    ],
    ['pad: [-2, -2] cuts off more than there is of dim 1, of size 3', () => x.pad([-2, -2]), ShapeError],
    ['oneHot: expected a number of classes of 1 or more, got 0', () => ids(0).oneHot(0), ArgumentError],
    ['oneHot: expected a number of classes of 1 or more, got none, for no ids', () => ids().oneHot(), ArgumentError],
    ['dropout: expected a probability p in [0, 1], got 1.5', () => x.dropout(1.5), ArgumentError],
    [
      "mseLoss: expected reduction to be 'mean', 'sum' or 'none', got \"avg\"",
      () => x.mseLoss(x, { reduction: 'avg' }),
      ArgumentError,
    ],
    [
      "crossEntropy: expected reduction to be 'mean', 'sum' or 'none', got \"avg\"",
      () => x.crossEntropy(ids(0, 1), { reduction: 'avg' }),
      ArgumentError,
    ],
    [
      'crossEntropy: expected labelSmoothing in [0, 1], got 2',
      () => x.crossEntropy(ids(0, 1), { labelSmoothing: 2 }),
      ArgumentError,
    ],
    ['huberLoss: expected delta > 0, got 0', () => x.huberLoss(x, { delta: 0 }), ArgumentError],
    ['smoothL1Loss: expected beta > 0, got -1', () => x.smoothL1Loss(x, { beta: -1 }), ArgumentError],
    ['arange: expected finite numbers and a step other than 0, got 0, 5, 0', () => op.arange(0, 5, 0), ArgumentError],
    ['arange: expected steps that lead from 0 to -5, got step 1', () => op.arange(-5), ArgumentError],
    ['arange: expected a number, got "5"', () => op.arange(0, '5'), ArgumentError],
    ['linspace: expected a whole number of steps, got 2.5', () => op.linspace(0, 1, 2.5), ArgumentError],
    ['linspace: expected a number, got null', () => op.linspace(null, 1, 2), ArgumentError],
    ['full: expected a number, got "7"', () => op.full([1], '7'), ArgumentError],
    ['bernoulli: expected probabilities in [0, 1], got 2', () => op.bernoulli(tensor([2])), ArgumentError],
    [
      'zeros: expected the shape to be an array of whole numbers, 0 or more, got [2,-1]',
      () => op.zeros([2, -1]),
      ShapeError,
    ],
    ['ones: expected the shape to be an array of whole numbers, 0 or more, got 3', () => op.ones(3), ShapeError],
    [
      'randn: expected the shape to be an array of whole numbers, 0 or more, got undefined',
      () => op.randn(),
      ShapeError,
    ],
    ['eye: expected the shape to be an array of whole numbers, 0 or more, got [-1,-1]', () => op.eye(-1), ShapeError],
  ]);
});

describe('data that makes no tensor is refused, with the place where it goes wrong', () => {
  refuses([
    ['tensor: ragged data, [1] has 1 elements where [0] has 2', () => op.tensor([[1, 2], [3]]), ShapeError],
    ['tensor: ragged data, [1] is a number where [0] has 1', () => op.tensor([[1], 2]), ShapeError],
    ['tensor: ragged data, [1] has 1 elements where [0] is one element', () => op.tensor([1, [2]]), ShapeError],
    ['tensor: expected a number or boolean at [1], got string', () => op.tensor([1, '2']), FormatError],
    ['tensor: expected a number or boolean at [0][1], got null', () => op.tensor([[1, null]]), FormatError],
    ['tensor: expected a number or boolean, got undefined', () => op.tensor(), FormatError],
    ['tensor: expected a number or boolean, got Tensor', () => op.tensor(x), FormatError],
    ['tensor: shape [2, 2] has 4 elements, the data has 3', () => op.tensor([1, 2, 3], { shape: [2, 2] }), ShapeError],
    [
      'tensor: expected the shape to be an array of whole numbers, 0 or more, got 3',
      () => op.tensor([1, 2, 3], { shape: 3 }),
      ShapeError,
    ],
  ]);
});

describe('item wants one element', () => {
  refuses([
    ['item: expected a tensor of one element, got shape [2, 3]', () => x.item(), ShapeError],
    ['item: expected a tensor of one element, got shape [2, 0]', () => nothing.item(), ShapeError],
  ]);

  test('of whatever shape', () => {
    expect([tensor([[5]]).item(), tensor(true).item(), x.at(1, 2).item()]).toEqual([5, true, 6]);
  });
});

describe('requiresGrad can only be changed on leaves', () => {
  refuses([
    [
      'requiresGrad: can only be changed on a leaf, not on the result of an operation; use detach()',
      () => (tensor([1], { requiresGrad: true }).mul(2).requiresGrad = false),
      GradError,
    ],
  ]);
});

describe('an error leaves everything as it was', () => {
  test('the operands, their history and the tape', () => {
    const [a, b]: Tensor[] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 2, 3])];
    expect(() => a.mul(b)).toThrow(ShapeError);
    expect(() => a.scatter(0, ids(5), 1)).toThrow(IndexError);
    expect(a.toArray()).toEqual([1, 2]);
    a.mul(2).sum().backward();
    expect(a.grad?.toArray()).toEqual([2, 2]);
  });
});
