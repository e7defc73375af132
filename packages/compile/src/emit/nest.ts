import { bytesPerElement } from '@tapegrad/tensor';
import { type Code, i32, type Local, repeat } from '@tapegrad/wasm';
import type { Access } from '../passes/group.ts';

/** One buffer that loops walk through, and where in it they are. */
export interface Cursor {
  readonly access: Access;
  /** The address of the element that the loops around stand at. */
  readonly pointer: Local;
  /** Bytes from one position to the next along each dim of the loops, merged ones as one. */
  readonly steps: readonly number[];
}

/** Dims that are walked through as one, since every buffer goes on from the end of a row to the start of the next. */
export interface Dims {
  readonly sizes: readonly number[];
  /** By access: the steps in elements. */
  readonly strides: readonly (readonly number[])[];
}

/** Merges neighbouring dims, from `from` up to `to`, wherever all accesses allow it. */
export function mergeDims(shape: readonly number[], accesses: readonly Access[], from: number, to: number): Dims {
  const sizes: number[] = [];
  const strides: number[][] = accesses.map(() => []);
  for (let d = from; d < to; d++) {
    const last = sizes.length - 1;
    const merges = last >= 0 && accesses.every((access, k) => strides[k][last] === access.strides[d] * shape[d]);
    if (merges) sizes[last] *= shape[d];
    else sizes.push(shape[d]);
    accesses.forEach((access, k) => {
      if (merges) strides[k][last] = access.strides[d];
      else strides[k].push(access.strides[d]);
    });
  }
  return { sizes, strides };
}

/** The bytes between two elements of an access. */
export const bytesOfStep = ({ value }: Access, stride: number): number => stride * bytesPerElement[value.dtype];

/** Moves a cursor by a number of bytes. */
export const move = (pointer: Local, bytes: number): Code =>
  bytes === 0 ? [] : pointer.set(i32.add(pointer.get, i32.const(bytes)));

/**
 * Loops over dims, given from `first` to `last` (not included), around a body; all cursors move along, and stand where they
 * began when it is over.
 */
export function loops(
  sizes: readonly number[],
  cursors: readonly Cursor[],
  first: number,
  last: number,
  counter: () => Local,
  body: Code,
): Code {
  if (first === last) return body;
  const n = sizes[first];
  const inside = loops(sizes, cursors, first + 1, last, counter, body);
  if (n === 1) return inside;
  return [
    repeat(counter(), i32.const(n), [inside, cursors.map(({ pointer, steps }) => move(pointer, steps[first]))]),
    cursors.map(({ pointer, steps }) => move(pointer, -n * steps[first])),
  ];
}
