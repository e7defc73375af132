/// <reference types="vite/types/importMeta.d.ts" />
import * as functions from '@tapegrad/autograd';
import { cat, embedding, oneHot, stack, Tensor, tensor, where } from '@tapegrad/autograd';
import { Generator } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const sources = import.meta.glob<string>(['../../../packages/autograd/src/methods/*.ts', '!**/base.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The names between the headings in the types of the methods: what Tensor has, but for what is marked as internal. */
const own = (text: string): string[] =>
  [...text.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(\w+)[<(]/gm)]
    .filter(([, comment]) => !comment.includes('@internal'))
    .map(([, , name]) => name);

const operations = Object.values(sources).flatMap(own);

describe('every operation is a method and a function of the same name', () => {
  test('of which there are more than a hundred', () => {
    expect(operations.length).toBeGreaterThan(100);
    expect(new Set(operations).size).toBe(operations.length);
  });

  test.each(operations)('%s', name => {
    expect((Tensor.prototype as any)[name]).toBeTypeOf('function');
    expect((functions as any)[name]).toBeTypeOf('function');
    expect(() => (functions as any)[name]()).toThrow(
      `${name}: expected the first argument to be a tensor, got undefined`,
    );
  });

  test('and no method is forgotten that reaches Tensor through one of its classes', () => {
    const found: string[] = [];
    for (let p = Tensor.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p))
      found.push(...Object.getOwnPropertyNames(p).filter(name => name !== 'constructor'));
    const internal = [
      'choose',
      'sumTo',
      'sliceAdd',
      'sliceOf',
      'join',
      'indexAdd',
      'padTo',
      'filled',
      'fresh',
      'idsOf',
      'setLazyGrad',
      'lazyGrad',
      'castInPlace',
      'convOf',
      'convTransposeOf',
      'convWeightOf',
      'sumWindows',
      'spreadWindows',
      'derive',
    ];
    const state = ['shape', 'ndim', 'size', 'dtype', 'data', 'grad', 'requiresGrad', 'isLeaf'];
    const base = ['item', 'toArray', 'toString', 'toJSON', 'backward', 'zeroGrad', 'registerHook', 'retainGrad'];
    const values = ['detach', 'clone', 'to', 'assign'];
    expect(found.filter(name => ![...internal, ...state, ...base, ...values].includes(name)).sort()).toEqual(
      [...operations].sort(),
    );
  });
});

describe('a function gives what the method gives', () => {
  const x = tensor([
    [1, -2],
    [3, 4],
  ]);

  test.each<[string, unknown[]]>([
    ['add', [1]],
    ['relu', []],
    ['sum', [0, { keepdim: true }]],
    ['reshape', [[4]]],
    ['slice', [0, 1]],
    ['at', [-1, [1]]],
    ['matmul', [x]],
    ['pad', [[1, 0], { value: 2 }]],
    ['layerNorm', [2]],
    ['rmsNorm', [2]],
    ['groupNorm', [2]],
    ['batchNorm', [null, null, null, null, { training: true }]],
    ['clone', []],
  ])('%s', (name, args) => {
    const [a, b] = [(functions as any)[name](x, ...args), (x as any)[name](...args)];
    expect(a.toArray()).toEqual(b.toArray());
  });

  test('embedding and oneHot, whose first argument is the ids', () => {
    const ids = tensor([1, 0], { dtype: 'int32' });
    expect(embedding(ids, x).toArray()).toEqual([
      [3, 4],
      [1, -2],
    ]);
    expect(oneHot(ids, 3).toArray()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });
});

describe('where, cat, stack and einsum are functions alone', () => {
  test('no tensor has a method of their name', () => {
    expect(['where', 'cat', 'stack', 'einsum'].filter(name => name in Tensor.prototype)).toEqual([]);
  });

  test('where takes numbers for either choice, and for both', () => {
    const condition = tensor([true, false]);
    expect(where(condition, tensor([1, 2]), 5).toArray()).toEqual([1, 5]);
    expect(where(condition, -1, tensor([1, 2], { dtype: 'int32' })).toArray()).toEqual([-1, 2]);
    expect([where(condition, 1, 0).dtype, where(condition, 1, 0).toArray()]).toEqual(['float32', [1, 0]]);
  });

  test('cat and stack of one tensor are copies of it', () => {
    const x: Tensor = tensor([1, 2]);
    const copies: Tensor[] = [cat([x]), stack([x])];
    x.assign(0);
    expect(copies.map(y => y.toArray())).toEqual([[1, 2], [[1, 2]]]);
  });
});

describe('no operation hands its input on where PyTorch makes a copy', () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ['tile once', x => x.tile([1])],
    ['tile by no repetitions', x => x.tile([])],
    ['roll by nothing', x => x.roll(0, 0)],
    ['pad by nothing', x => x.pad([0, 0])],
    ['pad without pads', x => x.pad([])],
    ['clone', x => x.clone()],
    ['add zero', x => x.add(0)],
    ['floor', x => x.floor()],
    ['sort', x => x.sort().values],
    ['cat', x => cat([x])],
  ])('%s', (_, fn) => {
    const x: Tensor = tensor([1, 2]);
    const y = fn(x);
    x.assign(9);
    expect(y.toArray()).toEqual([1, 2]);
  });
});

