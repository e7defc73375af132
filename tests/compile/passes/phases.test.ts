import { nn, randn, type Tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { expand } from '../../../packages/compile/src/passes/expand.ts';
import { reusesOf } from '../../../packages/compile/src/passes/phases.ts';
import { graphOf, Printer } from './graphs.ts';
import { fused, stepLines, stepsOf } from './programs.ts';

const x = randn([4, 64]);

describe('the passes through a row', () => {
  test('are three for softmax: one for the maximum, one for the sum, one for the result', () => {
    expect(stepLines(expand(graphOf((x: Tensor) => x.softmax(1), x)))).toEqual([
      '0: loop over [4, 64], rows of 1 dims, 3 passes',
      '   v1 = amax(input1 [4, 64])  pass 0, row',
      '   v2 = sub(input1 [4, 64], v1)  pass 1',
      '   v3 = exp(v2)  pass 1, stored',
      '   v4 = sum(v3)  pass 1, row',
      '   v5 = div(v3, v4)  pass 2, stored',
    ]);
  });

  test('are three for layer normalisation, with what there is one of for a row computed between them', () => {
    const { eps, weight } = new nn.LayerNorm(64);
    const normal = (x: Tensor): Tensor => x.layerNorm([64], weight, undefined, { eps });
    expect(stepLines(expand(graphOf(normal, x)))).toEqual([
      '0: loop over [4, 64], rows of 1 dims, 3 passes',
      '   v1 = sum(input1 [4, 64])  pass 0, row',
      '   v2 = div(v1, 64)  pass 0',
      '   v3 = sub(input1 [4, 64], v2)  pass 1',
      '   v4 = square(v3)  pass 1',
      '   v5 = sum(v4)  pass 1, row',
      '   v6 = div(v5, 64)  pass 1',
      expect.stringMatching(/^ {3}v7 = add\(v6, 0.00000999\d+\) {2}pass 1$/),
      '   v8 = rsqrt(v7)  pass 1',
      '   v9 = mul(v3, v8)  pass 2',
      '   v10 = mul(v9, resident1 [64])  pass 2, stored',
    ]);
  });

  test('are loops of their own where rows are short', () => {
    expect(stepLines(expand(graphOf((x: Tensor) => x.softmax(1), randn([64, 4]))))).toEqual([
      '0: loop over [64, 4], rows of 1 dims',
      '   v1 = amax(input1 [64, 4])  row, stored',
      '1: loop over [64, 4], rows of 1 dims',
      '   v2 = sub(input1 [64, 4], v1 [64, 1])',
      '   v3 = exp(v2)  stored',
      '   v4 = sum(v3)  row, stored',
      '2: loop over [64, 4]',
      '   v5 = div(v3 [64, 4], v4 [64, 1])  stored',
    ]);
  });

  test('are one where nothing in the row waits for a fold of it', () => {
    expect(stepsOf((x: Tensor) => x.square().sum(1).sqrt(), x)[0]).toBe('0: loop over [4, 64], rows of 1 dims');
  });
});

describe('what a later pass needs', () => {
  const share = (x: Tensor): Tensor => x.div(x.sum(1, { keepdim: true }));

  test('is computed again where that is cheap', () => {
    expect(stepsOf((x: Tensor) => share(x.mul(2).add(1)), x)).toEqual([
      '0: loop over [4, 64], rows of 1 dims, 2 passes',
      '   v1 = mul(input1 [4, 64], 2)  pass 0',
      '   v2 = add(v1, 1)  pass 0',
      '   v3 = sum(v2)  pass 0, row',
      '   v4 = div(v2, v3)  pass 1, stored',
    ]);
  });

  test('is stored where it is dear, or much', () => {
    expect(stepsOf((x: Tensor) => share(x.exp().add(1)), x)[2]).toBe('   v2 = add(v1, 1)  pass 0, stored');
    const many = (x: Tensor): Tensor => share(x.add(1).mul(2).add(3).mul(4).add(5).mul(6).add(7));
    expect(stepsOf(many, x)[7]).toBe('   v7 = add(v6, 7)  pass 0, stored');
  });
});

describe('a result takes over the memory of an input', () => {
  const reuses = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[] => {
    const { kernels, phases } = fused(expand(graphOf(fn, ...args)));
    const printer = new Printer();
    return kernels.flatMap(kernel =>
      kernel.kind === 'operation'
        ? []
        : reusesOf(kernel.group, phases.get(kernel.group)!).map(pair =>
            pair
              .map(value => printer.text(`${value.origin.from === 'operation' ? 'v' : 'input'}${value.id}`))
              .join(' of '),
          ),
    );
  };

  test('where both are walked through alike', () => {
    expect(reuses((x: Tensor, y) => x.add(y).exp(), x, randn([4, 64]))).toEqual(['v1 of input1', 'v1 of input2']);
  });

  test('but not where the input is broadcast, turned, or of another dtype', () => {
    expect(reuses((x: Tensor, row) => x.add(row), x, randn([64]))).toEqual(['v1 of input1']);
    const square = randn([4, 4]);
    expect(reuses((a: Tensor) => a.t().exp(), square)).toEqual([]);
    expect(reuses((x: Tensor) => x.gt(0), x)).toEqual([]);
    expect(reuses((x: Tensor) => x.to('int32'), x)).toEqual([]);
  });

  test('but not where the input is read in another way, too', () => {
    expect(reuses((a: Tensor) => a.add(a.t()), randn([4, 4]))).toEqual([]);
    expect(reuses((a: Tensor) => a.add(a), randn([4, 4]))).toEqual(['v1 of input1']);
  });

  test('but not where the row is gone through again', () => {
    expect(reuses((x: Tensor) => x.softmax(1), x)).toEqual([]);
  });
});
