import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ArgumentError, FormatError } from '../../packages/tensor/src/errors.ts';
import { defaultGenerator, Generator, ln, manualSeed } from '../../packages/tensor/src/random.ts';

const take = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);

function moments(x: ArrayLike<number>) {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += x[i] / x.length;
  const central = (power: number) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i] - mean) ** power;
    return sum / x.length;
  };
  const variance = central(2);
  return { mean, variance, skewness: central(3) / variance ** 1.5, kurtosis: central(4) / variance ** 2 };
}

describe('the stream', () => {
  test('is these numbers for seed 5, on every machine and engine', () => {
    // An ARC4 and a polar method written independently in Python give the same digits.
    const g = new Generator(5);
    expect(take(2, () => g.uniform())).toEqual([0.8975141500470741, 0.07915606911169919]);
    expect(g.uniformFloat32()).toBe(0.9561846852302551);
    expect(take(3, () => g.normal())).toEqual([-1.74616267921737, 1.374092325918414, 0.10262911587044778]);
    expect(g.integer(0, 10)).toBe(9);
    expect(g.integer(0, 2 ** 40)).toBe(843572312011);
    expect([...g.permutation(6)]).toEqual([4, 5, 1, 0, 2, 3]);
  });

  test('is the same for a number and its text, and differs between seeds', () => {
    const first = (seed: number | string) => new Generator(seed).uniform();
    expect(first('5')).toBe(first(5));
    const seeds = [0, 1, 11, 111, -1, 1.5, 1e300, '', 'a', 'aa', 'abab', 'ab', 'a long sentence makes a seed too'];
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
  });

  test('starts anew with manualSeed, without a normal left over', () => {
    const g = new Generator('x');
    g.normal();
    expect(take(5, () => g.manualSeed(7).normal())).toEqual(Array(5).fill(new Generator(7).normal()));
  });

  test('does not take a seed that is no seed', () => {
    for (const seed of [Number.NaN, Infinity, -Infinity, undefined, null, {}, [1], 1n, true]) {
      expect(() => new Generator(seed as number)).toThrow(ArgumentError);
    }
    expect(() => new Generator(Number.NaN)).toThrow('seed: expected a finite number or a string, got NaN');
  });
});

describe('uniform numbers', () => {
  test('lie in [0, 1) with the moments of the uniform distribution', () => {
    for (const x of [new Float64Array(200_000), new Float32Array(200_000)]) {
      new Generator(1).fillUniform(x);
      expect(x.every(value => value >= 0 && value < 1)).toBe(true);
      const { mean, variance, kurtosis } = moments(x);
      expect(mean).toBeCloseTo(1 / 2, 2);
      expect(variance).toBeCloseTo(1 / 12, 3);
      expect(kurtosis).toBeCloseTo(9 / 5, 1);
    }
  });

  test('of 24 bits survive float32 unchanged', () => {
    const g = new Generator(2);
    for (let i = 0; i < 10_000; i++) {
      const value = g.uniformFloat32();
      expect(Math.fround(value)).toBe(value);
    }
  });
});

