import { GradError, isFloat, showShape } from '@tapegrad/tensor';
import type { Node } from './tape/node.ts';
import { type Observer, observe } from './tape/observer.ts';
import type { Tensor } from './tensor.ts';

/**
 * Runs `fn` and throws at the first operation, forward or backward, that gives NaN or Infinity: the error names the
 * operation, its shapes, and the line that called it. For a gradient it is the line of the forward operation.
 */
export function detectAnomaly<T>(fn: () => T): T {
  return observe(detector, fn);
}

const detector: Observer = {
  applied(op, inputs, _attrs, output, node) {
    if (node !== null) node.calledAt = callSite();
    const bad = firstBad(output);
    if (bad === undefined) return;
    const shapes = inputs.map(x => showShape(x.shape)).join(', ');
    throw new GradError(`detectAnomaly: ${op.name} of ${shapes} gave ${bad}, called ${callSite()}`);
  },
  differentiated(node, gradient) {
    const bad = firstBad(gradient);
    if (bad === undefined) return;
    throw new GradError(
      `detectAnomaly: the gradient of ${node.op?.name} of shape ${showShape(node.shape)} is ${bad}, ${calledFrom(node)}`,
    );
  },
};

const calledFrom = (node: Node<any>): string =>
  node.calledAt === undefined ? 'called before detectAnomaly' : `called ${node.calledAt}`;

function firstBad(x: Tensor): string | undefined {
  if (!isFloat(x.dtype)) return undefined;
  const { data } = x;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return `${data[i]} at element ${i}`;
  return undefined;
}

/** The innermost line of the stack that is not the library's own. */
function callSite(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const own = packageOf(lines[0] ?? '');
  const outside = lines.find(line => packageOf(line) !== own && !line.includes('node:'));
  return (outside ?? lines.at(-1) ?? 'from somewhere').trim();
}

/** The folder above src/ or dist/ that a stack line lies in. */
const packageOf = (line: string): string => line.match(/(\S*)[/\\](?:src|dist)[/\\]/)?.[1].replace(/^.*\(/, '') ?? line;
