import { type Code, f32x4, i32, i32x4, type Local, v128 } from '../assembler/index.ts';
import { VectorArithmetic } from './arithmetic.ts';
import { cosTerms, erfcTerms, erfTerms, expTerms, log1pTerms, logTerms, sinTerms } from './coefficients.ts';
import { splitTurns } from './turns.ts';

/** The bits of 1 as a float32; n << 23 more are those of 2^n. */
const oneBits = 0x3f800000;
/** Added to a small number, it leaves the nearest integer in the lowest bits: 1.5 * 2^23. */
const rounder = 12582912;
/** log(2) in two parts, the first of so few bits that its product with an exponent is exact. */
const [ln2High, ln2Low] = [0.693359375, -2.121944400546905e-4];
/** log10(2) likewise. */
const [lg2High, lg2Low] = [0.30078125, 2.487456639811952e-4];
/** The bits of sqrt(1/2). */
const squareRootOfHalf = 0x3f3504f3;

/**
 * Mathematical functions of four float32 lanes, as inline code that leaves its value on the stack.
 *
 * They are right within 2 units in the last place, or 3e-7 of the value, for all of float32: with denormal numbers, the
 * sign of zero, Infinity and NaN. Each evaluates its argument once, before it touches the temporaries, which all functions
 * of one VectorMath share: so calls may be nested and may follow each other in one expression.
 */
export class VectorMath extends VectorArithmetic {
  #far: Local | undefined;

  /** exp(x) = 2^n exp(r), x = n log(2) + r. */
  exp(x: Code): Code {
    const [power, left, right] = this.take(0, 3);
    // Below -176 both factors of 2^n are 0, which is faster than a product that underflows.
    const bounded = f32x4.pmin(f32x4.pmax(x, this.float(-176)), this.float(89));
    return [
      this.#splitExp(bounded),
      this.#factors(),
      f32x4.mul(f32x4.mul(f32x4.add(power.get, this.float(1)), left.get), right.get),
    ];
  }

  /** exp(x) - 1 = 2^n (exp(r) - 1) + 2^n - 1, accurate near 0 too. */
  expm1(x: Code): Code {
    const [power, left, right, given] = this.take(0, 4);
    const bounded = f32x4.pmin(f32x4.pmax(given.get, this.float(-18)), this.float(89));
    const inverse = i32x4.sub(this.int(2 * oneBits), right.get);
    return [
      given.set(x),
      this.#splitExp(bounded),
      this.#factors(),
      power.set(this.madd(power.get, left.get, f32x4.sub(left.get, inverse))),
      this.#withSign(f32x4.mul(power.get, right.get), given),
    ];
  }

