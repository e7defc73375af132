import { IndexError, ShapeError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { bools, cube, ids, nothing, op, type Refusal, refuses, scalar, x } from './refusals.ts';

describe('shapes that do not fit are both named', () => {
  refuses([
    ['add: shapes [2, 3] and [2] do not broadcast: 3 vs 2', () => x.add(ids(1, 2)), ShapeError],
    ['mul: shapes [2, 3] and [2, 3, 4] do not broadcast: 3 vs 4', () => x.mul(cube), ShapeError],
    ['eq: shapes [2, 3] and [2, 2] do not broadcast: 3 vs 2', () => x.eq(op.zeros([2, 2])), ShapeError],
    ['clamp: shapes [2, 3] and [2] do not broadcast: 3 vs 2', () => x.clamp(ids(1, 2)), ShapeError],
    ['clamp: shapes [2, 3] and [2] do not broadcast: 3 vs 2', () => x.clamp(0, ids(1, 2)), ShapeError],
    [
      'where: shapes [2] and [3] do not broadcast: 2 vs 3',
      () => op.where(bools, op.zeros([2]), op.zeros([3])),
      ShapeError,
    ],
    [
      'maskedFill: shapes [2, 3] and [3, 1] do not broadcast: 2 vs 3',
      () => x.maskedFill(bools.reshape([3, 1]), 0),
      ShapeError,
    ],
    ['matmul: inner dimensions differ, 3 vs 2, in [2, 3] @ [2, 3]', () => x.matmul(x), ShapeError],
    ['matmul: inner dimensions differ, 3 vs 2, in [2, 3] @ [2]', () => x.matmul(op.zeros([2])), ShapeError],
    ['matmul: a scalar has no dim to multiply along, in [2, 3] @ []', () => x.matmul(scalar), ShapeError],
    [
      'matmul: batch dims of [2, 3, 4] @ [3, 4, 2] do not broadcast: 2 vs 3',
      () => cube.matmul(op.zeros([3, 4, 2])),
      ShapeError,
    ],
    ['dot: expected two vectors, got shapes [2, 3] and [3]', () => x.dot(x.select(0, 0)), ShapeError],
    ['dot: expected vectors of one length, got [3] and [2]', () => op.zeros([3]).dot(op.zeros([2])), ShapeError],
    ['outer: expected two vectors, got shapes [] and [3]', () => scalar.outer(op.zeros([3])), ShapeError],
    [
      'linear: last dim of x [2, 3] is 3, expected 2, as in weight [4, 2]',
      () => x.linear(op.zeros([4, 2])),
      ShapeError,
    ],
    ['linear: weight must be [out, in], got [3]', () => x.linear(op.zeros([3])), ShapeError],
    ['linear: bias must be [4], got [3]', () => x.linear(op.zeros([4, 3]), op.zeros([3])), ShapeError],
    ['linear: x must have at least one dim, got []', () => scalar.linear(op.zeros([4, 1])), ShapeError],
    [
      'scaledDotProductAttention: q must have at least two dims, got [3]',
      () => x.select(0, 0).scaledDotProductAttention(x, x),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: k must have at least two dims, got []',
      () => x.scaledDotProductAttention(scalar, x),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: v must have at least two dims, got [3]',
      () => x.scaledDotProductAttention(x, x.select(0, 0)),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: last dims of q [2, 3] and k [2, 3, 4] differ, 3 vs 4',
      () => x.scaledDotProductAttention(cube, cube),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: places of k [2, 3] and v [4, 3] differ, 2 vs 4',
      () => x.scaledDotProductAttention(x, op.zeros([4, 3])),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: leading dims [2] and [3] of k do not broadcast: 2 vs 3',
      () => cube.scaledDotProductAttention(op.zeros([3, 5, 4]), op.zeros([5, 4])),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: leading dims [2] and [2, 3] of v do not broadcast: 2 vs 3',
      () => cube.scaledDotProductAttention(cube, op.zeros([2, 3, 3, 4])),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: expected a mask that broadcasts to the scores [2, 3, 3], got [2, 3]',
      () => cube.scaledDotProductAttention(cube, cube, { mask: x }),
      ShapeError,
    ],
    [
      'scaledDotProductAttention: expected a mask that broadcasts to the scores [2, 2], got [3, 2, 2]',
      () => x.scaledDotProductAttention(x, x, { mask: op.zeros([3, 2, 2]) }),
      ShapeError,
    ],
    ['cat: shapes [2, 3] and [2, 3, 4] have different numbers of dims', () => op.cat([x, cube]), ShapeError],
    ['cat: shapes [2, 3] and [1, 2] differ in dim 1: 3 vs 2', () => op.cat([x, op.zeros([1, 2])]), ShapeError],
    ['stack: shapes [2, 3] and [3] have different numbers of dims', () => op.stack([x, op.zeros([3])]), ShapeError],
    ['stack: shapes [2, 3] and [2, 4] differ in dim 1: 3 vs 4', () => op.stack([x, op.zeros([2, 4])]), ShapeError],
    ['reshape: [2, 3] has 6 elements, [4] has 4', () => x.reshape([4]), ShapeError],
    ['reshape: only one size may be -1, got [-1, -1]', () => x.reshape([-1, -1]), ShapeError],
    ['expand: shape [2, 3] does not expand to [4, 3]: 2 vs 4', () => x.expand([4, 3]), ShapeError],
    ['embedding: weight must be [n, features], got [3]', () => op.embedding(ids(0), op.zeros([3])), ShapeError],
    ['layerNorm: expected an input whose last dims are [2], got shape [2, 3]', () => x.layerNorm(2), ShapeError],
    ['layerNorm: expected an input whose last dims are [], got shape [2, 3]', () => x.layerNorm([]), ShapeError],
    ['layerNorm: expected weight of shape [3], got [1]', () => x.layerNorm(3, op.ones([1])), ShapeError],
    ['layerNorm: expected bias of shape [3], got [2, 3]', () => x.layerNorm(3, null, x), ShapeError],
    [
      "mseLoss: expected a target of the prediction's shape [2, 3], got [3]",
      () => x.mseLoss(op.zeros([3])),
      ShapeError,
    ],
    [
      'crossEntropy: expected targets of shape [2] for an input of shape [2, 3] (classes on dim 1), got [3]',
      () => x.crossEntropy(ids(0, 1, 2)),
      ShapeError,
    ],
    [
      "crossEntropy: expected targets that are int32 class ids of shape [2], or probabilities of the logits' shape [2, 3], got float32 of shape [2]; make ids with { dtype: 'int32' } or to('int32')",
      () => x.crossEntropy(op.zeros([2])),
      ShapeError,
    ],
    [
      'crossEntropy: expected logits of shape [batch, classes, …], got a scalar',
      () => scalar.crossEntropy(ids(0)),
      ShapeError,
    ],
    [
      'crossEntropy: expected weight of shape [3], one for each class, got [2]',
      () => x.crossEntropy(ids(0, 1), { weight: op.ones([2]) }),
      ShapeError,
    ],
    [
      'crossEntropy: expected weight of shape [3], one for each class, got [2]',
      () => x.crossEntropy(x, { weight: op.ones([2]) }),
      ShapeError,
    ],
    [
      'nllLoss: expected targets of shape [] for an input of shape [] (classes on dim 1), got [1]',
      () => scalar.nllLoss(ids(0)),
      ShapeError,
    ],
    ['at: a mask of shape [3] does not fit dims 0… of [2, 3]', () => x.at(bools), ShapeError],
    ['at: shapes [2] and [3] do not broadcast: 2 vs 3', () => x.at(ids(0, 1), ids(0, 1, 2)), ShapeError],
    ['gather: ids [1] must have as many dims as [2, 3]', () => x.gather(0, ids(0)), ShapeError],
    [
      'scatter: ids [1, 2] do not fit into [1, 1]: 2 vs 1 in dim 1',
      () => x.scatter(0, ids([0, 0]), op.zeros([1, 1])),
      ShapeError,
    ],
    ['indexSelect: ids must be a vector, got shape [1, 1]', () => x.indexSelect(0, ids([0])), ShapeError],
  ]);
});

describe('a dim that is not there is named with the shape', () => {
  refuses([
    ['sum: dim 2 is out of range for shape [2, 3]', () => x.sum(2), ShapeError],
    ['sum: dim 1 is out of range for shape []', () => scalar.sum(1), ShapeError],
    ['mean: dim -3 is out of range for shape [2, 3]', () => x.mean([0, -3]), ShapeError],
    ['amax: dim -1 is repeated in [1, -1]', () => x.amax([1, -1]), ShapeError],
    ['max: dim 5 is out of range for shape [2, 3]', () => x.max(5), ShapeError],
    ['argmin: dim 2 is out of range for shape [2, 3]', () => x.argmin(2), ShapeError],
    ['logsumexp: dim 2 is out of range for shape [2, 3]', () => x.logsumexp(2), ShapeError],
    ['norm: dim 2 is out of range for shape [2, 3]', () => x.norm(2, 2), ShapeError],
    ['variance: dim 2 is out of range for shape [2, 3]', () => x.std(2), ShapeError],
    ['cumsum: dim 2 is out of range for shape [2, 3]', () => x.cumsum(2), ShapeError],
    ['softmax: dim undefined is out of range for shape [2, 3]', () => x.softmax(), ShapeError],
    ['argsort: dim 2 is out of range for shape [2, 3]', () => x.argsort(2), ShapeError],
    ['sort: dim 2 is out of range for shape [2, 3]', () => x.sort(2), ShapeError],
    ['topk: dim 2 is out of range for shape [2, 3]', () => x.topk(1, 2), ShapeError],
    ['transpose: dim 2 is out of range for shape [2, 3]', () => x.transpose(0, 2), ShapeError],
    ['permute: 1 dims given for shape [2, 3]', () => x.permute([0]), ShapeError],
    ['permute: dim 0 is repeated in [0, 0]', () => x.permute([0, 0]), ShapeError],
    ['flip: dims [0, -2] name a dim twice, for shape [2, 3]', () => x.flip([0, -2]), ShapeError],
    ['roll: dim 2 is out of range for shape [2, 3]', () => x.roll(1, 2), ShapeError],
    ['squeeze: dim 2 is out of range for shape [2, 3]', () => x.squeeze(2), ShapeError],
    ['unsqueeze: dim 3 is out of range for shape [2, 3]', () => x.unsqueeze(3), ShapeError],
    ['flatten: dim 1 comes after dim 0 in shape [2, 3]', () => x.flatten(1, 0), ShapeError],
    ['cat: dim 0 is out of range for shape []', () => op.cat([scalar, scalar]), ShapeError],
    ['split: dim 2 is out of range for shape [2, 3]', () => x.split(1, 2), ShapeError],
    ['unbind: dim 0 is out of range for shape []', () => scalar.unbind(), ShapeError],
    ['select: expected at least one dim, got a scalar, shape []', () => scalar.select(0, 0), ShapeError],
    ['slice: expected at least one dim, got a scalar, shape []', () => scalar.slice(0), ShapeError],
    ['narrow: expected at least one dim, got a scalar, shape []', () => scalar.narrow(0, 0, 1), ShapeError],
    ['gather: expected at least one dim, got a scalar, shape []', () => scalar.gather(0, ids(0)), ShapeError],
    ['scatter: expected at least one dim, got a scalar, shape []', () => scalar.scatter(0, ids(0), 1), ShapeError],
    ['indexSelect: expected at least one dim, got a scalar, shape []', () => scalar.indexSelect(0, ids(0)), ShapeError],
    ['diagonal: expected at least two dims, got shape []', () => scalar.diagonal(), ShapeError],
    ['diagonal: expected two different dims of shape [2, 3], got 1 and -1', () => x.diagonal(0, 1, -1), ShapeError],
    ['tril: expected at least two dims, got shape [3]', () => bools.tril(), ShapeError],
    ['at: expected a mask with at least one dim, got a scalar, shape []', () => x.at(op.tensor(false)), ShapeError],
    ['trace: expected a matrix, got shape [2, 3, 4]', () => cube.trace(), ShapeError],
    ['t: expected at most two dims, got shape [2, 3, 4]; use transpose', () => cube.t(), ShapeError],
    ['iteration: expected at least one dim, got a scalar, shape []', () => [...scalar], ShapeError],
  ]);
});

describe('an index outside is named with what it points into', () => {
  refuses([
    ['select: index 2 is out of range for dim 0 of size 2', () => x.select(0, 2), IndexError],
    ['at: index -3 is out of range for dim 0 of size 2', () => x.at(-3), IndexError],
    ['at: index 3 is out of range for dim 1 of size 3', () => x.at(0, 3), IndexError],
    ['at: index 3 is out of range for dim 1 of size 3', () => x.at(null, 0, ids(0, 3)), IndexError],
    ['at: index 3 is out of range for dim 1 of size 3', () => x.at([], 3), IndexError],
    ['at: index 3 is out of range for dim 1 of size 3', () => x.at([], ids(0, 3)), IndexError],
    ['at: 3 indices are too many for shape [2, 3] of 2 dims', () => x.at(0, 0, 0), IndexError],
    ["at: expected at most one '...', got several", () => x.at('...', '...'), IndexError],
    ['slice: start must be a whole number, got 0.5', () => x.slice(0, 0.5), IndexError],
    ['narrow: 2 elements from 2 do not fit into dim 1 of size 3', () => x.narrow(1, 2, 2), IndexError],
    ['indexSelect: ids must lie in 0..1 (dim 0 of shape [2, 3]), got 2', () => x.indexSelect(0, ids(0, 2)), IndexError],
    ['indexSelect: ids must lie in 0..2 (dim 1 of shape [2, 3]), got -1', () => x.indexSelect(1, ids(-1)), IndexError],
    ['gather: ids must lie in 0..2 (dim 1 of shape [2, 3]), got 3', () => x.gather(1, ids([0], [3])), IndexError],
    ['scatterAdd: ids must lie in 0..1 (dim 0 of shape [2, 3]), got 2', () => x.scatterAdd(0, ids([2]), 1), IndexError],
    ['take: ids must lie in 0..5 (dim 0 of shape [6]), got 6', () => x.take(ids(6)), IndexError],
    ['embedding: ids must lie in 0..1 (dim 0 of shape [2, 3]), got 2', () => op.embedding(ids(2), x), IndexError],
    ['oneHot: ids must lie in 0..2, got 3', () => ids(3).oneHot(3), IndexError],
    ['oneHot: ids must lie in 0..0, got -1', () => ids(0, -1).oneHot(), IndexError],
    [
      'crossEntropy: targets must lie in 0..2 (the classes of shape [2, 3]), got 3',
      () => x.crossEntropy(ids(0, 3)),
      IndexError,
    ],
    [
      'nllLoss: targets must lie in 0..2 (the classes of shape [2, 3]), got -1',
      () => x.nllLoss(ids(0, -1)),
      IndexError,
    ],
  ]);
});

describe('a choice among nothing is refused', () => {
  refuses(
    ['amax', 'amin', 'max', 'min', 'argmax', 'argmin'].flatMap((name): Refusal[] => [
      [`${name}: expected at least one element to choose from, got shape [2, 0]`, () => nothing[name](1), ShapeError],
    ]),
  );
  refuses([
    ['amax: expected at least one element to choose from, got shape [2, 0]', () => nothing.amax(), ShapeError],
    ['max: expected at least one element to choose from, got shape [2, 0]', () => nothing.max(), ShapeError],
    ['argmax: expected at least one element to choose from, got shape [0]', () => nothing.argmax(), ShapeError],
    ['norm: expected at least one element to choose from, got shape [2, 0]', () => nothing.norm(Infinity), ShapeError],
  ]);

  test('but not where the results are none as well', () => {
    expect(nothing.amax(0).shape).toEqual([0]);
    expect(nothing.argmin(0).shape).toEqual([0]);
    expect(nothing.max(0).shape).toEqual([0]);
  });
});
