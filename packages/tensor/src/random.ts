/// <reference path="./seedrandom.d.ts" />
import type { State, StatefulPRNG } from 'seedrandom';
// Its ARC4 alone: the main file brings six more generators.
import seedrandom from 'seedrandom/seedrandom.js';
import { ArgumentError, FormatError } from './errors.ts';

/**
 * A stream of random numbers: ARC4 by seedrandom, with the distributions on top.
 *
 * The same seed gives the same numbers on every machine and engine. For that, nothing here calls `Math.log` and its
 * kind, whose last bits are up to the engine; `+ - * /` and `Math.sqrt` are rounded exactly everywhere.
 */
export class Generator {
  #arc4: StatefulPRNG<State.Arc4>;
  /** The polar method makes normals in pairs: the second one waits here. */
  #spare: number | undefined;

  /** A seed is a finite number or a text; 5 and '5' are the same seed. */
  constructor(seed: number | string) {
    this.#arc4 = arc4(seed);
  }

  /** Starts the stream anew from `seed`, as a new generator would. */
  manualSeed(seed: number | string): this {
    this.#arc4 = arc4(seed);
    this.#spare = undefined;
    return this;
  }

  /** A float64 in [0, 1). */
  uniform(): number {
    return this.#arc4();
  }

  /** A multiple of 2^-24 in [0, 1): a float32 holds it exactly, where one of `uniform()` may round up to 1. */
  uniformFloat32(): number {
    return (this.#arc4.int32() >>> 8) * 2 ** -24;
  }

  /**
   * A float64 from the standard normal distribution.
   *
   * Marsaglia's polar method: (u, v) uniform in the unit disc, s = u² + v²; then u √(-2 ln s / s) and v √(-2 ln s / s)
   * are independent normals.
   */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.#arc4() - 1;
      v = 2 * this.#arc4() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * ln(s)) / s);
    this.#spare = v * scale;
    return u * scale;
  }

  /** An integer in [low, high), each equally likely; `high - low` may be as large as a safe integer. */
  integer(low: number, high: number): number {
    checkRange('integer', low, high);
    return low + this.#below(high - low);
  }

  /** The integers 0 to n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n > 2 ** 31) {
      throw new ArgumentError(`permutation: expected a length n from 0 to 2^31, got ${show(n)}`);
    }
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const j = this.#below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Fills `out` with `uniformFloat32()` or, if it is a Float64Array, with `uniform()`. */
  fillUniform<A extends Float32Array | Float64Array>(out: A): A {
    if (out instanceof Float32Array) for (let i = 0; i < out.length; i++) out[i] = this.uniformFloat32();
    else for (let i = 0; i < out.length; i++) out[i] = this.uniform();
    return out;
  }

