import {
  type Code,
  doLess,
  f32x4,
  i32,
  instantiate,
  ModuleBuilder,
  makeMemory,
  relaxedSimd,
  VectorMath,
  v128,
} from '@tapegrad/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorFunction } from '../../packages/tensor/src/kernels/erf.ts';
import { points } from './points.ts';

/** Each function in float64, and how far the vectors' may be from it, relative to the value. */
const functions = {
  exp: [Math.exp, 1e-7],
  expm1: [Math.expm1, 1.5e-7],
  log: [Math.log, 1e-7],
  log1p: [Math.log1p, 1e-7],
  log2: [Math.log2, 1.8e-7],
  log10: [Math.log10, 1.8e-7],
  tanh: [Math.tanh, 2e-7],
  erf: [errorFunction, 1.2e-7],
  sigmoid: [x => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 2e-7],
  softplus: [x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 2.2e-7],
  sin: [Math.sin, 1.6e-7],
  cos: [Math.cos, 1.6e-7],
  tan: [Math.tan, 3e-7],
} satisfies Record<string, readonly [(x: number) => number, number]>;

type Name = keyof typeof functions;
const names = Object.keys(functions) as Name[];
const forms = [{ fma: false }, { fma: true }].filter(({ fma }) => !fma || relaxedSimd());

type Kernel = (bytes: number) => void;

/** Functions of four lanes as functions of arrays, which they replace at the start of a memory. */
function compile<Key extends string>(rules: Record<Key, (math: VectorMath, x: Code) => Code>, fma: boolean) {
  const m = new ModuleBuilder();
  for (const name of Object.keys(rules) as Key[])
    m.function(name, ['i32'], [], (f, bytes) => {
      const [at, math] = [f.local('i32'), new VectorMath(f, { fma })];
      return doLess(at, i32.const(0), bytes.get, 16, v128.store(at.get, rules[name](math, v128.load(at.get))));
    });
  const memory = makeMemory(64);
  const exports = instantiate<Record<Key, Kernel>>(m, memory);
  const floats = new Float32Array(memory.buffer);
  return (name: Key, xs: ArrayLike<number>): Float32Array => {
    floats.set(xs);
    floats.fill(0, xs.length, xs.length + 3);
    exports[name](4 * Math.ceil(xs.length / 4) * 4);
    return floats.slice(0, xs.length);
  };
}

const rules = Object.fromEntries(
  names.map(name => [name, (math: VectorMath, x: Code) => math[name](x)] as const),
) as Record<Name, (math: VectorMath, x: Code) => Code>;

const inputs = points();
const exact = {} as Record<Name, Float64Array>;
beforeAll(() => {
  for (const name of names) exact[name] = Float64Array.from(inputs, functions[name][0]);
});

/** The smallest denormal number, of which results below the normal ones may be two away. */
const tiniest = 2 ** -149;

/** The inputs at which a function is further from float64 than it may be. */
function mistakes(name: Name, results: Float32Array): string[] {
  const [, bound] = functions[name];
  const found: string[] = [];
  for (let i = 0; i < inputs.length; i++) {
    const [y, expected] = [results[i], exact[name][i]];
    if (Object.is(y, expected) || (Number.isNaN(y) && Number.isNaN(expected))) continue;
    // Results about to overflow may do so one too early or too late.
    const finite = Math.abs(y) === Infinity ? Math.sign(y) * 2 ** 128 : y;
    const limit = Number.isFinite(expected) ? bound * Math.abs(expected) + 2 * tiniest : 0;
    const overflows = Math.abs(expected) > 2 ** 128 && Math.abs(y) === Infinity && Math.sign(y) === Math.sign(expected);
    const signIsRight = y !== 0 || expected === 0 || Object.is(Math.sign(y), Math.sign(expected) * 0);
    if (overflows || (Math.abs(finite - expected) <= limit && signIsRight)) continue;
    found.push(`${name}(${inputs[i]}) = ${y}, expected ${expected}`);
  }
  return found.slice(0, 5);
}

