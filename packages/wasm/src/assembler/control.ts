import { type Code, unsigned } from './encode.ts';
import { i32 } from './instructions.ts';
import type { Local } from './module.ts';

const empty = 0x40;

/** Code that `br` leaves at its end. */
export const block = (...body: Code[]): Code => [0x02, empty, body, 0x0b];

/** Code that `br` starts again; it ends by itself. */
export const loop = (...body: Code[]): Code => [0x03, empty, body, 0x0b];

/** Goes to the end of a block or the start of a loop; 0 is the innermost one around. */
export const br = (depth: number): Code => [0x0c, unsigned(depth)];

/** Goes there if the condition is not 0. */
export const brIf = (depth: number, condition: Code): Code => [condition, 0x0d, unsigned(depth)];

/** One of two pieces of code, neither of which leaves a value. */
export const when = (condition: Code, then: Code, otherwise?: Code): Code => [
  condition,
  0x04,
  empty,
  then,
  otherwise === undefined ? [] : [0x05, otherwise],
  0x0b,
];

/** Leaves the function. */
export const returns = (...values: Code[]): Code => [values, 0x0f];

/** for (i = start; i < end; i += step) body, with signed numbers. */
export const forLess = (i: Local, start: Code, end: Code, step: number, body: Code): Code => [
  i.set(start),
  block(loop(brIf(1, i32.ge(i.get, end)), body, i.set(i32.add(i.get, i32.const(step))), br(0))),
];

/** The same for a body that is known to run at least once. */
export const doLess = (i: Local, start: Code, end: Code, step: number, body: Code): Code => [
  i.set(start),
  loop(body, brIf(0, i32.lt(i.tee(i32.add(i.get, i32.const(step))), end))),
];

/** Runs the body n times, n at least 1; `count` counts down to 0. */
export const repeat = (count: Local, n: Code, body: Code): Code => [
  count.set(n),
  loop(body, brIf(0, count.tee(i32.sub(count.get, i32.const(1))))),
];