describe('a view shows what is assigned to its base', () => {
  test.each<[string, (x: Tensor) => Tensor, unknown]>([
    ['reshape', x => x.reshape([4]), [9, 9, 9, 9]],
    [
      'transpose',
      x => x.t(),
      [
        [9, 9],
        [9, 9],
      ],
    ],
    ['slice', x => x.slice(0, 1), [[9, 9]]],
    ['select', x => x.select(1, 0), [9, 9]],
    [
      'unsqueeze',
      x => x.unsqueeze(0),
      [
        [
          [9, 9],
          [9, 9],
        ],
      ],
    ],
    ['unsqueeze of a transpose', x => x.t().unsqueeze(1), [[[9, 9]], [[9, 9]]]],
    [
      'squeeze of a transpose',
      x => x.t().unsqueeze(-1).flip(0).squeeze(-1),
      [
        [9, 9],
        [9, 9],
      ],
    ],
    [
      'expand',
      x => x.select(0, 0).expand([2, 2]),
      [
        [9, 9],
        [9, 9],
      ],
    ],
    [
      'flip',
      x => x.flip([0, 1]),
      [
        [9, 9],
        [9, 9],
      ],
    ],
    ['split', x => x.split(1)[1], [[9, 9]]],
    ['unbind', x => x.unbind(1)[1], [9, 9]],
    ['at', x => x.at([], -1), [9, 9]],
  ])('%s', (_, fn, expected) => {
    const x: Tensor = tensor([
      [1, 2],
      [3, 4],
    ]);
    const y = fn(x);
    x.assign(9);
    expect(y.toArray()).toEqual(expected);
  });
});

describe('dropout', () => {
  const x: Tensor = tensor(new Float32Array(10000).fill(2));

  test('zeroes elements with probability p and scales the others, so that the mean stays', () => {
    const y = x.dropout(0.25, { generator: new Generator('d') });
    const zeros = y.data.filter(v => v === 0).length;
    expect(zeros / 10000).toBeCloseTo(0.25, 1);
    expect(new Set(y.data)).toEqual(new Set([0, Math.fround(2 * Math.fround(1 / 0.75))]));
    expect(y.mean().item()).toBeCloseTo(2, 1);
  });

  test('is p = 0.5 by default, nothing for p = 0, everything for p = 1, and x itself outside of training', () => {
    expect(new Set(x.dropout().data)).toEqual(new Set([0, 4]));
    expect(x.dropout(0)).toBe(x);
    expect(x.dropout(1).sum().item()).toBe(0);
    expect(x.dropout(0.5, { training: false })).toBe(x);
  });

  test('masks the gradient as it masked the values', () => {
    const leaf: Tensor = tensor([1, 1, 1, 1, 1, 1, 1, 1], { requiresGrad: true });
    const y = leaf.dropout(0.5, { generator: new Generator(1) });
    y.sum().backward();
    expect(leaf.grad?.toArray()).toEqual(y.toArray());
    expect(new Set(y.data)).toEqual(new Set([0, 2]));
  });
});
