import { type Observer, observe, type Tensor } from '@tapegrad/autograd';
import { copyOf, type NdArray } from '@tapegrad/tensor';

/** What `fn` gave, and how to repeat what it did. */
export interface Replay<T> {
  readonly result: T;
  /** Does every operation again, into the same arrays, after drawing anew what was drawn. */
  readonly again: () => void;
}

/**
 * The simplest recorder: it knows what an observer is told, and nothing else. That its replays agree with eager shows that
 * this is enough.
 */
export function record<T>(fn: () => T): Replay<T> {
  const steps: (() => void)[] = [];
  const recorder: Observer = {
    applied(op, inputs, attrs, { value: out }) {
      if ('view' in op) return;
      const arrays: NdArray[] = inputs.map(x => x.value);
      if ('run' in op) throw new Error(`${op.name} is not replayed here`);
      steps.push(() => {
        op.shape(arrays, attrs);
        op.kernel(out, arrays, attrs);
      });
    },
    made({ value }, redraw) {
      const first = copyOf(value);
      steps.push(() => (redraw === null ? value.buffer.set(first.buffer) : redraw(value.buffer)));
    },
    read(_tensor: Tensor, how) {
      throw new Error(`${how} while recording`);
    },
  };
  const result = observe(recorder, fn);
  return {
    result,
    again: () => {
      for (const step of steps) step();
    },
  };
}
