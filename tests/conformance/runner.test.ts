import { randn, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { type Case, type CaseOptions, type Compiled, program, pure, script } from './case.ts';
import { differences, read, type Tolerance } from './compare.ts';
import { check, type Mode, modesOf } from './run.ts';

/** A mode in which every function is made into another one, as a wrong compiler would. */
const broken = (spoil: (fn: (...args: any[]) => any) => (...args: any[]) => any): Mode => ({
  name: 'javascript',
  compiled: spoil as Compiled,
});

const doubled: Case = pure(
  'doubled',
  (x: Tensor) => ({ y: x.mul(2) }),
  draw => [draw.normal(2, 3)],
);

const counting: Case = program('counting', draw => {
  const [total, w] = [draw.of([0, 0]), draw.leaf(2)];
  return {
    fn: (x: Tensor) => {
      w.mul(x).sum().backward();
      return total.assign(total.add(x)).clone();
    },
    inputs: d => [d.normal(2)],
    state: { total, w },
  };
});

describe('the modes', () => {
  test('are eager alone where there is nothing that compiles', () => {
    expect(modesOf({}).map(({ name }) => name)).toEqual(['eager']);
  });

  test('are eager and both executors where there is, each of which is asked for', () => {
    const asked: unknown[] = [];
    const compile = (fn: unknown, options: unknown): unknown => {
      asked.push(options);
      return fn;
    };
    const modes = modesOf({ compile });
    expect(modes.map(({ name }) => name)).toEqual(['eager', 'javascript', 'wasm']);
    expect(modes.map(mode => check(doubled, mode))).toEqual([[], [], []]);
    expect(asked).toEqual([{ executor: 'javascript' }, { executor: 'wasm' }]);
  });
});

describe('a compiler is caught that', () => {
  test('gets one element wrong, and it is said which, and by how much', () => {
    const mode = broken(fn => x => {
      const { y } = fn(x);
      y.select(0, 1).select(0, 2).assign(5);
      return { y };
    });
    expect(check(doubled, mode)).toEqual(
      [0, 1, 2].map(call =>
        expect.stringMatching(
          new RegExp(
            `^results\\[${call}\\]\\.y: element \\[1,2\\]: expected \\S+, got 5, \\S+ apart where \\S+ is tolerated$`,
          ),
        ),
      ),
    );
  });

  test('keeps to the arguments of the first call', () => {
    const mode = broken(fn => {
      let result: unknown;
      return x => (result ??= fn(x));
    });
    expect(check(doubled, mode).map(line => line.slice(0, 12))).toEqual(['results[1].y', 'results[2].y']);
  });

  test('writes its results where those of the call before lie', () => {
    const mode = broken(fn => {
      let place: Tensor | undefined;
      return x => {
        const { y } = fn(x);
        place = place === undefined ? y : place.assign(y);
        return { y: place };
      };
    });
    expect(check(doubled, mode).map(line => line.slice(0, 12))).toEqual(['results[0].y', 'results[1].y']);
  });

  test('writes into its arguments', () => {
    const mode = broken(fn => x => {
      const result = fn(x);
      x.assign(0);
      return result;
    });
    expect(check(doubled, mode).map(line => line.slice(0, 11))).toEqual(['given[0][0]', 'given[1][0]', 'given[2][0]']);
  });

  test('forgets what is assigned, and gradients', () => {
    let ran = 0;
    const mode = broken(fn => x => (ran++ === 2 ? x : fn(x)));
    const found = check(counting, mode).map(line => line.split(':')[0]);
    expect(found).toEqual(['results[2]', 'state.total', 'gradients.state.w']);
  });

  test('draws other random numbers than eager code', () => {
    const noise = script('noise', compiled => compiled(() => randn([2]))());
    const mode = broken(fn => () => {
      fn();
      return fn();
    });
    expect(check(noise, mode)).toEqual([expect.stringContaining('element [')]);
  });
});

describe('eager code is caught that', () => {
  const eager = modesOf({})[0];

  test('does not give the same twice', () => {
    let ran = 0;
    const fickle = script('fickle', () => tensor([1, ran++]));
    expect(check(fickle, eager)).toEqual([
      'the second time: : element [1]: expected 0, got 1, 1 apart where 0 is tolerated',
    ]);
  });

  test('gives in float32 what is far from float64, unless the case is of float32 alone', () => {
    const cancels = (options: CaseOptions): Case =>
      script('cancels', (_, draw) => draw.of([1]).add(1e-8).sub(1), options);
    expect(check(cancels({}), eager)).toEqual([expect.stringContaining('float32 against float64: ')]);
    expect(check(cancels({ float64: false }), eager)).toEqual([]);
  });
});

describe('numbers', () => {
  const compare = (expected: number[], got: number[], closeness: Tolerance['closeness']): boolean =>
    differences(read(tensor(expected)), read(tensor(got)), { closeness, share: 1e-5 }).length === 0;

  test('may differ by 1e-5 of themselves, or of 1 where they are smaller and others are not', () => {
    expect(compare([1000, 1e-3], [1000.009, 1e-3], 'each')).toBe(true);
    expect(compare([1000, 1e-3], [1000.012, 1e-3], 'each')).toBe(false);
    expect(compare([1000, 1e-3], [1000, 1.009e-3], 'each')).toBe(true);
    expect(compare([1000, 1e-3], [1000, 1.012e-3], 'each')).toBe(false);
    expect(compare([1e-3, 1e-6], [1e-3, 1.012e-6], 'each')).toBe(false);
  });

  test('may differ by 1e-5 of the largest, of themselves alone, or not at all, as the case says', () => {
    expect(compare([1000, 1e-3], [1000, 2e-3], 'largest')).toBe(true);
    expect(compare([1000, 1e-3], [1000, 2e-2], 'largest')).toBe(false);
    expect(compare([1000, 1e-9], [1000, 1.001e-9], 'relative')).toBe(false);
    expect(compare([1000, 1e-9], [1000, 1.000005e-9], 'relative')).toBe(true);
    expect(compare([1], [1 + 2 ** -23], 'bits')).toBe(false);
    expect(compare([0], [-0], 'bits')).toBe(false);
    expect(compare([0], [-0], 'each')).toBe(true);
  });

  test('that are NaN or infinite must be so in the same places', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    for (const closeness of ['each', 'largest', 'relative', 'bits'] as const) {
      expect(compare([nan, infinity, -infinity], [nan, infinity, -infinity], closeness)).toBe(true);
      for (const wrong of [
        [1, infinity],
        [nan, 1],
        [nan, -infinity],
        [nan, nan],
        [infinity, infinity],
      ])
        expect(compare([nan, infinity], wrong, closeness)).toBe(false);
    }
  });

  test('of int32 and bool must be the same', () => {
    const ids = (...data: number[]) => read(tensor(data, { dtype: 'int32' }));
    expect(differences(ids(1e6, 2), ids(1e6 + 1, 2), { closeness: 'each', share: 1e-5 })).toEqual([
      ': element [0]: expected 1000000, got 1000001, 1 apart where 0 is tolerated',
    ]);
  });
});

test('shapes, dtypes and what is null must be the same, and so must the nesting', () => {
  const compare = (expected: any, got: any): string[] =>
    differences(read({ x: expected }), read({ x: got }), { closeness: 'each', share: 1e-5 });
  expect(compare(tensor([1, 2]), tensor([[1, 2]]))).toEqual(['x: expected shape [2], got [1,2]']);
  expect(compare(tensor([1]), tensor([1], { dtype: 'int32' }))).toEqual(['x: expected dtype float32, got dtype int32']);
  expect(compare(tensor([1]), null)).toEqual(['x: expected a tensor, got null']);
  expect(compare(null, tensor([1]))).toEqual(['x: expected null, got a tensor']);
  expect(compare([tensor(1)], [tensor(1), tensor(2)])).toEqual(['expected the tensors x[0], got x[0], x[1]']);
});
