import { i32, repeat } from './assembler/index.ts';
import { call, ModuleBuilder } from './assembler/module.ts';
import { instantiate, makeMemory } from './engine.ts';
import { environment, probeAgain, relaxedSimd, wasmAllowed } from './features.ts';
import { i32s, values } from './gemm/code.ts';
import { emitTile, tileRows } from './gemm/tile.ts';

let wide: boolean | undefined;
let asked = false;

/**
 * Lets the engine make 256-bit operations of pairs of 128-bit ones, which about doubles the speed of large products of
 * matrices, and says whether it does: that is measured. Node 22 and 24 can (with V8's `--experimental-wasm-revectorize`);
 * Node 20 is given fused multiply-add instead (`--experimental-wasm-relaxed-simd`), and the answer is false, as it is,
 * without any effect, wherever else there are no such flags. They are experiments of V8's and hold for the whole process.
 *
 * Call it first of all, or set `TAPEGRAD_WIDE=1` in the environment: functions that the engine has already optimised stay
 * as they are. Products of matrices make theirs anew; programs compiled before do not. The first call takes some 50 ms.
 */
export function wideSimd(): boolean {
  asked = true;
  return (wide ??= wasmAllowed() && turnOn());
}

/** Whether `wideSimd` was called, or asked for in the environment, and found that it helps. */
export function isWide(): boolean {
  if (!asked) {
    asked = true;
    if (environment('TAPEGRAD_WIDE') === '1') wideSimd();
  }
  return wide === true;
}

function turnOn(): boolean {
  const major = nodeVersion();
  if (major === 20) {
    setFlag('--experimental-wasm-relaxed-simd');
    probeAgain();
  }
  if (major < 22) return false;
  setFlag('--experimental-wasm-revectorize');
  const helps = wideTilesAreFaster();
  if (!helps) setFlag('--no-experimental-wasm-revectorize');
  return helps;
}

/** Node's major version; 0 for everything else, also for what takes itself for Node. */
function nodeVersion(): number {
  const versions = globalThis.process?.versions;
  return versions?.node === undefined || 'bun' in versions || 'deno' in versions
    ? 0
    : Number.parseInt(versions.node, 10);
}

const setFlag = (flag: string): void => globalThis.process.getBuiltinModule?.('node:v8')?.setFlagsFromString(flag);

const depth = 256;
const times = 40;

/** A tile of 4 by 16 takes twice as many instructions as one of 4 by 8; where it is wide indeed, about the same time. */
function wideTilesAreFaster(): boolean {
  const [narrowTile, wideTile] = [2, 4].map(timedTile);
  let [narrowTime, wideTime] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const until = performance.now() + 50;
  do {
    narrowTime = Math.min(narrowTime, narrowTile());
    wideTime = Math.min(wideTime, wideTile());
  } while (performance.now() < until);
  return wideTime < 1.4 * narrowTime;
}

/** A function that multiplies panels some times and gives the milliseconds that it took. */
function timedTile(vectors: number): () => number {
  const m = new ModuleBuilder();
  const tile = emitTile(m, { fma: relaxedSimd(), vectors });
  m.function('run', i32s(4), [], (f, a, b, C, rowC) => {
    const count = f.local('i32');
    return repeat(count, i32.const(times), call(tile, i32.const(depth), ...values(a, b, C, rowC), i32.const(0)));
  });
  const { run } = instantiate<{ run(...args: number[]): void }>(m.bytes(), makeMemory(1));
  const [b, C] = [4 * tileRows * depth, 4 * depth * (tileRows + 4 * vectors)];
  return () => {
    const start = performance.now();
    run(0, b, C, 16 * vectors);
    return performance.now() - start;
  };
}
