import { type Generator, randint, type Tensor } from 'tapegrad';

/** A language model's batch, time, vocabulary, and hidden size. */
export interface Size {
  readonly B: number;
  readonly T: number;
  readonly V: number;
  readonly H: number;
}

/** Ids [T, B] to read, and the ids [T · B] to foresee. */
export function ids({ B, T, V }: Size, generator: Generator): [x: Tensor, y: Tensor] {
  return [randint(0, V, [T, B], { generator }), randint(0, V, [T * B], { generator })];
}
