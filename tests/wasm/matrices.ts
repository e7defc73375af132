import { type Memory, makeMemory } from '@tapegrad/wasm';

/** A matrix in a memory: where its first element is, and its strides, in bytes. */
export interface Matrix {
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

/** How a matrix lies in memory. */
export type Layout = 'rows' | 'columns' | 'gaps' | 'repeated row' | 'backwards';
export const layouts: readonly Layout[] = ['rows', 'columns', 'gaps', 'repeated row', 'backwards'];

/** A memory with numbers everywhere, in which matrices are laid out one after the other. */
export class Field {
  readonly memory: Memory;
  readonly floats: Float32Array;
  readonly #end: number;
  readonly #numbers: Float32Array;
  #next = 0;

  /** Matrices lie below `end`; behind it are `scratch` bytes, and nothing more: who writes further is stopped. */
  constructor(end: number, scratch = 0) {
    const pages = Math.ceil((end + scratch) / 65536);
    this.#end = 65536 * pages - scratch;
    this.memory = makeMemory(pages);
    this.floats = new Float32Array(this.memory.buffer);
    this.#numbers = Float32Array.from({ length: this.#end >> 2 }, (_, i) => numberAt(i));
    this.floats.set(this.#numbers);
  }

  /** Where the scratch region begins. */
  get end(): number {
    return this.#end;
  }

  /** Forgets the matrices: the numbers are the first ones again. */
  clear(): this {
    this.floats.set(this.#numbers.subarray(0, this.#next >> 2));
    this.#next = 0;
    return this;
  }

  matrix(rows: number, columns: number, layout: Layout = 'rows'): Matrix {
    const at = this.#next;
    this.#next += 4 * (layout === 'gaps' ? 2 * rows * (columns + 2) : rows * columns) + 16;
    if (this.#next > this.#end) throw new RangeError('the field is full');
    if (layout === 'columns') return { at, row: 4, column: 4 * rows };
    if (layout === 'gaps') return { at, row: 8 * columns + 12, column: 8 };
    if (layout === 'repeated row') return { at, row: 0, column: 4 };
    if (layout === 'backwards') return { at: at + 4 * (rows - 1) * columns, row: -4 * columns, column: 4 };
    return { at, row: 4 * columns, column: 4 };
  }

  get({ at, row, column }: Matrix, i: number, j: number): number {
    return this.floats[(at + i * row + j * column) / 4];
  }

  set({ at, row, column }: Matrix, i: number, j: number, value: number): void {
    this.floats[(at + i * row + j * column) / 4] = value;
  }
}

/** Numbers in -1..1 without order, the same every time. */
const numberAt = (i: number): number => (Math.imul(i + 1, 0x9e3779b1) >> 8) / 2 ** 23;

export interface Sizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** C = sum of A_i B_i (+ C) in float64, and how far float32 may be from it: k eps times the sum of |a b|. */
export function exactProduct(
  field: Field,
  { M, N, K }: Sizes,
  pairs: readonly (readonly [Matrix, Matrix])[],
  C: Matrix,
  accumulate: boolean,
): { value: number; bound: number }[][] {
  const eps = 2 ** -23;
  return Array.from({ length: M }, (_, i) =>
    Array.from({ length: N }, (_, j) => {
      let value = accumulate ? field.get(C, i, j) : 0;
      let size = Math.abs(value);
      for (const [A, B] of pairs)
        for (let k = 0; k < K; k++) {
          const term = field.get(A, i, k) * field.get(B, k, j);
          value += term;
          size += Math.abs(term);
        }
      return { value, bound: (K * pairs.length + 1) * eps * size };
    }),
  );
}

/**
 * Runs a kernel that writes C, and says what is wrong with it: elements that are further from the exact product than they
 * may be, and whatever else was written to but for the scratch region.
 */
export function faults(
  field: Field,
  sizes: Sizes,
  pairs: readonly (readonly [Matrix, Matrix])[],
  C: Matrix,
  accumulate: boolean,
  run: () => void,
): string[] {
  const exact = exactProduct(field, sizes, pairs, C, accumulate);
  const before = field.floats.slice(0, field.end >> 2);
  run();
  const wrong: string[] = [];
  exact.forEach((line, i) => {
    line.forEach(({ value, bound }, j) => {
      const got = field.get(C, i, j);
      const right = Number.isFinite(value) ? Math.abs(got - value) <= bound : Object.is(got, value);
      if (!right) wrong.push(`C[${i}, ${j}] is ${got}, not ${value}`);
      before[(C.at + i * C.row + j * C.column) >> 2] = got;
    });
  });
  const bits = new Int32Array(field.memory.buffer);
  const old = new Int32Array(before.buffer);
  for (let i = 0; i < old.length; i++) if (old[i] !== bits[i]) wrong.push(`something was written at ${4 * i}`);
  return wrong;
}