  /** log(x) = k log(2) + log(1 + f), x = 2^k (1 + f). */
  log(x: Code): Code {
    const [given, k, f, y] = this.take(0, 4);
    return [
      given.set(x),
      this.#splitLog(),
      y.set(f32x4.add(this.madd(k.get, this.float(ln2Low), this.#logRest()), f.get)),
      y.set(this.madd(k.get, this.float(ln2High), y.get)),
      this.#withLimits(y, given),
    ];
  }

  /** log(1 + x) = log(u) + (x - (u - 1)) / u, u = 1 + x as rounded; accurate near 0 too. */
  log1p(x: Code): Code {
    const [u, k, f, y, given, lost] = this.take(0, 6);
    const one = this.float(1);
    return [
      given.set(x),
      u.set(f32x4.add(given.get, one)),
      lost.set(f32x4.div(f32x4.sub(given.get, f32x4.sub(u.get, one)), u.get)),
      this.#splitLog(),
      y.set(this.madd(k.get, this.float(ln2Low), f32x4.add(this.#logRest(), lost.get))),
      y.set(this.madd(k.get, this.float(ln2High), f32x4.add(y.get, f.get))),
      this.#withSign(this.#withLimits(y, u), given),
    ];
  }

  /** log2(x) = k + log(1 + f) / log(2). */
  log2(x: Code): Code {
    const [given, k, f, y] = this.take(0, 4);
    return [
      given.set(x),
      this.#splitLog(),
      y.set(this.madd(f32x4.add(this.#logRest(), f.get), this.float(Math.LOG2E), k.get)),
      this.#withLimits(y, given),
    ];
  }

  /** log10(x) = k log10(2) + log(1 + f) / log(10). */
  log10(x: Code): Code {
    const [given, k, f, y] = this.take(0, 4);
    return [
      given.set(x),
      this.#splitLog(),
      y.set(f32x4.mul(k.get, this.float(lg2Low))),
      y.set(this.madd(f32x4.add(this.#logRest(), f.get), this.float(Math.LOG10E), y.get)),
      y.set(this.madd(k.get, this.float(lg2High), y.get)),
      this.#withLimits(y, given),
    ];
  }

  /** tanh(x) = (exp(2|x|) - 1) / (exp(2|x|) + 1), with the sign of x. */
  tanh(x: Code): Code {
    const [power, , scale, given] = this.take(0, 4);
    return [
      given.set(x),
      this.#splitExp(f32x4.pmin(f32x4.abs(f32x4.add(given.get, given.get)), this.float(20))),
      scale.set(i32x4.add(scale.get, this.int(oneBits))),
      power.set(this.madd(power.get, scale.get, f32x4.sub(scale.get, this.float(1)))),
      this.#withSign(f32x4.div(power.get, f32x4.add(power.get, this.float(2))), given),
    ];
  }

  /** 1 / (1 + exp(-x)), or exp(x) / (1 + exp(x)) for x < 0, so that nothing overflows. */
  sigmoid(x: Code): Code {
    const [given, e] = this.take(3, 2);
    return [
      given.set(x),
      e.set(this.exp(this.#negativeAbs(given))),
      f32x4.div(
        v128.bitselect(e.get, this.float(1), f32x4.lt(given.get, f32x4.const(0))),
        f32x4.add(e.get, this.float(1)),
      ),
    ];
  }

  /** max(x, 0) + log(1 + exp(-|x|)). */
  softplus(x: Code): Code {
    const [given, e] = this.take(3, 2);
    return [
      given.set(x),
      e.set(this.exp(this.#negativeAbs(given))),
      this.madd(e.get, this.polynomial(e, log1pTerms), f32x4.pmax(f32x4.const(0), given.get)),
    ];
  }

  /** 2/sqrt(pi) * integral of exp(-t^2) from 0 to x: a polynomial, for |x| >= 1 in the exponent of 1 - erf(|x|). */
  erf(x: Code): Code {
    const [power, square, scale, given, t] = this.take(0, 5);
    const one = this.float(1);
    const outer = f32x4.sub(f32x4.sub(one, scale.get), f32x4.mul(scale.get, power.get));
    const inner = this.madd(this.polynomial(square, erfTerms), given.get, given.get);
    return [
      given.set(x),
      t.set(f32x4.pmin(f32x4.abs(given.get), this.float(4))),
      this.#splitExp(f32x4.neg(f32x4.mul(this.polynomial(t, erfcTerms), t.get))),
      scale.set(i32x4.add(scale.get, this.int(oneBits))),
      square.set(f32x4.mul(given.get, given.get)),
      v128.bitselect(inner, this.#withSign(outer, given), f32x4.lt(t.get, one)),
    ];
  }

  /** sin(x). */
  sin(x: Code): Code {
    return [this.#splitCircle(x), this.#sine()];
  }

  /** cos(x), the sine a quarter turn later. */
  cos(x: Code): Code {
    const [, , turns] = this.take(0, 3);
    return [this.#splitCircle(x), turns.set(i32x4.add(turns.get, this.int(1))), this.#sine()];
  }

  /** tan(x) = sin(r) / cos(r), and cos(r) / -sin(r) a quarter turn later. */
  tan(x: Code): Code {
    const [sin, cos, turns] = this.take(0, 3);
    const odd = i32x4.shl(turns.get, i32.const(31));
    const mask = i32x4.shrS(odd, i32.const(31));
    return [
      this.#splitCircle(x),
      f32x4.div(v128.bitselect(cos.get, sin.get, mask), v128.xor(v128.bitselect(sin.get, cos.get, mask), odd)),
    ];
  }

  /** Splits x = n log(2) + r, which is bounded, into temporaries: exp(r) - 1, one that is free, and n << 23. */
  #splitExp(x: Code): Code {
    const [r, n, bits] = this.take(0, 3);
    return [
      r.set(x),
      n.set(this.madd(r.get, this.float(Math.LOG2E), this.float(rounder))),
      bits.set(i32x4.shl(n.get, i32.const(23))),
      n.set(f32x4.sub(n.get, this.float(rounder))),
      r.set(this.madd(n.get, this.float(-ln2High), r.get)),
      r.set(this.madd(n.get, this.float(-ln2Low), r.get)),
      r.set(this.madd(f32x4.mul(r.get, r.get), this.polynomial(r, expTerms), r.get)),
    ];
  }

  /** Makes of n << 23 two factors of 2^n, as near to each other as can be: they are in range where 2^n is not. */
  #factors(): Code {
    const [, left, right] = this.take(0, 3);
    return [
      left.set(v128.and(i32x4.shrS(right.get, i32.const(1)), this.int(-1 << 23))),
      right.set(i32x4.add(i32x4.sub(right.get, left.get), this.int(oneBits))),
      left.set(i32x4.add(left.get, this.int(oneBits))),
    ];
  }

  /** Splits the first temporary, x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), into k and f. */
  #splitLog(): Code {
    const [x, k, f, scale] = this.take(0, 4);
    return [
      scale.set(f32x4.lt(x.get, this.float(2 ** -126))),
      f.set(v128.bitselect(f32x4.mul(x.get, this.float(2 ** 23)), x.get, scale.get)),
      scale.set(v128.and(scale.get, this.int(23))),
      k.set(i32x4.shrS(i32x4.sub(f.get, this.int(squareRootOfHalf)), i32.const(23))),
      f.set(f32x4.sub(i32x4.sub(f.get, i32x4.shl(k.get, i32.const(23))), this.float(1))),
      k.set(f32x4.convertI32x4(i32x4.sub(k.get, scale.get))),
    ];
  }

  /** log(1 + f) - f. */
  #logRest(): Code {
    const [, , f] = this.take(0, 3);
    return f32x4.mul(f32x4.mul(f.get, f.get), this.polynomial(f, logTerms));
  }

  /** Splits x into quarter turns and an angle r, of which it leaves sin(r) and cos(r). */
  #splitCircle(x: Code): Code {
    const [sin, cos, turns, ...others] = this.take(0, 6);
    const [r, square] = [sin, others[0]];
    this.#far ??= this.f.local('i32');
    const one = this.float(1);
    return [
      cos.set(x),
      splitTurns(this.f, { x: cos, r, turns, far: this.#far, others }),
      square.set(f32x4.mul(r.get, r.get)),
      cos.set(f32x4.sub(one, f32x4.mul(square.get, this.float(0.5)))),
      cos.set(this.madd(f32x4.mul(square.get, square.get), this.polynomial(square, cosTerms), cos.get)),
      // Not r + r^3 (...), which would lose the sign of zero.
      sin.set(f32x4.mul(r.get, this.madd(square.get, this.polynomial(square, sinTerms), one))),
    ];
  }

  /** The sine after quarter turns. */
  #sine(): Code {
    const [sin, cos, turns] = this.take(0, 3);
    const odd = i32x4.shrS(i32x4.shl(turns.get, i32.const(31)), i32.const(31));
    const sign = i32x4.shl(v128.and(turns.get, this.int(2)), i32.const(30));
    return v128.xor(v128.bitselect(cos.get, sin.get, odd), sign);
  }

  /** y where x is a positive number; NaN below 0 and for NaN, -Infinity at 0 and Infinity at Infinity. */
  #withLimits(y: Local, x: Local): Code {
    const zero = f32x4.const(0);
    const infinity = this.float(Infinity);
    return [
      y.set(v128.or(y.get, v128.not(f32x4.ge(x.get, zero)))),
      y.set(v128.bitselect(this.float(-Infinity), y.get, f32x4.eq(x.get, zero))),
      v128.bitselect(infinity, y.get, f32x4.eq(x.get, infinity)),
    ];
  }

  /** y, not negative or of the sign of x, with that sign. */
  #withSign(y: Code, x: Local): Code {
    return v128.or(y, v128.and(x.get, this.float(-0)));
  }

  /** -|x|. */
  #negativeAbs(x: Local): Code {
    return v128.or(x.get, this.float(-0));
  }
}
