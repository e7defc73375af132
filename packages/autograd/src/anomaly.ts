import { flatData, GradError, isFloat, showShape } from '@tapegrad/tensor';
import { callSite } from './tape/call-site.ts';
import type { Node } from './tape/node.ts';
import { type Observer, observeToo, refuseRecording } from './tape/observer.ts';
import type { Tensor } from './tensor.ts';

/**
 * Runs `fn` and throws at the first operation that gives NaN or Infinity, or whose gradient does: the error names the
 * operation, its shapes, and the line that called it. For a gradient that is the line of the forward operation, and
 * what a gradient rule computes on the way to a finite result is its own affair.
 *
 * @throws GradError when there is NaN or Infinity, when `fn` is asynchronous, or within a function that is compiled.
 * @example
 * ```ts
 * detectAnomaly(() => x.log().sum().backward()); // throws where x is 0: log of [3] gave -Infinity at element 0, …
 * ```
 */
export function detectAnomaly<T>(fn: () => T): T {
  refuseRecording(
    'detectAnomaly',
    'because it looks at every result; call it around the function before that is compiled',
  );
  return observeToo(detector(), fn);
}

function detector(): Observer {
  let insideRule = false;
  return {
    applied(op, inputs, _attrs, output, node) {
      if (node !== null) node.calledAt = callSite();
      if (insideRule) return;
      const bad = firstBad(output);
      if (bad === undefined) return;
      const shapes = inputs.map(x => showShape(x.shape)).join(', ');
      throw new GradError(`detectAnomaly: ${op.name} of ${shapes} gave ${bad}, called ${callSite()}`);
    },
    differentiate(node, compute) {
      const before = insideRule;
      insideRule = true;
      try {
        const result = compute();
        const gradients: readonly (Tensor | null)[] = Array.isArray(result) ? result : [result];
        for (const gradient of gradients) if (gradient !== null) checkGradient(node, gradient);
        return result;
      } finally {
        insideRule = before;
      }
    },
  };
}

function checkGradient(node: Node<any>, gradient: Tensor): void {
  const bad = firstBad(gradient);
  if (bad === undefined) return;
  const called = node.calledAt === undefined ? 'called before detectAnomaly' : `called ${node.calledAt}`;
  throw new GradError(
    `detectAnomaly: the gradient of ${node.op?.name} of shape ${showShape(node.shape)} is ${bad}, ${called}`,
  );
}

function firstBad(x: Tensor): string | undefined {
  if (!isFloat(x.dtype)) return undefined;
  const data = flatData(x.value);
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return `${data[i]} at element ${i}`;
  return undefined;
}
