import {
  block,
  br,
  brIf,
  call,
  doLess,
  f32x4,
  forLess,
  i32,
  instantiate,
  ModuleBuilder,
  makeMemory,
  repeat,
  returns,
  select,
  shuffle,
  v128,
  when,
} from '@tapegrad/wasm';
import { describe, expect, test } from 'vitest';

/** The exports of a module over a page of memory of its own. */
function run<Exports>(
  m: ModuleBuilder,
  functions: Record<string, () => void> = {},
): { exports: Exports; floats: Float32Array } {
  const memory = makeMemory(1);
  return { exports: instantiate<Exports>(m, memory, functions), floats: new Float32Array(memory.buffer) };
}

describe('the assembler', () => {
  test.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 1 << 20, -(1 << 20), 2147483647, -2147483648])(
    'writes the number %i',
    n => {
      const m = new ModuleBuilder();
      m.function('number', [], ['i32'], () => i32.const(n));
      expect(run<{ number(): number }>(m).exports.number()).toBe(n);
    },
  );

  test('adds vectors in a loop', () => {
    const m = new ModuleBuilder();
    m.function('add', ['i32', 'i32', 'i32'], [], (f, to, from, bytes) => {
      const i = f.local('i32');
      const at = i32.add(to.get, i.get);
      return doLess(
        i,
        i32.const(0),
        bytes.get,
        16,
        v128.store(at, f32x4.add(v128.load(at), v128.load(i32.add(from.get, i.get), 4))),
      );
    });
    const { exports, floats } = run<{ add(to: number, from: number, bytes: number): void }>(m);
    floats.set([1, 2, 3, 4, 5, 6, 7, 8]);
    floats.set([0, 10, 20, 30, 40, 50, 60, 70, 80], 16);
    exports.add(0, 64, 32);
    expect(Array.from(floats.subarray(0, 9))).toEqual([11, 22, 33, 44, 55, 66, 77, 88, 0]);
  });

  test('branches, counts and calls', () => {
    const m = new ModuleBuilder();
    const double = m.function(null, ['i32'], ['i32'], (_, x) => i32.mul(x.get, i32.const(2)));
    m.function('sumBelow', ['i32'], ['i32'], (f, n) => {
      const [i, sum] = [f.local('i32'), f.local('i32')];
      return [forLess(i, i32.const(0), n.get, 1, sum.set(i32.add(sum.get, i.get))), sum.get];
    });
    m.function('power', ['i32'], ['i32'], (f, n) => {
      const [count, x] = [f.local('i32'), f.local('i32')];
      return [
        x.set(i32.const(1)),
        when(i32.eqz(n.get), returns(x.get)),
        repeat(count, n.get, x.set(call(double, x.get))),
        x.get,
      ];
    });
    m.function('sign', ['i32'], ['i32'], (f, x) => {
      const result = f.local('i32');
      return [
        block(
          result.set(i32.const(-1)),
          brIf(0, i32.lt(x.get, i32.const(0))),
          result.set(select(i32.const(0), i32.const(1), i32.eqz(x.get))),
          br(0),
        ),
        result.get,
      ];
    });
    const { exports } = run<Record<'sumBelow' | 'power' | 'sign', (n: number) => number>>(m);
    expect([0, 1, 5].map(exports.sumBelow)).toEqual([0, 0, 10]);
    expect([0, 1, 10].map(exports.power)).toEqual([1, 2, 1024]);
    expect([-7, 0, 7].map(exports.sign)).toEqual([-1, 0, 1]);
  });

  test('reorders lanes and calls out', () => {
    const m = new ModuleBuilder();
    let calls = 0;
    const out = m.import('out', []);
    m.function('reverse', [], [], () => [
      v128.store(i32.const(16), shuffle(v128.load(i32.const(0)), f32x4.const(9), [3, 2, 1, 4])),
      call(out),
    ]);
    const { exports, floats } = run<{ reverse(): void }>(m, { out: () => calls++ });
    floats.set([1, 2, 3, 4]);
    exports.reverse();
    expect(Array.from(floats.subarray(4, 8))).toEqual([4, 3, 2, 9]);
    expect(calls).toBe(1);
  });

  test('keeps a vector that is needed again in one variable, set before the code that reads it', () => {
    const m = new ModuleBuilder();
    let locals = 0;
    m.function('sum', [], [], f => {
      const code = v128.store(
        i32.const(0),
        f32x4.add(f.constant(f32x4.const(2)), f32x4.mul(f.constant(f32x4.const(3)), f.constant(f32x4.const(2)))),
      );
      locals = f.locals.length;
      return code;
    });
    const { exports, floats } = run<{ sum(): void }>(m);
    exports.sum();
    expect([locals, floats[0], floats[3]]).toEqual([2, 8, 8]);
  });

  test('refuses an import after a function, whose index it would move', () => {
    const m = new ModuleBuilder();
    m.function(null, [], [], () => []);
    expect(() => m.import('late', [])).toThrow('import late: expected imports before functions');
  });
});