describe.each(forms)('mathematical functions of vectors with fma: $fma', ({ fma }) => {
  const apply = compile(rules, fma);

  test.each(names)('%s is right for all of float32, both signs, denormal numbers and limits', name => {
    expect(mistakes(name, apply(name, inputs))).toEqual([]);
  });

  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
  test.each<[Name, number[], number[]]>([
    ['exp', [nan, inf, -inf, 0, -0, 89, 1000, -104, -1e30], [nan, inf, 0, 1, 1, inf, inf, 0, 0]],
    ['expm1', [nan, inf, -inf, 0, -0, 89, -18, 1e-45, -1e-45], [nan, inf, -1, 0, -0, inf, -1, 1e-45, -1e-45]],
    ['log', [nan, -nan, inf, -inf, 0, -0, 1, -1, -1e-45], [nan, nan, inf, nan, -inf, -inf, 0, nan, nan]],
    ['log1p', [nan, inf, -inf, 0, -0, -1, -2, 1e-45, -1e-45], [nan, inf, nan, 0, -0, -inf, nan, 1e-45, -1e-45]],
    ['log2', [nan, inf, 0, -0, 1, 2, 8, 0.25, -2], [nan, inf, -inf, -inf, 0, 1, 3, -2, nan]],
    ['log10', [nan, inf, 0, -0, 1, -10], [nan, inf, -inf, -inf, 0, nan]],
    ['tanh', [nan, inf, -inf, 0, -0, 1e30, -10, 1e-45, -1e-45], [nan, 1, -1, 0, -0, 1, -1, 1e-45, -1e-45]],
    ['erf', [nan, inf, -inf, 0, -0, 1e30, -4, 1e-45], [nan, 1, -1, 0, -0, 1, -1, 1e-45]],
    ['sigmoid', [nan, inf, -inf, 0, -0, 100, -104], [nan, 1, 0, 0.5, 0.5, 1, 0]],
    ['softplus', [nan, inf, -inf, 100, -104], [nan, inf, 0, 100, 0]],
    ['sin', [nan, inf, -inf, 0, -0, 1e-45, -1e-45], [nan, nan, nan, 0, -0, 1e-45, -1e-45]],
    ['cos', [nan, inf, -inf, 0, -0], [nan, nan, nan, 1, 1]],
    ['tan', [nan, inf, -inf, 0, -0, 1e-45], [nan, nan, nan, 0, -0, 1e-45]],
  ])('%s has the limits %j', (name, xs, expected) => {
    expect(Array.from(apply(name, xs))).toEqual(expected.map(Math.fround));
  });

  test('log2 is exact for every power of two', () => {
    const exponents = Array.from({ length: 277 }, (_, i) => i - 149);
    const powers = exponents.map(n => 2 ** n);
    expect(Array.from(apply('log2', powers))).toEqual(exponents);
  });

  test.each(['tanh', 'erf', 'sigmoid', 'sin', 'cos'] as const)('%s is nowhere above 1', name => {
    expect(apply(name, inputs).filter(y => Math.abs(y) > 1)).toHaveLength(0);
  });

  test('a large number among the four leaves the sine of the others right', () => {
    const xs = [1, 1e30, -2, 1e-20];
    for (const [i, y] of apply('sin', xs).entries()) expect(y).toBeCloseTo(Math.sin(Math.fround(xs[i])), 6);
  });

  test('may be nested, follow each other and be part of a sum of products', () => {
    const combined = compile(
      {
        nested: (math, x) => math.exp(math.log(math.sigmoid(math.log1p(math.exp(x))))),
        sum: (math, x) => f32x4.add(math.exp(x), math.exp(f32x4.neg(x))),
        product: (math, x) => math.madd(math.tanh(x), math.log(math.exp(x)), math.erf(x)),
        circle: (math, x) => {
          const [sin, cos] = [math.sin(x), math.cos(x)];
          return f32x4.add(f32x4.mul(sin, math.sin(x)), f32x4.mul(cos, math.cos(x)));
        },
      },
      fma,
    );
    const sigmoid = functions.sigmoid[0];
    const expected = {
      nested: (x: number) => sigmoid(Math.log1p(Math.exp(x))),
      sum: (x: number) => Math.exp(x) + Math.exp(-x),
      product: (x: number) => Math.tanh(x) * x + errorFunction(x),
      circle: () => 1,
    };
    const xs = Float32Array.from({ length: 40 }, (_, i) => i / 4 - 5);
    for (const name of Object.keys(expected) as (keyof typeof expected)[])
      combined(name, xs).forEach((y, i) => {
        const right = expected[name](xs[i]);
        expect(Math.abs(y - right)).toBeLessThanOrEqual(2e-6 * Math.abs(right) + 1e-7);
      });
  });
});