describe('normal numbers', () => {
  test('have the moments and the tails of the normal distribution', () => {
    const x = new Generator(3).fillNormal(new Float64Array(400_000));
    const { mean, variance, skewness, kurtosis } = moments(x);
    expect(mean).toBeCloseTo(0, 2);
    expect(variance).toBeCloseTo(1, 2);
    expect(skewness).toBeCloseTo(0, 1);
    expect(kurtosis).toBeCloseTo(3, 1);
    const beyond = (limit: number) => x.filter(value => Math.abs(value) > limit).length / x.length;
    expect(beyond(1)).toBeCloseTo(0.3173, 2);
    expect(beyond(2)).toBeCloseTo(0.0455, 2);
    expect(beyond(3)).toBeCloseTo(0.0027, 3);
  });

  test('are the same one by one as filled in', () => {
    const g = new Generator(4);
    expect([...new Generator(4).fillNormal(new Float64Array(7))]).toEqual(take(7, () => g.normal()));
  });

  test('rest on a logarithm of their own that is right to 1e-15', () => {
    const relativeError = (x: number) => Math.abs(ln(x) / Math.log(x) - 1);
    const g = new Generator(5);
    let worst = 0;
    for (let i = 0; i < 100_000; i++) {
      worst = Math.max(worst, relativeError(g.uniform()));
      worst = Math.max(worst, relativeError(1 - 2 ** -(1 + (i % 53)) * (1 - g.uniform() / 2)));
      worst = Math.max(worst, relativeError(2 ** g.integer(-1022, 1023) * (1 + g.uniform())));
    }
    for (const x of [2 ** -1022, 2 ** -104, 1 - 2 ** -53, 1 + 2 ** -52, Math.SQRT2, Math.SQRT1_2, Number.MAX_VALUE]) {
      worst = Math.max(worst, relativeError(x));
    }
    expect(worst).toBeLessThan(1e-15);
    expect(ln(1)).toBe(0);
  });
});

describe('integers', () => {
  test('lie in [low, high), whatever the range', () => {
    const safe = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(safe, safe, fc.string(), (a, b, seed) => {
        fc.pre(a !== b && Number.isSafeInteger(a - b));
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const value = new Generator(seed).integer(low, high);
        return Number.isSafeInteger(value) && value >= low && value < high;
      }),
      { seed: 1 },
    );
  });

  test('are each equally likely', () => {
    const g = new Generator(6);
    for (const [low, high] of [
      [0, 2],
      [-3, 4],
      [0, 100],
    ]) {
      const n = 2000 * (high - low);
      const counts = new Array(high - low).fill(0);
      for (let i = 0; i < n; i++) counts[g.integer(low, high) - low]++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
      const freedom = high - low - 1;
      expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom));
    }
  });

  test('are unbiased where the range does not divide the bits drawn', () => {
    // A bare remainder would fall into the lower third twice as often as into each of the others.
    for (const range of [3 * 2 ** 30, 3 * 2 ** 51]) {
      const g = new Generator(7);
      const thirds = [0, 0, 0];
      for (let i = 0; i < 30_000; i++) thirds[Math.floor(g.integer(0, range) / (range / 3))]++;
      for (const count of thirds) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    }
  });

  test('reach beyond 2^32, into the low and the high bits', () => {
    const g = new Generator(8);
    const drawn = take(1000, () => g.integer(-(2 ** 52), 2 ** 52 - 1));
    expect(Math.min(...drawn)).toBeLessThan(-0.9 * 2 ** 52);
    expect(Math.max(...drawn)).toBeGreaterThan(0.9 * 2 ** 52);
    expect(drawn.filter(value => value % 2 !== 0).length).toBeGreaterThan(400);
    expect(g.integer(2 ** 53 - 2, 2 ** 53 - 1)).toBe(2 ** 53 - 2);
  });

  test('need a range', () => {
    const g = new Generator(0);
    for (const [low, high] of [
      [0, 0],
      [1, 0],
      [0, 1.5],
      [Number.NaN, 1],
      [0, Infinity],
      [0, 2 ** 53],
      [-(2 ** 53) + 1, 2 ** 53 - 1],
    ]) {
      expect(() => g.integer(low, high)).toThrow(ArgumentError);
    }
    expect(() => g.integer(3, 3)).toThrow(
      'integer: expected safe integers low < high, at most 2^53 - 1 apart, got low 3, high 3',
    );
  });

  test('fill only an array that can hold them', () => {
    const g = new Generator(9);
    const bits = g.fillIntegers(new Uint8Array(1000), 0, 256);
    expect([Math.min(...bits), Math.max(...bits)]).toEqual([0, 255]);
    expect(g.fillIntegers(new Int32Array(3), 2 ** 31 - 1, 2 ** 31)).toEqual(new Int32Array(3).fill(2 ** 31 - 1));
    expect(g.fillIntegers(new Float64Array(3), 2 ** 50, 2 ** 50 + 1)).toEqual(new Float64Array(3).fill(2 ** 50));
    expect(() => g.fillIntegers(new Uint8Array(1), 0, 257)).toThrow(ArgumentError);
    expect(() => g.fillIntegers(new Float32Array(1), 0, 2 ** 24 + 2)).toThrow(ArgumentError);
    expect(() => g.fillIntegers(new Int32Array(1), 0, 2 ** 31 + 1)).toThrow(
      'fillIntegers: expected a range within -2147483648 to 2147483647, which Int32Array holds exactly, ' +
        'got low 0, high 2147483649',
    );
  });
});

