import { emptyArray, isFloat, type NdArray, sameShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { isGradEnabled } from './mode.ts';
import { Node } from './node.ts';
import { activeObserver } from './observer.ts';
import { type Computed, entryFor, type Primitive } from './primitive.ts';

/** The one seam that every operation passes: it runs the operation, records its history and tells who listens. */
export function apply<Attrs>(op: Primitive<Attrs>, inputs: readonly Tensor[], attrs: Attrs): Tensor {
  const observer = activeObserver();
  if (observer !== null) observer.applying?.(op);
  const output = inputs[0].derive(evaluate(op, inputs, attrs));
  if (isGradEnabled()) record(op, inputs, attrs, output);
  if (observer !== null) observer.applied(op, inputs, attrs, output, output.node);
  return output;
}

function evaluate<Attrs>(op: Primitive<Attrs>, inputs: readonly Tensor[], attrs: Attrs): NdArray {
  if ('view' in op) return op.view(inputs[0].value, attrs);
  const arrays = new Array<NdArray>(inputs.length);
  for (let i = 0; i < inputs.length; i++) arrays[i] = inputs[i].value;
  return 'kernel' in op ? compute(op, arrays, attrs) : op.run(arrays, attrs);
}

function compute<Attrs>(op: Computed<Attrs>, arrays: readonly NdArray[], attrs: Attrs): NdArray {
  const shape = op.shape(arrays, attrs);
  const dtype =
    op.dtype === undefined ? arrays[0].dtype : typeof op.dtype === 'function' ? op.dtype(arrays, attrs) : op.dtype;
  const first = arrays[0];
  const reuses = first.spare && op.inPlace === true && sameShape(first.shape, shape);
  const out = reuses ? first : emptyArray(shape, dtype);
  first.spare = false;
  op.kernel(out, arrays, attrs);
  return out;
}

function hasHistory(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (inputs[i].node !== null) return true;
  return false;
}

/** Gives a float output its history, if one of the inputs that it has a gradient for has one. */
function record<Attrs>(op: Primitive<Attrs>, inputs: readonly Tensor[], attrs: Attrs, output: Tensor): void {
  if (!hasHistory(inputs) || !isFloat(output.dtype)) return;
  const { gradients, keeps } = op;
  const parents = new Array<Node | null>(inputs.length);
  let tracked = false;
  for (let i = 0; i < inputs.length; i++) {
    const differentiable = 'together' in gradients || (entryFor(gradients, i) ?? null) !== null;
    parents[i] = differentiable ? inputs[i].node : null;
    if (parents[i] !== null) tracked = true;
  }
  if (!tracked) return;
  const kept: Tensor[] = [];
  let keepsOutput = false;
  for (let i = 0; i < inputs.length; i++) {
    if (parents[i] === null) continue;
    for (const what of entryFor(keeps, i) ?? [])
      if (what === 'output') keepsOutput = true;
      else kept[what] = inputs[what];
  }
  output.node = new Node(op, attrs, parents, kept, output, keepsOutput);
}
