import type { ByteRange, Reading } from '../reading.ts';

/** Gives a reading that goes from front to back, and asks for each byte once, the bytes as they come. */
export class Feed<T> {
  readonly #reading: Reading<T>;
  #step: IteratorResult<ByteRange, T>;
  /** What has come of the range that is asked for, when it is not yet there as a whole. */
  #part = new Uint8Array(0);
  #filled = 0;

  constructor(reading: Reading<T>) {
    this.#reading = reading;
    this.#step = reading.next();
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#step.done; ) {
      const { length } = this.#step.value;
      const end = Math.min(bytes.length, at + length - this.#filled);
      this.#give(bytes.subarray(at, end), length);
      at = end;
    }
  }

  #give(bytes: Uint8Array, length: number): void {
    if (bytes.length === length) this.#next(bytes);
    else {
      if (this.#part.length < length) this.#part = new Uint8Array(length);
      this.#part.set(bytes, this.#filled);
      this.#filled += bytes.length;
      if (this.#filled === length) this.#next(this.#part.subarray(0, length));
    }
  }

  #next(bytes: Uint8Array): void {
    this.#filled = 0;
    this.#step = this.#reading.next(bytes);
  }

  /** What was read; undefined when the bytes ended before. */
  get result(): T | undefined {
    return this.#step.done ? this.#step.value : undefined;
  }
}
