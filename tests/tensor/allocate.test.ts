import { allocate } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

describe('allocate', () => {
  test('gives small arrays that share a buffer and no element', () => {
    const [a, b] = [allocate('float32', 100), allocate('float32', 100)];
    a.fill(1);
    expect(b.every(x => x === 0)).toBe(true);
    expect(b.byteOffset - a.byteOffset === 400 || b.buffer !== a.buffer).toBe(true);
  });

  test('goes on with a new buffer when the shared one was transferred to another thread', () => {
    const { buffer } = allocate('float64', 100);
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    expect(buffer.byteLength).toBe(0);
    const next = allocate('float64', 100);
    next[99] = 7;
    expect([next.length, next[99]]).toEqual([100, 7]);
  });
});
