import { emptyArray, type NdArray, sameShape } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { isGradEnabled } from './mode.ts';
import { Node } from './node.ts';
import { activeObserver } from './observer.ts';
import type { Computed, Primitive } from './primitive.ts';

/** The one seam that every operation passes: it runs the operation, records its history and tells who listens. */
export function apply<Attrs>(op: Primitive<Attrs>, inputs: readonly Tensor[], attrs: Attrs): Tensor {
  const output = inputs[0].derive(evaluate(op, inputs, attrs));
  if (isGradEnabled()) record(op, inputs, attrs, output);
  const observer = activeObserver();
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
  const out = first.spare && op.inPlace === true && sameShape(first.shape, shape) ? first : emptyArray(shape, dtype);
  op.kernel(out, arrays, attrs);
  return out;
}

function record<Attrs>(op: Primitive<Attrs>, inputs: readonly Tensor[], attrs: Attrs, output: Tensor): void {
  const { gradients, keeps } = op;
  let tracked = false;
  const parents = new Array<Node | null>(inputs.length);
  for (let i = 0; i < inputs.length; i++) {
    const rule = i < gradients.length ? gradients[i] : gradients[gradients.length - 1];
    const node = rule === null || rule === undefined ? null : inputs[i].node;
    parents[i] = node;
    if (node !== null) tracked = true;
  }
  if (!tracked) return;
  const kept: Tensor[] = [];
  let keepsOutput = false;
  for (let k = 0; k < keeps.length; k++) {
    const what = keeps[k];
    if (what === 'output') keepsOutput = true;
    else kept[what] = inputs[what];
  }
  output.node = new Node(op, attrs, parents, kept, output, keepsOutput);
}
