import { bytesPerElement, type DType, type NdArray, type TypedArray } from '@tapegrad/tensor';
import { gemmScratchBytes, type Memory, makeMemory } from '@tapegrad/wasm';

/** A stretch of the heap. */
export interface Stretch {
  readonly address: number;
  readonly bytes: number;
}

const alignment = 64;
/** Pages of 64 KB. The most is asked for, and then half of that, and so on: only what is used costs memory, but not every engine knows that. */
const mostPages = 16_384;
const fewestPages = 1024;

/**
 * The memory that all programs share, and with them the parameters that they train. It never grows: the arrays that show
 * parts of it stay what they are.
 */
export class Heap {
  readonly memory: Memory;
  /** What is free, by address; neighbours are one. */
  #free: Stretch[];
  readonly #released = new FinalizationRegistry<Stretch>(stretch => this.release(stretch));
  /** The newest arena, which programs share as long as it is large enough: only one of them runs at a time. */
  #arena: WeakRef<Stretch> | undefined;
  #scratch: number | undefined;

  constructor() {
    this.memory = largestMemory();
    // Address 0 is left out, so that no array begins there.
    this.#free = [{ address: alignment, bytes: this.memory.buffer.byteLength - alignment }];
  }

  /** A stretch of so many bytes, of zeros or of what was there before; null when there is none. */
  allocate(bytes: number): Stretch | null {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const i = this.#free.findIndex(stretch => stretch.bytes >= size);
    if (i < 0) return null;
    const { address, bytes: available } = this.#free[i];
    if (available === size) this.#free.splice(i, 1);
    else this.#free[i] = { address: address + size, bytes: available - size };
    return { address, bytes: size };
  }

  release(stretch: Stretch): void {
    const after = this.#free.findIndex(({ address }) => address > stretch.address);
    const at = after < 0 ? this.#free.length : after;
    this.#free.splice(at, 0, stretch);
    this.#merge(at);
    if (at > 0) this.#merge(at - 1);
  }

  #merge(i: number): void {
    const [left, right] = [this.#free[i], this.#free[i + 1]];
    if (right === undefined || left.address + left.bytes !== right.address) return;
    this.#free.splice(i, 2, { address: left.address, bytes: left.bytes + right.bytes });
  }

  /** Gives a stretch back when `owner` is collected. */
  releaseWith(owner: object, stretch: Stretch): void {
    this.#released.register(owner, stretch);
  }

  /**
   * An arena of at least so many bytes; programs whose needs are met by the one there is share it. It is given back when
   * nobody holds it any more. A new one is twice as large as the last, so that few are outgrown.
   */
  arena(bytes: number): Stretch | null {
    const known = this.#arena?.deref();
    if (known !== undefined && known.bytes >= bytes) return known;
    const stretch = this.allocate(Math.max(bytes, 2 * (known?.bytes ?? 0))) ?? this.allocate(bytes);
    if (stretch === null) return null;
    const arena = { ...stretch };
    this.releaseWith(arena, stretch);
    this.#arena = new WeakRef(arena);
    return arena;
  }

  /** Where the kernels for matrices work; all programs use it in turn. */
  get scratch(): number | undefined {
    this.#scratch ??= this.allocate(gemmScratchBytes(true))?.address;
    return this.#scratch;
  }

  /** Whether an array lies here already. */
  holds(array: NdArray): boolean {
    return array.base.buffer.buffer === this.memory.buffer;
  }

  /** Moves an array here, for as long as it lives; false when there is no room. */
  take(array: NdArray): boolean {
    if (this.holds(array)) return true;
    const { dtype, size } = array;
    const stretch = this.allocate(size * bytesPerElement[dtype] + 16);
    if (stretch === null) return false;
    const buffer = typedArray(dtype, this.memory.buffer, stretch.address, size);
    // Whoever holds the buffer, the array or somebody who read it, may look at it as long as they like.
    this.releaseWith(buffer, stretch);
    array.moveTo(buffer);
    return true;
  }
}

function largestMemory(): Memory {
  for (let pages = mostPages; ; pages /= 2)
    try {
      return makeMemory(pages);
    } catch (error) {
      if (pages <= fewestPages) throw error;
    }
}

/** A typed array of a dtype that shows a part of a buffer. */
export function typedArray(dtype: DType, buffer: ArrayBufferLike, address: number, size: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, address, size);
    case 'float64':
      return new Float64Array(buffer, address, size);
    case 'int32':
      return new Int32Array(buffer, address, size);
    case 'bool':
      return new Uint8Array(buffer, address, size);
  }
}

let shared: Heap | undefined;

/** The heap of this process, made when it is first asked for. */
export const heap = (): Heap => (shared ??= new Heap());
