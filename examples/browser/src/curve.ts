/** A held-out loss, where it was measured. */
export interface Mark {
  readonly step: number;
  readonly loss: number;
}

/** Three columns of equal length, as a plot wants them. */
export type Columns = [steps: number[], training: number[], heldOut: (number | null)[]];

/**
 * The losses of a run of any length as a few hundred points: each is the mean of a stretch of steps. When there are too
 * many, neighbours become one.
 */
export class Curve {
  readonly #most: number;
  #stretch = 1;
  #means: number[] = [];
  #sum = 0;
  #count = 0;
  #steps = 0;
  #marks: Mark[] = [];

  constructor(most = 512) {
    this.#most = most;
  }

  /** How many steps it has. */
  get steps(): number {
    return this.#steps;
  }

  push(losses: Iterable<number>, marks: readonly Mark[]): void {
    for (const loss of losses) {
      this.#steps++;
      this.#sum += loss;
      if (++this.#count === this.#stretch) this.#close();
    }
    this.#marks = [...this.#marks, ...marks];
    while (this.#marks.length > this.#most)
      this.#marks = this.#marks.filter((_, i, { length }) => (length - i) % 2 === 1);
  }

  #close(): void {
    this.#means.push(this.#sum / this.#count);
    this.#sum = this.#count = 0;
    if (this.#means.length < this.#most) return;
    this.#means = this.#means.flatMap((mean, i) => (i % 2 === 0 ? [(mean + this.#means[i + 1]) / 2] : []));
    this.#stretch *= 2;
  }

  /** The points: the last step of each stretch, its mean loss, and the last held-out loss that was measured in it. */
  columns(scale = (loss: number) => loss): Columns {
    const means = this.#count === 0 ? this.#means : [...this.#means, this.#sum / this.#count];
    const steps = means.map((_, i) => Math.min((i + 1) * this.#stretch, this.#steps));
    const heldOut: (number | null)[] = means.map(() => null);
    for (const { step, loss } of this.#marks) heldOut[Math.ceil(step / this.#stretch) - 1] = scale(loss);
    return [steps, means.map(scale), heldOut];
  }

  /** At most `n` rows, evenly spread, of the means between one and the next: what a table shows. */
  rows(n: number): { readonly step: number; readonly loss: number; readonly heldOut: number | null }[] {
    const [steps, means, heldOut] = this.columns();
    const each = Math.ceil(means.length / n);
    const rows = [];
    for (let end = means.length; end > 0; end -= each) {
      const part = means.slice(Math.max(0, end - each), end);
      const marks = heldOut.slice(Math.max(0, end - each), end).filter(mark => mark !== null);
      const loss = part.reduce((sum, x) => sum + x, 0) / part.length;
      rows.push({ step: steps[end - 1], loss, heldOut: marks.at(-1) ?? null });
    }
    return rows.reverse();
  }
}
