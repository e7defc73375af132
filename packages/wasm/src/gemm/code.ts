import type { Code } from '../assembler/encode.ts';
import { f32x4, i32, select } from '../assembler/instructions.ts';
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

/** The smaller of two numbers, each of which is computed twice. */
export const least = (a: Code, b: Code): Code => select(a, b, i32.lt(a, b));

/** The sum of numbers. */
export const sum = (first: Code, ...others: Code[]): Code =>
  others.reduce((total, next) => i32.add(total, next), first);
