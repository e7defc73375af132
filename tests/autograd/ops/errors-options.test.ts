import { ArgumentError, FormatError } from '@tapegrad/tensor';
import { describe } from 'vitest';
import { op, refuses, x } from './refusals.ts';

const names = 'expected options among dtype, requiresGrad';

describe('options that there are not, and what is none', () => {
  refuses([
    ['sum: expected options such as { keepdim: true }, got keepDim', () => x.sum(1, { keepDim: true }), ArgumentError],
    ['std: expected options such as { keepdim: true }, got ddof', () => x.std(1, { ddof: 1 }), ArgumentError],
    [`zeros: ${names}, got device`, () => op.zeros([2], { device: 'cuda' }), ArgumentError],
    ['zeros: expected the options to be an object, got an array', () => op.zeros([2], [3]), ArgumentError],
    ['ones: expected the options to be an object, got string', () => op.ones([2], 'int32'), ArgumentError],
    [`full: ${names}, got seed`, () => op.full([1], 2, { seed: 1 }), ArgumentError],
    ['full: expected the options to be an object, got null', () => op.full([1], 2, null), ArgumentError],
    [`eye: ${names}, got device`, () => op.eye(2, { device: 0 }), ArgumentError],
    [`arange: ${names}, got device`, () => op.arange(2, { device: 0 }), ArgumentError],
    [`linspace: ${names}, got endpoint`, () => op.linspace(0, 1, 2, { endpoint: false }), ArgumentError],
    [`rand: ${names}, generator, got seed`, () => op.rand([2], { seed: 1 }), ArgumentError],
    [`randn: ${names}, generator, got seed`, () => op.randn([2], { seed: 1 }), ArgumentError],
    [`randint: ${names}, generator, got seed`, () => op.randint(0, 2, [2], { seed: 1 }), ArgumentError],
    [`randperm: ${names}, generator, got seed`, () => op.randperm(2, { seed: 1 }), ArgumentError],
    [`bernoulli: ${names}, generator, got seed`, () => op.bernoulli(op.zeros([2]), { seed: 1 }), ArgumentError],
    [`zerosLike: ${names}, got device`, () => op.zerosLike(x, { device: 0 }), ArgumentError],
    [`fullLike: ${names}, got device`, () => op.fullLike(x, 2, { device: 0 }), ArgumentError],
    ['randLike: expected the options to be an object, got number', () => op.randLike(x, 1), ArgumentError],
    [`tensor: ${names}, shape, got device`, () => op.tensor([1], { device: 0 }), ArgumentError],
    [
      'tensor: expected several numbers in one array, as in tensor([1, 2]), got them one by one',
      () => op.tensor(1, 2, 3),
      ArgumentError,
    ],
    [
      'tensor: expected a number or boolean at [0], got Tensor; join tensors with stack',
      () => op.tensor([x, x]),
      FormatError,
    ],
  ]);
});
