import { bytesPerElement } from '@tapegrad/tensor';
import { type Callable, type Code, call, i32 } from '@tapegrad/wasm';
import type { View } from '../graph/graph.ts';
import type { Storage } from '../run/storage.ts';

/** The address of the first element of a view. */
export const addressOf = (storage: Storage, { value, offset }: Pick<View, 'value' | 'offset'>): number =>
  storage.addressOf(value) + offset * bytesPerElement[value.dtype];

/** A call with numbers that are known now. */
export const callWith = (f: Callable, ...args: number[]): Code => call(f, ...args.map(i32.const));