  /** Fills `out` with `normal()`. */
  fillNormal<A extends Float32Array | Float64Array>(out: A): A {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  /** Fills `out` with `integer(low, high)`, all of which its type must be able to hold. */
  fillIntegers<A extends Float32Array | Float64Array | Int32Array | Uint8Array>(out: A, low: number, high: number): A {
    checkRange('fillIntegers', low, high);
    const [first, last] = wholeNumbersOf(out);
    if (low < first || high - 1 > last) {
      throw new ArgumentError(
        `fillIntegers: expected a range within ${first} to ${last}, which ${out.constructor.name} holds exactly, ` +
          `got low ${low}, high ${high}`,
      );
    }
    const range = high - low;
    for (let i = 0; i < out.length; i++) out[i] = low + this.#below(range);
    return out;
  }

  /** Where the stream stands, as text; `fromState` and `loadState` continue it with the very next number. */
  state(): string {
    const { i, j, S } = this.#arc4.state();
    return JSON.stringify({ algorithm: 'arc4', i, j, S, spare: this.#spare ?? null });
  }

  /** Continues from a text that `state()` gave; a FormatError, and no change, if it is anything else. */
  loadState(state: string): this {
    const { spare, ...arc4State } = parseState(state);
    this.#arc4 = seedrandom('', { state: arc4State });
    this.#spare = spare ?? undefined;
    return this;
  }

  /** A new generator that continues from a text that `state()` gave. */
  static fromState(state: string): Generator {
    return new Generator(0).loadState(state);
  }

  /** A whole number in [0, range): what is left over above the last whole multiple of `range` is drawn again. */
  #below(range: number): number {
    const arc4 = this.#arc4;
    if (range <= 2 ** 32) {
      const limit = 2 ** 32 - (2 ** 32 % range);
      for (;;) {
        const bits = arc4.int32() >>> 0;
        if (bits < limit) return bits % range;
      }
    }
    const limit = 2 ** 53 - (2 ** 53 % range);
    for (;;) {
      const bits = (arc4.int32() >>> 0) * 2 ** 21 + (arc4.int32() >>> 11);
      if (bits < limit) return bits % range;
    }
  }
}

let shared: Generator | undefined;

/** The generator that is used where none is given; it starts from entropy until `manualSeed` is called. */
export function defaultGenerator(): Generator {
  shared ??= new Generator(crypto.getRandomValues(new Uint32Array(8)).join());
  return shared;
}

/** Seeds the default generator and returns it. */
export function manualSeed(seed: number | string): Generator {
  return defaultGenerator().manualSeed(seed);
}

const word = new DataView(new ArrayBuffer(8));
const ln2High = 0.6931471803691238; // the leading 32 bits, so that its product with an exponent is exact
const ln2Low = 1.9082149292705877e-10;

/**
 * The natural logarithm of a positive, normal x to about 1 ulp, bit-identical on every engine.
 *
 * With x = 2^k (1 + f), 1 + f in [√½, √2), and s = f / (2 + f): ln x = k ln 2 + 2 atanh s, summed in the order of
 * fdlibm's e_log.c: ln(1 + f) = f - (f²/2 - s (f²/2 + R)), R = 2/3 s² + 2/5 s⁴ + 2/7 s⁶ + …
 */
export function ln(x: number): number {
  word.setFloat64(0, x);
  const high = word.getUint32(0);
  let k = (high >>> 20) - 1023;
  word.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = word.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let r = 0;
  for (let n = 21; n >= 3; n -= 2) r = z * (2 / n + r);
  const half = 0.5 * f * f;
  return k * ln2High - (half - (s * (half + r) + k * ln2Low) - f);
}

function arc4(seed: number | string): StatefulPRNG<State.Arc4> {
  if (typeof seed === 'number' ? !Number.isFinite(seed) : typeof seed !== 'string') {
    throw new ArgumentError(`seed: expected a finite number or a string, got ${show(seed)}`);
  }
  // ARC4 repeats its key up to 256 bytes, so without an end mark the seeds 1, 11 and 111 would be the same.
  return seedrandom(`${seed}\0`, { state: true });
}

function checkRange(op: string, low: number, high: number): void {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high || !Number.isSafeInteger(high - low)) {
    throw new ArgumentError(
      `${op}: expected safe integers low < high, at most 2^53 - 1 apart, got low ${show(low)}, high ${show(high)}`,
    );
  }
}

/** The first and last of the consecutive whole numbers that the elements of `out` hold exactly. */
function wholeNumbersOf(out: Float32Array | Float64Array | Int32Array | Uint8Array): [first: number, last: number] {
  if (out instanceof Int32Array) return [-(2 ** 31), 2 ** 31 - 1];
  if (out instanceof Uint8Array) return [0, 255];
  return out instanceof Float32Array ? [-(2 ** 24), 2 ** 24] : [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
}

function parseState(text: string): State.Arc4 & { spare: number | null } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatError('Generator state: expected the JSON text that state() gives, got something that is not JSON');
  }
  const { algorithm, i, j, S, spare }: { [key: string]: unknown } = Object(value);
  if (algorithm !== 'arc4') throw new FormatError(`Generator state: expected algorithm 'arc4', got ${show(algorithm)}`);
  if (!isByte(i) || !isByte(j)) {
    throw new FormatError(`Generator state: expected i and j from 0 to 255, got ${show(i)} and ${show(j)}`);
  }
  if (!Array.isArray(S) || S.length !== 256 || !S.every(isByte) || new Set(S).size !== 256) {
    throw new FormatError('Generator state: expected S to hold each of 0 to 255 once');
  }
  if (spare !== null && !(typeof spare === 'number' && Number.isFinite(spare))) {
    throw new FormatError(`Generator state: expected spare to be a number or null, got ${show(spare)}`);
  }
  return { i, j, S, spare };
}

const isByte = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 256;

/** A value in an error message, cut short. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
