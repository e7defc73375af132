import { showShape } from '@tapegrad/tensor';
import { elementwiseOf } from '../lower/kinds.ts';
import type { Kernel } from '../passes/fuse.ts';
import type { Group, Source } from '../passes/group.ts';
import type { Phases } from '../passes/phases.ts';
import { isWhole, type Operation, type Value, type View } from './graph.ts';

/** A program as a person reads it: a line for each operation, those that run in one loop indented under it. */
export function printProgram(kernels: readonly Kernel[], phases: ReadonlyMap<Group, Phases>): string {
  const lines = kernels.map((kernel, i) => {
    if (kernel.kind === 'operation') return `${i}: ${printOperation(kernel.operation)}`;
    const { group } = kernel;
    const { count, of, stored } = phases.get(group)!;
    const rows = group.inner === undefined ? '' : `, rows of ${group.inner} dims`;
    const passes = count > 1 ? `, ${count} passes` : '';
    const members = group.members.map(({ operation, sources, role }, k) => {
      const views = elementwiseOf(operation)?.inputs ?? operation.inputs;
      const inputs = sources.map((source, n) => printSource(group, source, views[n]));
      const notes = [
        count > 1 ? `pass ${of[k]}` : '',
        role === 'elementwise' ? '' : role,
        stored.has(k) ? 'stored' : '',
      ];
      return `   ${nameOf(operation.output)} = ${operation.op.name}(${inputs.join(', ')})  ${notes.filter(note => note !== '').join(', ')}`.trimEnd();
    });
    return [`${i}: loop over ${showShape(group.shape)}${rows}${passes}`, ...members].join('\n');
  });
  return lines.join('\n');
}

/** One operation: `v7 = matmul(v3 [14, 4], v5 [4, 4])`. */
export const printOperation = ({ op, inputs, output, shape }: Operation): string =>
  `${nameOf(output)} ${showShape(shape)} = ${op.name}(${inputs.map(printView).join(', ')})`;

const printSource = ({ members }: Group, source: Source, view: View): string =>
  source.from === 'member' ? nameOf(members[source.index].operation.output) : printView(view);

function printView(view: View): string {
  const { value, shape, strides, offset } = view;
  const { origin } = value;
  if (origin.from === 'constant' && value.size === 1) return String(origin.data[0]);
  const place = isWhole(view) ? '' : ` strides ${showShape(strides)}${offset === 0 ? '' : ` from ${offset}`}`;
  return `${nameOf(value)} ${showShape(shape)}${place}`;
}

/** What a value is called: after where it comes from, and its number. */
function nameOf(value: Value): string {
  const { dtype, home, id } = value;
  const kind = dtype === 'float32' ? '' : `:${dtype}`;
  const prefix = home.origin.from === 'operation' ? 'v' : home.origin.from;
  return value === home ? `${prefix}${id}${kind}` : `${prefix}${home.id}'${id}${kind}`;
}
