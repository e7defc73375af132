import { copyOf, NdArray, type TypedArray } from '@tapegrad/tensor';
import type { Value, View } from '../graph/graph.ts';
import { type Arena, paddedBytes } from '../passes/memory.ts';
import { typedArray } from './heap.ts';

/** Values that outlive a call: constants, and the gradients that the function leaves. They lie side by side. */
export interface Kept {
  readonly offsets: ReadonlyMap<Value, number>;
  readonly bytes: number;
}

export function planKept(values: Iterable<Value>): Kept {
  const offsets = new Map<Value, number>();
  let bytes = 0;
  for (const value of values) {
    if (offsets.has(value)) continue;
    offsets.set(value, bytes);
    bytes += paddedBytes(value);
  }
  return { offsets, bytes };
}

/** A stretch of memory for what a program keeps, and one for what it makes during a call. */
export interface Regions {
  readonly memory: ArrayBufferLike;
  readonly kept: number;
  /** Held for as long as something may run in it. */
  readonly arena: { readonly address: number };
}

/** The arrays that the values of a program are. */
export class Storage {
  readonly #regions: Regions;
  readonly #kept: Kept;
  readonly #arena: Arena;
  readonly #arrays = new Map<Value, NdArray>();

  constructor(regions: Regions, kept: Kept, arena: Arena) {
    this.#regions = regions;
    this.#kept = kept;
    this.#arena = arena;
  }

  /** The array that owns the buffer of a value. */
  arrayOf({ home }: Value): NdArray {
    if (home.origin.from === 'resident') return home.origin.array;
    const known = this.#arrays.get(home);
    if (known !== undefined) return known;
    const array = new NdArray(home.dtype, [home.size], this.#typedArrayOf(home));
    this.#arrays.set(home, array);
    return array;
  }

  /** The array that a view of a value is; the array itself where it shows all of that in its shape. */
  viewOf({ value, shape, strides, offset }: View): NdArray {
    return this.arrayOf(value).view(shape, strides, offset);
  }

  /** A copy of one of the arrays, for whoever asks, for as long as this storage is held. */
  read(array: NdArray): NdArray {
    return copyOf(array);
  }

  /** The byte of the memory at which a value begins. */
  addressOf(value: Value): number {
    return this.arrayOf(value).buffer.byteOffset;
  }

  #typedArrayOf(value: Value): TypedArray {
    const { memory, kept, arena } = this.#regions;
    const inKept = this.#kept.offsets.get(value);
    const at = inKept === undefined ? arena.address + (this.#arena.offsets.get(value) ?? 0) : kept + inKept;
    return typedArray(value.dtype, memory, at, value.size);
  }
}
