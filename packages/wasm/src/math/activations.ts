import type { Code } from '../assembler/encode.ts';
import { f32x4, v128 } from '../assembler/instructions.ts';

// Activation functions of four float32 that are a few instructions. Their operands are read several times.

const zero = f32x4.const(0);
const three = f32x4.const(3);

/** x held between -3 and 3, plus 3. */
const raised = (x: Code): Code => f32x4.add(f32x4.min(f32x4.max(x, f32x4.const(-3)), three), three);

/** max(0, min(6, x + 3)) / 6. */
export const hardsigmoid = (x: Code): Code => f32x4.div(raised(x), f32x4.const(6));

/** x max(0, min(6, x + 3)) / 6, and x itself from 3 on. */
export const hardswish = (x: Code): Code =>
  v128.bitselect(x, f32x4.div(f32x4.mul(x, raised(x)), f32x4.const(6)), f32x4.ge(x, three));

/** x where positive, else slope x. */
export const leakyRelu = (x: Code, slope: Code): Code => v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, zero));

/** alpha (e^x - 1) up to 0, from `expm1` of x, and x from there on. */
export const elu = (x: Code, alpha: Code, expm1: Code): Code =>
  v128.bitselect(f32x4.mul(expm1, alpha), x, f32x4.le(x, zero));
