import type { Code } from '../assembler/encode.ts';
import { f32x4, i32, select, shuffle } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local, ValueType } from '../assembler/module.ts';

// Pieces of code that the products of matrices share.

/** a b + c, in one instruction where there is one. */
export const multiplyAdd = (fma: boolean, a: Code, b: Code, c: Code): Code =>
  fma ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);

/** The types of n integer parameters. */
export const i32s = (n: number): ValueType[] => new Array(n).fill('i32');

/** Code that reads variables. */
export const values = (...locals: Local[]): Code[] => locals.map(({ get }) => get);

export const integers = (f: FunctionBuilder, n: number): Local[] => Array.from({ length: n }, () => f.local('i32'));

export const vectorsOf = (f: FunctionBuilder, n: number): Local[] => Array.from({ length: n }, () => f.local('v128'));

/** Variables for the vectors of a tile of C, row by row. */
export const tileOf = (f: FunctionBuilder, rows: number, vectors: number): Local[][] =>
  Array.from({ length: rows }, () => vectorsOf(f, vectors));

export const advance = (address: Local, bytes: Code | number): Code =>
  address.set(i32.add(address.get, typeof bytes === 'number' ? i32.const(bytes) : bytes));

/** Code for each vector of a tile of C: its sum, the address of its row, and where it is in it. */
export function eachVector(
  f: FunctionBuilder,
  sums: readonly (readonly Local[])[],
  C: Local,
  rowC: Local,
  code: (sum: Local, row: Local, at: number) => Code,
): Code {
  const row = f.local('i32');
  return [row.set(C.get), sums.map(line => [line.map((sum, j) => code(sum, row, 16 * j)), advance(row, rowC.get)])];
}

/** The smaller of two numbers, each of which is computed twice. */
export const least = (a: Code, b: Code): Code => select(a, b, i32.lt(a, b));

/** The sum of numbers. */
export const sum = (first: Code, ...others: Code[]): Code =>
  others.reduce((total, next) => i32.add(total, next), first);

/** Code that turns four vectors, the rows of a square, into its columns. */
export function transpose4(f: FunctionBuilder): (rows: readonly Local[]) => { code: Code; columns: Code[] } {
  const halves = vectorsOf(f, 4);
  const [lowA, highA, lowB, highB] = halves;
  return ([a, b, c, d]) => ({
    code: [
      lowA.set(shuffle(a.get, b.get, [0, 4, 1, 5])),
      highA.set(shuffle(a.get, b.get, [2, 6, 3, 7])),
      lowB.set(shuffle(c.get, d.get, [0, 4, 1, 5])),
      highB.set(shuffle(c.get, d.get, [2, 6, 3, 7])),
    ],
    columns: [
      shuffle(lowA.get, lowB.get, [0, 1, 4, 5]),
      shuffle(lowA.get, lowB.get, [2, 3, 6, 7]),
      shuffle(highA.get, highB.get, [0, 1, 4, 5]),
      shuffle(highA.get, highB.get, [2, 3, 6, 7]),
    ],
  });
}
