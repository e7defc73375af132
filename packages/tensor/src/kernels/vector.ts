import { doLess, i32, instantiate, ModuleBuilder, relaxedSimd, VectorMath, v128 } from '@tapegrad/wasm';
import type { UnaryLoop } from './loops.ts';
import { scratch } from './scratch.ts';

/** The functions that there is vector code for. */
export const vectorNames = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'sin',
  'cos',
  'tan',
  'tanh',
  'erf',
  'sigmoid',
  'softplus',
] as const;

export type VectorName = (typeof vectorNames)[number];

/** By name: replaces the floats in so many bytes at the start of the scratch memory; bytes come in multiples of 16. */
type Kernels = Readonly<Record<VectorName, (bytes: number) => void>>;

let made: Kernels | undefined;

function makeKernels(): Kernels {
  const m = new ModuleBuilder();
  for (const name of vectorNames)
    m.function(name, ['i32'], [], (f, bytes) => {
      const math = new VectorMath(f, { fma: relaxedSimd() });
      const at = f.local('i32');
      return doLess(at, i32.const(0), bytes.get, 16, v128.store(at.get, math[name](v128.load(at.get))));
    });
  return instantiate(m, scratch()!.memory);
}

/** Fewer elements than this are done before they would be copied. */
export const fewElements = 16;
/** So many elements are copied in, replaced and copied out at a time: they stay in the nearest cache. */
const chunk = 4096;
/** From this length on the engine copies faster than a loop. */
const longCopy = 48;

/**
 * The loop of a function on float32 through the scratch memory, four elements at a time; few elements, and all of them
 * where there is no WebAssembly, are left to the plain loop.
 */
export const throughVectors =
  (name: VectorName, plain: UnaryLoop): UnaryLoop =>
  (n, out, o, a, p, sa) => {
    const memory = n < fewElements ? null : scratch();
    if (memory === null || !(a instanceof Float32Array) || !(out instanceof Float32Array))
      return plain(n, out, o, a, p, sa);
    made ??= makeKernels();
    const kernel = made[name];
    for (let i = 0; i < n; i += chunk) {
      const length = Math.min(chunk, n - i);
      copyIn(memory.floats, length, a, p + i * sa, sa);
      kernel((length * 4 + 15) & ~15);
      copyOut(memory.floats, 0, length, out, o + i);
    }
  };

/** Copies `n` elements to the start of the memory; what is left of the last vector becomes zero. */
export function copyIn(floats: Float32Array, n: number, a: Float32Array, p: number, step: number): void {
  if (step === 1 && n >= longCopy) floats.set(a.subarray(p, p + n));
  else for (let i = 0; i < n; i++, p += step) floats[i] = a[p];
  for (let i = n; i < ((n + 3) & ~3); i++) floats[i] = 0;
}

/** Copies `n` elements out, from a place in the memory. */
export function copyOut(floats: Float32Array, from: number, n: number, out: Float32Array, o: number): void {
  if (n >= longCopy) out.set(floats.subarray(from, from + n), o);
  else for (let i = 0; i < n; i++) out[o + i] = floats[from + i];
}
