import type { Tensor } from '@tapegrad/autograd';
import type { Chk, Flatten as FlattenShape, Fn, In, Sh } from '@tapegrad/tensor';
import { Module } from './module.ts';

interface FlattenFn<A extends number, B extends number> extends Fn {
  out: FlattenShape<In<this>, A, B>;
}

/** The dims from `start` to `end` (included) as one; by default all but the first, which is the batch. */
export class Flatten<A extends number = 1, B extends number = -1> extends Module {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': FlattenFn<A, B>;
  /** The first of the dims that become one. */
  readonly start: A;
  /** The last of them. */
  readonly end: B;

  /** start is 1 and end -1 by default. */
  constructor(start?: A, end?: B) {
    super();
    this.start = start ?? (1 as A);
    this.end = end ?? (-1 as B);
  }

  forward<X extends Tensor>(x: Chk<FlattenShape<X['shape'], A, B>, X>): Tensor<Sh<FlattenShape<X['shape'], A, B>>> {
    const input: Tensor = x as Tensor;
    return input.flatten(this.start as number, this.end as number);
  }

  override extraRepr(): string {
    return `start=${this.start}, end=${this.end}`;
  }
}
