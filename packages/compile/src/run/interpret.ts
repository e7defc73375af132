import { copyInto, sameShape } from '@tapegrad/tensor';
import { isWhole, type Operation } from '../graph/graph.ts';
import type { Step } from '../passes/memory.ts';
import type { Storage } from './storage.ts';

/** What the plan of memory has to know of an operation that its kernel in JavaScript runs. */
export const stepOf = (operation: Operation): Step => {
  const { inputs, output } = operation;
  return {
    reads: output.replaces ? [...inputs.map(({ value }) => value), output.home] : inputs.map(({ value }) => value),
    writes: [output],
    reuses: canOverwrite(operation) ? [[output, inputs[0].value]] : [],
  };
};

/** Whether an operation may write over its first input, which no other input shows in another way. */
function canOverwrite({ op, inputs, shape }: Operation): boolean {
  if (!('inPlace' in op) || op.inPlace !== true) return false;
  const [first, ...others] = inputs;
  return isWhole(first) && sameShape(first.shape, shape) && others.every(({ value }) => value !== first.value);
}

/** An operation as a call of its kernel in JavaScript, on arrays that stay where they are. */
export function kernelOf(operation: Operation, storage: Storage): () => void {
  const { op, attrs, inputs, output, shape } = operation;
  const base = storage.arrayOf(output);
  const out = base.view(shape, undefined, 0);
  const views = inputs.map(view => storage.viewOf(view));
  if ('run' in op)
    return () => {
      copyInto(out, op.run(views, attrs));
    };
  if ('view' in op) throw new Error(`compile: ${op.name} moves nothing, and is no step of a program`);
  if (op.inPlace === true && views[0].buffer === base.buffer && isWhole(inputs[0])) views[0] = out;
  const { kernel } = op;
  if (!readsIds.has(op.name)) return () => kernel(out, views, attrs);
  return () => {
    op.shape(views, attrs);
    kernel(out, views, attrs);
  };
}

/** Operations whose shape rule looks at ids, which may be others at every call. */
const readsIds: ReadonlySet<string> = new Set(['indexSelect', 'gather', 'scatter', 'scatterAdd']);

/** Runs the operations one after the other by their kernels in JavaScript: slow, and what all else is measured against. */
export function interpret(operations: readonly Operation[], storage: Storage): () => void {
  const kernels = operations.map(operation => kernelOf(operation, storage));
  return () => {
    for (const run of kernels) run();
  };
}
