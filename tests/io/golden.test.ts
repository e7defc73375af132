/** Files that fixtures/safetensors/make.py wrote from the text of the format alone, so that it is held from outside. */
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@tapegrad/autograd';
import { decodeSafetensors, encodeSafetensors, readSafetensors } from '@tapegrad/io';
import { describe, expect, test } from 'vitest';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/safetensors/${name}.safetensors`, import.meta.url));

describe('the canonical golden file', () => {
  const quietNaN = new Float32Array(Uint32Array.of(0x7fc12345).buffer);
  const tensors: Record<string, Tensor> = {
    mask: tensor([
      [true, false],
      [false, true],
    ]),
    ids: tensor([0, -1, 2 ** 31 - 1], { dtype: 'int32' }),
    empty: tensor(new Int32Array(0), { shape: [0, 4] }),
    scalar: tensor(3.25),
    'weiß\u0301 "q" 😀': tensor(quietNaN),
    double: tensor([0.1, -1e300], { dtype: 'float64' }),
    0: tensor([
      [1, -2, 0.5],
      [Infinity, 1e-45, -0],
    ]),
  };

  test('is what encodeSafetensors writes, byte for byte, whatever the order of the names', () => {
    const metadata = { note: 'golden\n', format: 'pt' };
    expect(Buffer.from(encodeSafetensors(tensors, { metadata })).equals(fixture('canonical'))).toBe(true);
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect(Buffer.from(encodeSafetensors(reversed, { metadata })).equals(fixture('canonical'))).toBe(true);
  });

  test('is read as what went in', () => {
    const { tensors: read, metadata } = readSafetensors(fixture('canonical'));
    expect({ ...metadata }).toEqual({ format: 'pt', note: 'golden\n' });
    expect(Object.keys(read).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, x] of Object.entries(tensors)) {
      expect([read[name].dtype, read[name].shape]).toEqual([x.dtype, x.shape]);
      expect(new Uint8Array(read[name].data.slice().buffer)).toEqual(new Uint8Array(x.data.slice().buffer));
    }
  });
});

describe('the foreign golden file', () => {
  const read = decodeSafetensors(fixture('foreign'));

  test('is read although its header is spaced, escaped and in another order than the data, which is unaligned', () => {
    expect(Object.keys(read)).toEqual(
      ['brain', 'byte', 'dürr', 'float', 'half', 'int', 'long', 'short', 'signed', 'truth'].sort(),
    );
    expect(read.float.data).toEqual(Float32Array.of(0.1));
    expect(read.dürr.data).toEqual(Float64Array.of(0.1));
    expect(read.int.data).toEqual(Int32Array.of(-7));
    expect(read.truth.toArray()).toEqual([true]);
  });

  test('has halves that become float32', () => {
    expect(read.half.dtype).toBe('float32');
    expect(read.half.toArray()).toEqual([
      1.5,
      -0,
      65504,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      -Infinity,
      0.333251953125,
    ]);
    expect(read.brain.dtype).toBe('float32');
    expect(read.brain.toArray()).toEqual([1, -2.5, Math.fround(2 ** 100), Infinity].map(x => bfloat16(x)));
  });

  test('has integers of other widths that become int32', () => {
    for (const name of ['byte', 'signed', 'short', 'long']) expect(read[name].dtype).toBe('int32');
    expect(read.byte.toArray()).toEqual([0, 127, 255]);
    expect(read.signed.toArray()).toEqual([-128, -1, 127]);
    expect(read.short.toArray()).toEqual([[-32768, 32767]]);
    expect(read.long.toArray()).toEqual([0, -1, 2 ** 31 - 1, -(2 ** 31)]);
  });
});

/** x with the lower half of its float32 bits cut off. */
function bfloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] &= 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}
