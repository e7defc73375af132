import { type Code, type FunctionBuilder, f32x4, i32, i32x4, type Local, v128 } from '../assembler/index.ts';
import { expTerms, log1pTerms, logTerms, tanhOver, tanhUnder } from './coefficients.ts';

/** How the code may be written. */
export interface VectorMathOptions {
  /** Multiplies and adds in one instruction (relaxed SIMD), whose rounding is left to the machine. */
  readonly fma: boolean;
}

/** The bits of 1 as a float32; n << 23 more are those of 2^n. */
const one = 0x3f800000;
/** Added to a small number, it leaves the nearest integer in the lowest bits: 1.5 * 2^23. */
const rounder = 12582912;
/** log(2) in two parts, the first of so few bits that its product with an exponent is exact. */
const [log2High, log2Low] = [0.693359375, -2.121944400546905e-4];

/**
 * Mathematical functions of four float32 lanes, as inline code that leaves its value on the stack.
 *
 * Each evaluates its argument once, before it touches the temporaries, which all functions of one VectorMath share: so
 * calls may be nested and may follow each other in one expression.
 */
export class VectorMath {
  readonly #f: FunctionBuilder;
  readonly #fma: boolean;
  readonly #temporaries: Local[] = [];

  constructor(f: FunctionBuilder, { fma }: VectorMathOptions) {
    this.#f = f;
    this.#fma = fma;
  }

  /** a b + c. */
  madd(a: Code, b: Code, c: Code): Code {
    return this.#fma ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
  }

  /** exp(x) = 2^n exp(r), x = n log(2) + r. */
  exp(x: Code): Code {
    const [power, left, right] = this.#take(0, 3);
    return [this.#splitExp(x, -176), this.#scaled(f32x4.add(power.get, f32x4.const(1)), left, right)];
  }

  /** log(x) = k log(2) + log(1 + f), x = 2^k (1 + f). */
  log(x: Code): Code {
    const [given, k, f, y] = this.#take(0, 4);
    return [
      given.set(x),
      this.#splitLog(),
      y.set(f32x4.add(this.madd(k.get, f32x4.const(log2Low), this.#logRest()), f.get)),
      y.set(this.madd(k.get, f32x4.const(log2High), y.get)),
      this.#withLimits(y, given),
    ];
  }

  /** tanh(x), as x times a quotient of polynomials in x^2. */
  tanh(x: Code): Code {
    const [given, square] = this.#take(0, 2);
    return [
      given.set(within(x, -8.1, 8.1)),
      square.set(f32x4.mul(given.get, given.get)),
      f32x4.div(f32x4.mul(this.#polynomial(square, tanhOver), given.get), this.#polynomial(square, tanhUnder)),
    ];
  }

  /** 1 / (1 + exp(-x)), or exp(x) / (1 + exp(x)) for x < 0, so that nothing overflows. */
  sigmoid(x: Code): Code {
    const [given, e] = this.#take(3, 2);
    return [
      given.set(x),
      e.set(this.exp(negativeAbs(given.get))),
      f32x4.div(
        v128.bitselect(e.get, f32x4.const(1), f32x4.lt(given.get, f32x4.const(0))),
        f32x4.add(e.get, f32x4.const(1)),
      ),
    ];
  }

  /** max(x, 0) + log(1 + exp(-|x|)). */
  softplus(x: Code): Code {
    const [given, e] = this.#take(3, 2);
    return [
      given.set(x),
      e.set(this.exp(negativeAbs(given.get))),
      this.madd(e.get, this.#polynomial(e, log1pTerms), f32x4.pmax(f32x4.const(0), given.get)),
    ];
  }

  /** Temporaries, which stay the same ones. */
  #take(first: number, count: number): Local[] {
    while (this.#temporaries.length < first + count) this.#temporaries.push(this.#f.local('v128'));
    return this.#temporaries.slice(first, first + count);
  }

  /** c0 + c1 x + c2 x^2 + ..., by Horner's rule. */
  #polynomial(x: Local, coefficients: readonly number[]): Code {
    const [last, ...rest] = coefficients.map(c => f32x4.const(c)).reverse();
    return rest.reduce((sum, c) => this.madd(sum, x.get, c), last);
  }

  /**
   * Splits x = n log(2) + r into temporaries: exp(r) - 1, and two factors of 2^n, which are in range where their product
   * is not. From `least` down, x counts as that; at -176 the factors are 0, and no denormal numbers slow anything.
   */
  #splitExp(x: Code, least: number): Code {
    const [r, n, bits] = this.#take(0, 3);
    return [
      r.set(within(x, least, 89)),
      n.set(this.madd(r.get, f32x4.const(Math.LOG2E), f32x4.const(rounder))),
      bits.set(i32x4.shl(n.get, i32.const(23))),
      n.set(f32x4.sub(n.get, f32x4.const(rounder))),
      r.set(this.madd(n.get, f32x4.const(-log2High), r.get)),
      r.set(this.madd(n.get, f32x4.const(-log2Low), r.get)),
      r.set(this.madd(f32x4.mul(r.get, r.get), this.#polynomial(r, expTerms), r.get)),
      n.set(v128.and(i32x4.shrS(bits.get, i32.const(1)), i32x4.const(-1 << 23))),
      bits.set(i32x4.add(i32x4.sub(bits.get, n.get), i32x4.const(one))),
      n.set(i32x4.add(n.get, i32x4.const(one))),
    ];
  }

  #scaled(x: Code, left: Local, right: Local): Code {
    return f32x4.mul(f32x4.mul(x, left.get), right.get);
  }

  /** Splits the first temporary, x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), into k and f. */
  #splitLog(): Code {
    const [x, k, f, scale] = this.#take(0, 4);
    return [
      scale.set(f32x4.lt(x.get, f32x4.const(2 ** -126))),
      f.set(v128.bitselect(f32x4.mul(x.get, f32x4.const(2 ** 23)), x.get, scale.get)),
      scale.set(v128.and(scale.get, i32x4.const(23))),
      k.set(i32x4.shrS(i32x4.sub(f.get, i32x4.const(squareRootOfHalf)), i32.const(23))),
      f.set(f32x4.sub(i32x4.sub(f.get, i32x4.shl(k.get, i32.const(23))), f32x4.const(1))),
      k.set(f32x4.convertI32x4(i32x4.sub(k.get, scale.get))),
    ];
  }

  /** log(1 + f) - f. */
  #logRest(): Code {
    const [, , f] = this.#take(0, 3);
    return f32x4.mul(f32x4.mul(f.get, f.get), this.#polynomial(f, logTerms));
  }

  /** y, the logarithm of x where that is a positive number: NaN below 0 and for NaN, -Infinity at 0, Infinity there. */
  #withLimits(y: Local, x: Local): Code {
    const zero = f32x4.const(0);
    const infinity = f32x4.const(Infinity);
    return [
      y.set(v128.or(y.get, v128.not(f32x4.ge(x.get, zero)))),
      y.set(v128.bitselect(f32x4.const(-Infinity), y.get, f32x4.eq(x.get, zero))),
      v128.bitselect(infinity, y.get, f32x4.eq(x.get, infinity)),
    ];
  }
}

/** The bits of sqrt(1/2). */
const squareRootOfHalf = 0x3f3504f3;

/** x brought between two numbers; NaN stays NaN, because pmin and pmax keep that in their first operand. */
const within = (x: Code, least: number, largest: number): Code =>
  f32x4.pmin(f32x4.pmax(x, f32x4.const(least)), f32x4.const(largest));

/** -|x|. */
const negativeAbs = (x: Code): Code => v128.or(x, f32x4.const(-0));
