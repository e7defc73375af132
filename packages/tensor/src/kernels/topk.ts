import type { TypedArray } from '../dtype.ts';
import { emptyArray, type NdArray } from '../ndarray.ts';
import { around } from '../shape/shape.ts';
import { contiguous, copyInto } from './copy.ts';
import { sliceView } from './pick.ts';
import { argsortInto } from './scan.ts';

/** Up to so many are kept in order while the elements go by; more of them are the first ones of the whole order. */
const fewBest = 64;

/** The positions along `dim` of the k largest (or smallest) elements, in the order that `argsortInto` puts them in. */
export function topkInto(out: NdArray, a: NdArray, dim: number, k: number, largest: boolean): void {
  if (k > fewBest) {
    const order = emptyArray(a.shape, 'int32');
    argsortInto(order, a, dim, largest);
    copyInto(out, sliceView(order, dim, 0, k, 1));
  } else if (k > 0) fewBestInto(out, a, dim, new Best(k, largest));
}

function fewBestInto(out: NdArray, a: NdArray, dim: number, best: Best): void {
  const { buffer, offset } = contiguous(a);
  const { outer, size, inner } = around(a.shape, dim);
  const y = out.buffer;
  const { k, positions } = best;
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < inner; j++) {
      best.look(size, buffer, offset + i * size * inner + j, inner);
      for (let t = 0, o = out.offset + i * k * inner + j; t < k; t++, o += inner) y[o] = positions[t];
    }
}

/** The k best of a line, the best first, and of equals the earlier. NaN is larger than all numbers. */
class Best {
  readonly k: number;
  readonly positions: Int32Array;
  /** The elements at these positions, with their signs turned where the smallest are the best. */
  readonly #keys: Float64Array;
  readonly #sign: 1 | -1;

  constructor(k: number, largest: boolean) {
    this.k = k;
    this.positions = new Int32Array(k);
    this.#keys = new Float64Array(k);
    this.#sign = largest ? 1 : -1;
  }

  /** Looks at `n >= k` elements, `step` apart. The loop over float32 is one of its own, as in binary.ts. */
  look(n: number, a: TypedArray, p: number, step: number): void {
    const sign = this.#sign;
    let i = 0;
    for (; i < this.k; i++, p += step) this.#insert(sign * a[p], i, i);
    let worst = this.#keys[this.k - 1];
    // What is `not at most` the worst may be NaN too.
    if (a instanceof Float32Array) {
      for (; i < n; i++, p += step) if (!(sign * a[p] <= worst)) worst = this.#replace(sign * a[p], i);
    } else for (; i < n; i++, p += step) if (!(sign * a[p] <= worst)) worst = this.#replace(sign * a[p], i);
  }

  /** Puts an element in the place of the worst, if it is better, and gives the worst from then on. */
  #replace(key: number, position: number): number {
    const last = this.k - 1;
    if (this.#before(key, this.#keys[last])) this.#insert(key, position, last);
    return this.#keys[last];
  }

  /** Moves an element from place `t` on forward past all that are worse. */
  #insert(key: number, position: number, t: number): void {
    const keys = this.#keys;
    for (; t > 0 && this.#before(key, keys[t - 1]); t--) {
      keys[t] = keys[t - 1];
      this.positions[t] = this.positions[t - 1];
    }
    keys[t] = key;
    this.positions[t] = position;
  }

  #before(x: number, z: number): boolean {
    if (x > z) return true;
    if (x <= z) return false;
    return this.#sign === 1 ? !Number.isNaN(z) : !Number.isNaN(x);
  }
}
