import { Tensor } from '@tapegrad/autograd';
import { copyInto, type NdArray } from '@tapegrad/tensor';
import type { LeafGradient } from '../record/record.ts';
import type { Storage } from './storage.ts';

/**
 * The `grad` of one leaf as a program reads and writes it. What the program leaves there stays in its memory until somebody
 * reads it.
 */
export class GradientCell {
  readonly #gradient: LeafGradient;
  readonly #before: NdArray | null;
  readonly #after: NdArray | null;
  readonly #make: () => Tensor;

  constructor(gradient: LeafGradient, storage: Storage, results: readonly NdArray[]) {
    const { slot, after } = gradient;
    this.#gradient = gradient;
    this.#before = slot.before === undefined || slot.before === null ? null : storage.arrayOf(slot.before);
    const array = after === undefined || after === null ? null : results[after];
    this.#after = array;
    // It may outlive the program, but not the memory, which lives as long as the storage.
    this.#make = () => new Tensor(storage.read(array!));
  }

  /** Whether there is a gradient just where the recording found one. */
  fits(args: readonly Tensor[]): boolean {
    const { before } = this.#gradient.slot;
    return before === undefined || hasGrad(this.#leaf(args)) === (before !== null);
  }

  /** Brings the gradient that is there into the program. */
  load(args: readonly Tensor[]): void {
    if (this.#before === null) return;
    const leaf = this.#leaf(args);
    const own = leaf.lazyGrad === this.#make && this.#after !== null;
    const value = own ? this.#after! : leaf.grad!.value;
    copyInto(this.#before.view(value.shape, undefined, 0), value);
  }

  /** Sets the leaf's `grad` to what the program left. */
  store(args: readonly Tensor[]): void {
    const { slot, after } = this.#gradient;
    if (after === undefined) return;
    const leaf = this.#leaf(args);
    if (after === null) leaf.grad = null;
    else if (slot.argument >= 0) leaf.grad = this.#make();
    else if (leaf.lazyGrad !== this.#make) leaf.setLazyGrad(this.#make);
  }

  #leaf(args: readonly Tensor[]): Tensor {
    const { argument, leaf } = this.#gradient.slot;
    return argument < 0 ? leaf : args[argument];
  }
}

const hasGrad = (leaf: Tensor): boolean => leaf.lazyGrad !== null || leaf.grad !== null;