describe('permutations', () => {
  test('hold every number once', () => {
    for (const n of [0, 1, 2, 100]) {
      expect([...new Generator(n).permutation(n).sort()]).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  test('are each equally likely', () => {
    const g = new Generator(10);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const key = g.permutation(4).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('need a length', () => {
    for (const n of [-1, 1.5, Number.NaN, 2 ** 31 + 1]) {
      expect(() => new Generator(0).permutation(n)).toThrow(ArgumentError);
    }
  });
});

describe('the state', () => {
  test('continues the stream mid-way, also between the two normals of a pair', () => {
    for (const drawn of [0, 1, 2, 3]) {
      const g = new Generator('resume');
      g.fillNormal(new Float64Array(drawn));
      const resumed = Generator.fromState(g.state());
      const draw = (from: Generator) => [from.normal(), from.uniform(), from.integer(0, 1000), ...from.permutation(9)];
      expect(draw(resumed)).toEqual(draw(g));
      expect(resumed.state()).toBe(g.state());
    }
  });

  test('is not disturbed by being read, and replaces a spare normal', () => {
    const g = new Generator(11);
    const before = g.state();
    expect(g.state()).toBe(before);
    const first = g.normal();
    expect(g.loadState(before).normal()).toBe(first);
  });

  test('is refused when malformed, and the generator stays as it was', () => {
    const g = new Generator(12);
    const good = g.state();
    const broken = (change: object) => JSON.stringify({ ...JSON.parse(good), ...change });
    const repeated = JSON.parse(good).S.with(0, JSON.parse(good).S[1]);
    const malformed = [
      '',
      'null',
      '7',
      '[]',
      '{}',
      good.slice(0, -1),
      broken({ algorithm: 'mt19937' }),
      broken({ i: 256 }),
      broken({ j: '1' }),
      broken({ S: [1, 2] }),
      broken({ S: repeated }),
      broken({ S: Array(256).fill(0.5) }),
      broken({ spare: '0' }),
      broken({ spare: undefined }),
    ];
    for (const text of malformed) {
      expect(() => Generator.fromState(text)).toThrow(FormatError);
      expect(() => g.loadState(text)).toThrow(FormatError);
    }
    expect(g.state()).toBe(good);
    expect(() => Generator.fromState(broken({ i: -1 }))).toThrow(
      /^Generator state: expected i and j from 0 to 255, got -1 and \d+$/,
    );
  });
});

describe('the default generator', () => {
  test('is one, and manualSeed seeds it in place', () => {
    const g = defaultGenerator();
    expect(manualSeed(13)).toBe(g);
    expect(defaultGenerator()).toBe(g);
    expect(g.uniform()).toBe(new Generator(13).uniform());
  });

  test('starts elsewhere in every process', async () => {
    const firstOfProcess = async () => {
      vi.resetModules();
      const fresh = await import('../../packages/tensor/src/random.ts');
      return fresh.defaultGenerator().uniform();
    };
    expect(await firstOfProcess()).not.toBe(await firstOfProcess());
  });
});
