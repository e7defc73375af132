import { tensor } from '@tapegrad/autograd';
import { ArgumentError, TapegradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { bools, ids, op, refuses, x } from './refusals.ts';

describe('from plain JavaScript', () => {
  const second = [
    'add',
    'sub',
    'mul',
    'div',
    'pow',
    'maximum',
    'minimum',
    'atan2',
    'remainder',
    'eq',
    'ne',
    'lt',
    'le',
  ];
  const logical = ['gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalXor'];
  const wrong: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    ['2', 'string'],
    [true, 'boolean'],
    [[1, 2, 3], 'an array'],
    [{}, 'object'],
  ];

  test.each([...second, ...logical])('%s refuses what is neither a tensor nor a number', name => {
    for (const [value, got] of wrong)
      expect(() => x[name](value)).toThrow(
        new ArgumentError(`${name}: expected the other operand to be a tensor or a number, got ${got}`),
      );
  });

  refuses([
    ['vjp: expected the inputs to be an array of tensors, got object', () => op.vjp(() => x, x), ArgumentError],
    ['vjp: expected input 1 to be a tensor, got number', () => op.vjp(() => x, [x, 2]), ArgumentError],
    ['jvp: expected the inputs to be an array of tensors, got object', () => op.jvp(() => x, x, x), ArgumentError],
    ['jvp: expected the tangents to be an array of tensors, got object', () => op.jvp(() => x, [x], x), ArgumentError],
    ['jvp: expected tangent 0 to be a tensor, got number', () => op.jvp(() => x, [x], [1]), ArgumentError],
    ['valueAndGrad: expected input 0 to be a tensor, got number', () => op.valueAndGrad(() => x)(2), ArgumentError],
    ['jacobian: expected input 0 to be a tensor, got number', () => op.jacobian(() => x, 2), ArgumentError],
    ['matmul: expected the other operand to be a tensor, got undefined', () => x.matmul(), ArgumentError],
    ['linear: expected weight to be a tensor, got null', () => x.linear(null), ArgumentError],
    ['linear: expected bias to be a tensor, got number', () => x.linear(x, 1), ArgumentError],
    ['dot: expected the other operand to be a tensor, got number', () => x.dot(1), ArgumentError],
    ['where: expected the condition to be a tensor, got boolean', () => op.where(true, 1, 2), ArgumentError],
    ['where: expected a to be a tensor or a number, got undefined', () => op.where(bools), ArgumentError],
    ['where: expected b to be a tensor or a number, got string', () => op.where(bools, 1, 'b'), ArgumentError],
    ['maskedFill: expected the mask to be a tensor, got boolean', () => x.maskedFill(true, 1), ArgumentError],
    ['maskedFill: expected the value to be a number, got undefined', () => x.maskedFill(bools), ArgumentError],
    [
      'scatter: expected the other operand to be a tensor or a number, got undefined',
      () => x.scatter(0, ids([0])),
      ArgumentError,
    ],
    ['indexSelect: expected ids to be a tensor, got an array', () => x.indexSelect(0, [0]), ArgumentError],
    ['gather: expected ids to be a tensor, got undefined', () => x.gather(0), ArgumentError],
    [
      "at: expected an index to be a number, an array, null, '...' or a tensor, got undefined",
      () => x.at(undefined),
      ArgumentError,
    ],
    [
      "at: expected an index to be a number, an array, null, '...' or a tensor, got string",
      () => x.at('1'),
      ArgumentError,
    ],
    ['cat: expected the tensors to be an array, got object', () => op.cat(x, x), ArgumentError],
    ['cat: expected tensor 1 to be a tensor, got null', () => op.cat([x, null]), ArgumentError],
    ['stack: expected tensor 0 to be a tensor, got number', () => op.stack([1, 2]), ArgumentError],
    ['reshape: expected the shape to be an array of whole numbers, got number', () => x.reshape(3, 2), ArgumentError],
    ['permute: expected the dims to be an array of whole numbers, got number', () => x.permute(1, 0), ArgumentError],
    ['expand: expected the shape to be an array of whole numbers, got undefined', () => x.expand(), ArgumentError],
    ['tile: expected the repetitions to be an array of whole numbers, got number', () => x.tile(2), ArgumentError],
    ['flip: expected the dims to be an array of whole numbers, got undefined', () => x.flip(), ArgumentError],
    ['squeeze: expected dim to be a whole number or an array of them, got null', () => x.squeeze(null), ArgumentError],
    ['split: expected the sizes to be an array of whole numbers, got undefined', () => x.split(), ArgumentError],
    ['pad: expected the pads to be an array of whole numbers, got number', () => x.pad(1), ArgumentError],
    [
      'sum: expected dim to be a whole number or an array of them, got object',
      () => x.sum({ keepdim: true }),
      ArgumentError,
    ],
    ['sum: expected options such as { keepdim: true }, got true', () => x.sum(0, true), ArgumentError],
    ['norm: expected options such as { keepdim: true }, got null', () => x.norm(2, 0, null), ArgumentError],
    ['norm: expected p to be a number, got string', () => x.norm('fro'), ArgumentError],
    [
      'variance: expected correction to be a number, got boolean',
      () => x.variance(0, { correction: true }),
      ArgumentError,
    ],
    [
      'layerNorm: expected the normalized shape to be an array of whole numbers, got undefined',
      () => x.layerNorm(),
      ArgumentError,
    ],
    ['layerNorm: expected weight to be a tensor, got number', () => x.layerNorm(3, 1), ArgumentError],
    ['dropout: expected p to be a number, got string', () => x.dropout('0.5'), ArgumentError],
    [
      'scaledDotProductAttention: expected k to be a tensor, got undefined',
      () => x.scaledDotProductAttention(),
      ArgumentError,
    ],
    [
      'scaledDotProductAttention: expected v to be a tensor, got null',
      () => x.scaledDotProductAttention(x, null),
      ArgumentError,
    ],
    [
      'scaledDotProductAttention: expected the mask to be a tensor, got boolean',
      () => x.scaledDotProductAttention(x, x, { mask: true }),
      ArgumentError,
    ],
    [
      'scaledDotProductAttention: expected scale to be a number, got string',
      () => x.scaledDotProductAttention(x, x, { scale: '1' }),
      ArgumentError,
    ],
    [
      'scaledDotProductAttention: expected dropout to be a number, got null',
      () => x.scaledDotProductAttention(x, x, { dropout: null }),
      ArgumentError,
    ],
    ['crossEntropy: expected the targets to be a tensor, got an array', () => x.crossEntropy([0, 1]), ArgumentError],
    ['mseLoss: expected the target to be a tensor, got number', () => x.mseLoss(1), ArgumentError],
    [
      'zerosLike: expected the tensor to take after to be a tensor, got an array',
      () => op.zerosLike([1]),
      ArgumentError,
    ],
    ['bernoulli: expected the probabilities to be a tensor, got number', () => op.bernoulli(0.5), ArgumentError],
    [
      'assign: expected the source to be a tensor or a number, got undefined',
      () => tensor([1]).assign(undefined as any),
      ArgumentError,
    ],
  ]);

  /** One call that works for each operation that takes more than the tensor. */
  const calls: Record<string, unknown[]> = {
    reshape: [[3, 2]],
    squeeze: [0],
    unsqueeze: [0],
    permute: [[1, 0]],
    transpose: [0, 1],
    expand: [[2, 2, 3]],
    tile: [[2, 1]],
    flip: [0],
    roll: [1, 0],
    split: [1, 0],
    chunk: [2, 0],
    unbind: [0],
    select: [0, 1],
    slice: [0, 0, 1, 1],
    narrow: [0, 0, 1],
    at: [0],
    flatten: [0, 1],
    indexSelect: [0, ids(0)],
    gather: [0, ids([0, 1, 1])],
    scatter: [0, ids([0, 1, 1]), x.slice(0, 0, 1)],
    scatterAdd: [0, ids([0, 1, 1]), x.slice(0, 0, 1)],
    take: [ids(0)],
    pad: [[1, 1]],
    matmul: [x.t()],
    linear: [x, op.zeros([2])],
    tril: [0],
    triu: [0],
    diagonal: [0, 0, 1],
    layerNorm: [3, op.ones([3]), op.ones([3])],
    rmsNorm: [3, op.ones([3]), {}],
    groupNorm: [3, op.ones([3]), op.ones([3]), {}],
    batchNorm: [op.zeros([3]), op.ones([3]), op.ones([3]), op.ones([3]), { training: true }],
    dropout: [0.5],
    scaledDotProductAttention: [x, x],
    crossEntropy: [ids(0, 1)],
    nllLoss: [ids(0, 1)],
    mseLoss: [x],
    l1Loss: [x],
    smoothL1Loss: [x],
    huberLoss: [x],
    binaryCrossEntropyWithLogits: [x],
    sum: [0, {}],
    prod: [0, {}],
    mean: [0, {}],
    amax: [0, {}],
    amin: [0, {}],
    max: [0, {}],
    min: [0, {}],
    argmax: [0, {}],
    argmin: [0, {}],
    logsumexp: [0, {}],
    all: [0, {}],
    any: [0, {}],
    variance: [0, {}],
    std: [0, {}],
    norm: [2, 0, {}],
    cumsum: [0],
    cumprod: [0],
    softmax: [0],
    logSoftmax: [0],
    argsort: [0],
    sort: [0],
    topk: [1, 0],
    leakyRelu: [0.1],
    elu: [1],
    hardtanh: [-1, 1],
    clamp: [0, 1],
    maskedFill: [bools, 1],
    to: ['float64'],
  };
  const odd = [undefined, null, 'x', {}, Number.NaN, true, [], [undefined], ['a'], 1.5, -99, () => 1];

  test.each(Object.entries(calls))(
    '%s throws an error of its own, or works, whatever stands for an argument',
    (name, args) => {
      expect(() => x[name](...args)).not.toThrow();
      const foreign: unknown[] = [];
      args.forEach((_, i) => {
        for (const value of odd)
          try {
            x[name](...args.with(i, value));
          } catch (error) {
            if (!(error instanceof TapegradError)) foreign.push(error);
          }
      });
      expect(foreign).toEqual([]);
    },
  );
});
