import { f32x4 } from './assembler/instructions.ts';
import { ModuleBuilder } from './assembler/module.ts';
import { compiles, validates } from './engine.ts';

/** A variable of the environment; undefined wherever there is none, browsers included. */
export const environment = (name: string): string | undefined => globalThis.process?.env?.[name];

/** A module of one function that multiplies vectors and adds. */
function probe(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const [a, b, c] = [f32x4.const(1), f32x4.const(2), f32x4.const(3)];
  const m = new ModuleBuilder();
  m.function(null, [], ['v128'], () => (relaxed ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)));
  return m.bytes();
}

let forbidden = false;
let allowed: boolean | undefined;
let relaxed: boolean | undefined;

/**
 * Whether WebAssembly with SIMD can be compiled here, at once and without waiting: not where the content security policy
 * is strict, nor with `TAPEGRAD_WASM=off` in the environment.
 */
export const wasmAllowed = (): boolean =>
  !forbidden && (allowed ??= environment('TAPEGRAD_WASM') !== 'off' && compiles(probe(false)));

/** Whether modules may use the fused multiply-add of relaxed SIMD, `f32x4.relaxedMadd`. */
export const relaxedSimd = (): boolean => (relaxed ??= validates(probe(true)));

/** Makes `wasmAllowed` false until it is undone, so that tests reach what runs without WebAssembly. @internal */
export function forbidWasm(yes: boolean): void {
  forbidden = yes;
}

/** Looks again what relaxed SIMD there is: a flag of the engine was changed. @internal */
export function probeAgain(): void {
  relaxed = undefined;
}
