import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

/** The package as it is when the environment is read anew. */
async function afresh(environment: Record<string, string>): Promise<typeof import('@tapegrad/wasm')> {
  vi.resetModules();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return await import('@tapegrad/wasm');
}

const major = Number.parseInt(process.versions.node, 10);

beforeEach(() => {
  vi.stubEnv('TAPEGRAD_WASM', '');
  vi.stubEnv('TAPEGRAD_WIDE', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('WebAssembly', () => {
  test('is allowed where nothing is against it, and can be forbidden for a while', async () => {
    const { forbidWasm, wasmAllowed } = await afresh({});
    expect(wasmAllowed()).toBe(true);
    forbidWasm(true);
    expect(wasmAllowed()).toBe(false);
    forbidWasm(false);
    expect(wasmAllowed()).toBe(true);
  });

  test('is not used with TAPEGRAD_WASM=off', async () => {
    expect((await afresh({ TAPEGRAD_WASM: 'off' })).wasmAllowed()).toBe(false);
  });

  test('is not used where it may not be compiled, or where there is none', async () => {
    const Module = (): never => {
      throw new Error('refused by the content security policy');
    };
    vi.stubGlobal('WebAssembly', { Module });
    expect((await afresh({})).wasmAllowed()).toBe(false);
    vi.stubGlobal('WebAssembly', undefined);
    const { relaxedSimd, wasmAllowed } = await afresh({});
    expect([wasmAllowed(), relaxedSimd()]).toEqual([false, false]);
  });

  test('is asked about without a process, as in a browser', async () => {
    const wasm = await afresh({});
    vi.stubGlobal('process', undefined);
    expect([wasm.wasmAllowed(), wasm.isWide(), wasm.wideSimd()]).toEqual([true, false, false]);
  });
});

// These set flags of the engine for the whole process, which is this file's own. They come last.
describe('wide operations', () => {
  test('are not turned on unless someone asks', async () => {
    expect((await afresh({})).isWide()).toBe(false);
  });

  test('are not turned on without WebAssembly', async () => {
    expect((await afresh({ TAPEGRAD_WASM: 'off', TAPEGRAD_WIDE: '1' })).isWide()).toBe(false);
  });

  test('are turned on by TAPEGRAD_WIDE=1 where wideSimd turns them on, which Node 20 has none for', async () => {
    const asked = (await afresh({ TAPEGRAD_WIDE: '1' })).isWide();
    expect(asked && major < 22).toBe(false);
    const { isWide, relaxedSimd, wideSimd } = await afresh({});
    const turnedOn = wideSimd();
    expect([isWide(), wideSimd()]).toEqual([turnedOn, turnedOn]);
    // On machines without such instructions neither is there.
    if (major === 20) expect([turnedOn, relaxedSimd()]).toEqual([false, true]);
  });

  test('leave products of float32 what they are, but for rounding, and have their kernel made anew', async () => {
    vi.resetModules();
    const { emptyArray, matmulInto } = await import('@tapegrad/tensor');
    const { isWide, relaxedSimd, wideSimd } = await import('@tapegrad/wasm');
    const matrix = (rows: number, columns: number) => {
      const a = emptyArray([rows, columns]);
      for (let i = 0; i < a.size; i++) a.buffer[i] = (((i * 37) % 101) - 50) / 64;
      return a;
    };
    const [a, b] = [matrix(70, 90), matrix(90, 50)];
    const product = (): number[] => {
      const out = emptyArray([70, 50]);
      matmulInto(out, a, b);
      return Array.from(out.buffer);
    };
    const before = product();
    const state = [isWide(), relaxedSimd()].join();
    wideSimd();
    const engine = Reflect.get(globalThis, 'WebAssembly') as { Module: new (bytes: Uint8Array) => object };
    const made = vi.spyOn(engine, 'Module');
    const after = product();
    expect(Math.max(...after.map((value, i) => Math.abs(value - before[i])))).toBeLessThan(1e-4);
    expect(made).toHaveBeenCalledTimes(state === [isWide(), relaxedSimd()].join() ? 0 : 1);
    made.mockRestore();
  });
});
