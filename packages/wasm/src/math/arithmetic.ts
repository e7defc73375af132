import { type Code, type FunctionBuilder, f32x4, i32x4, type Local } from '../assembler/index.ts';

/** How the code may be written. */
export interface VectorMathOptions {
  /** Multiplies and adds in one instruction (relaxed SIMD), whose rounding is left to the machine. */
  readonly fma: boolean;
}

/** What mathematical functions of four float32 lanes are written with. */
export abstract class VectorArithmetic {
  protected readonly f: FunctionBuilder;
  readonly #fma: boolean;
  readonly #temporaries: Local[] = [];

  constructor(f: FunctionBuilder, { fma }: VectorMathOptions) {
    this.f = f;
    this.#fma = fma;
  }

  /** a b + c. */
  madd(a: Code, b: Code, c: Code): Code {
    return this.#fma ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
  }

  /** Temporaries, which stay the same ones. */
  protected take(first: number, count: number): Local[] {
    while (this.#temporaries.length < first + count) this.#temporaries.push(this.f.local('v128'));
    return this.#temporaries.slice(first, first + count);
  }

  protected float(x: number): Code {
    return this.f.constant(f32x4.const(x));
  }

  protected int(n: number): Code {
    return this.f.constant(i32x4.const(n));
  }

  /** c0 + c1 x + c2 x^2 + ..., by Horner's rule. */
  protected polynomial(x: Local, coefficients: readonly number[]): Code {
    const [last, ...rest] = coefficients.map(c => this.float(c)).reverse();
    return rest.reduce((sum, c) => this.madd(sum, x.get, c), last);
  }
}
