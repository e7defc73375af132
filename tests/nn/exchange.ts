import { io, type nn, type Tensor, tensor } from 'tapegrad';
import { expect, test } from 'vitest';
import { bytes, json } from '../fixtures/read.ts';
import { written } from './written.ts';

interface Stored {
  shape: number[];
  data: number[];
}

/** What tests/fixtures/torch/statedicts.py wrote of a model. */
interface Exchange {
  input: Stored;
  /** The keys of PyTorch's state dict, in its order. */
  names: string[];
  /** What the model gives that PyTorch saved. */
  outputs: Stored[];
  /** What PyTorch gives with the weights that we saved. */
  back: Stored[];
}

const exchanges: Record<string, Exchange> = await json('torch/statedicts');

const file = (name: string): Promise<Uint8Array> => bytes(`safetensors/${name}.safetensors`);

const flat = (value: unknown): Tensor[] => (Array.isArray(value) ? value.flatMap(flat) : [value as Tensor]);

function expectClose(outputs: readonly Tensor[], expected: readonly Stored[]): void {
  expect(outputs.map(y => [y.shape, y.dtype])).toEqual(expected.map(y => [y.shape, 'float32']));
  for (const [i, y] of outputs.entries())
    for (const [k, e] of expected[i].data.entries())
      expect(Math.abs(y.data[k] - e), `output ${i}[${k}]: ${y.data[k]}, not ${e}`).toBeLessThanOrEqual(
        1e-5 + 1e-4 * Math.abs(e),
      );
}

/** Tests that a model's state dict goes from PyTorch to us and back, and that both give the same with it. */
export function testExchange(name: string, make: () => nn.Module, forward: (model: any, x: Tensor) => unknown): void {
  const { input, names, outputs, back } = exchanges[name];
  const x: Tensor = tensor(Float32Array.from(input.data), { shape: input.shape });
  const load = async (from: string): Promise<nn.Module> => {
    const model = make().eval();
    expect(model.loadStateDict(io.decodeSafetensors(await file(from)))).toEqual({ missing: [], unexpected: [] });
    return model;
  };

  test('has the keys of PyTorch, in its order', () => {
    expect(Object.keys(make().stateDict())).toEqual(names);
  });

  test('gives what PyTorch gives, with the weights that PyTorch saved', async () => {
    expectClose(flat(forward(await load(`torch-${name}`), x)), outputs);
  });

  test('saves what it loaded as PyTorch saved it: keys, shapes and values (of integers as int32)', async () => {
    const saved = await file(`torch-${name}`);
    const again = io.encodeSafetensors((await load(`torch-${name}`)).stateDict());
    const contents = (bytes: Uint8Array): unknown[] =>
      Object.entries(io.decodeSafetensors(bytes))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, y]) => [key, y.shape, y.dtype, y.toArray()]);
    expect(contents(again)).toEqual(contents(saved));
    // PyTorch counts in int64, which there is none of here; without such counters the files are the same, byte for byte.
    const hasCounters = names.some(key => key.endsWith('num_batches_tracked'));
    if (hasCounters) expect(again).not.toEqual(saved);
    else expect(again).toEqual(saved);
  });

  test('writes the very bytes that PyTorch loaded', async () => {
    const loaded = await file(`tapegrad-${name}`);
    expect(written[name]()).toEqual(loaded);
    const model = await load(`tapegrad-${name}`);
    expect(io.encodeSafetensors(model.stateDict())).toEqual(loaded);
  });

  test('gives what PyTorch gives, with the weights that PyTorch loaded from us', async () => {
    expectClose(flat(forward(await load(`tapegrad-${name}`), x)), back);
  });
}
