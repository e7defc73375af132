import { tensor } from '@tapegrad/autograd';
import { decodeSafetensors, encodeSafetensors, readSafetensors } from '@tapegrad/io';
import { FormatError } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyTensor, bytesOf, name } from './arbitrary.ts';

const anyTensors = fc.dictionary(name, anyTensor, { maxKeys: 6, noNullPrototype: false });
const anyMetadata = fc.dictionary(name, fc.string({ unit: 'binary' }), { maxKeys: 3 });

describe('random tensors', () => {
  test('come back bit for bit, with their names and metadata', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const bytes = encodeSafetensors(tensors, { metadata });
        const read = readSafetensors(bytes);
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, x] of Object.entries(tensors)) {
          expect([read.tensors[name].dtype, read.tensors[name].shape]).toEqual([x.dtype, x.shape]);
          expect(bytesOf(read.tensors[name]).equals(bytesOf(x))).toBe(true);
        }
        expect(Buffer.from(encodeSafetensors(read.tensors, { metadata })).equals(bytes)).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('lie at multiples of their elements size', () => {
    fc.assert(
      fc.property(anyTensors, tensors => {
        const bytes = encodeSafetensors(tensors);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
        const widths: Record<string, number> = { F64: 8, F32: 4, I32: 4, BOOL: 1 };
        for (const { dtype, data_offsets } of Object.values<{ dtype: string; data_offsets: number[] }>(header))
          expect((8 + length + data_offsets[0]) % widths[dtype]).toBe(0);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

/** Decoding either succeeds or throws a FormatError: nothing else may come out. */
function decodes(bytes: Uint8Array): boolean {
  try {
    decodeSafetensors(bytes);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return false;
  }
}

describe('bytes that are not what they claim to be', () => {
  const file = encodeSafetensors(
    {
      weight: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      bias: tensor([0.5], { dtype: 'float64' }),
      ids: tensor([1, 2], { dtype: 'int32' }),
      mask: tensor([true, false]),
    },
    { metadata: { format: 'pt' } },
  );

  test('throw a FormatError wherever a file is cut off', () => {
    for (let length = 0; length < file.length; length++) expect(decodes(file.slice(0, length))).toBe(false);
    expect(decodes(file)).toBe(true);
  });

  test('throw a FormatError and nothing else for any bytes put in the place of some', () => {
    const change = fc.tuple(
      fc.nat(file.length - 1),
      fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:-.e09'))),
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const mutant = file.slice();
        for (const [at, byte] of changes) mutant[at] = byte;
        if (!decodes(mutant)) refused++;
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  test('throw a FormatError and nothing else for any JSON as a header', () => {
    const value = fc.oneof(fc.jsonValue(), fc.integer(), fc.array(fc.maxSafeNat(), { maxLength: 3 }));
    const entry = fc.record(
      { dtype: fc.oneof(fc.constantFrom('F32', 'BOOL', 'I64', 'F16'), value), shape: value, data_offsets: value },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(fc.oneof(name, fc.constant('__metadata__')), fc.oneof(entry, value), { maxKeys: 3 });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 16 }), (json, data) => {
        const text = new TextEncoder().encode(JSON.stringify(json));
        const bytes = Uint8Array.of(...new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer), ...text, ...data);
        decodes(bytes);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
