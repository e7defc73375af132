import { showShape } from '@tapegrad/tensor';
import { elementwiseOf } from '../lower/kinds.ts';
import type { Kernel } from '../passes/fuse.ts';
import type { Group, Source } from '../passes/group.ts';
import type { Phases } from '../passes/phases.ts';
import { isWhole, type Operation, type Value, type View } from './graph.ts';

/** A program as a person reads it: a line for each operation, those that run in one loop indented under it. */
export function printProgram(kernels: readonly Kernel[], phases: ReadonlyMap<Group, Phases>): string {
  const before = numbersBefore(
    kernels.flatMap(kernel =>
      kernel.kind === 'operation' ? kernel.operation : kernel.group.members.map(({ operation }) => operation),
    ),
  );
  const lines = kernels.map((kernel, i) => {
    if (kernel.kind === 'operation') return `${i}: ${printOperation(kernel.operation, before)}`;
    const { group } = kernel;
    const { count, of, stored } = phases.get(group)!;
    const rows = group.inner === undefined ? '' : `, rows of ${group.inner} dims`;
    const passes = count > 1 ? `, ${count} passes` : '';
    const members = group.members.map(({ operation, sources, role }, k) => {
      const views = elementwiseOf(operation)?.inputs ?? operation.inputs;
      const inputs = sources.map((source, n) => printSource(group, source, views[n], before));
      const notes = [
        count > 1 ? `pass ${of[k]}` : '',
        role === 'elementwise' ? '' : role,
        stored.has(k) ? 'stored' : '',
      ];
      return `   ${nameOf(operation.output, before)} = ${operation.op.name}(${inputs.join(', ')})  ${notes.filter(note => note !== '').join(', ')}`.trimEnd();
    });
    return [`${i}: loop over ${showShape(group.shape)}${rows}${passes}`, ...members].join('\n');
  });
  return lines.join('\n');
}

/** A program of operations that run one after the other. */
export function printOperations(operations: readonly Operation[]): string {
  const before = numbersBefore(operations);
  return operations.map(operation => printOperation(operation, before)).join('\n');
}

/** How many values there were before a program's first: its own are numbered from 1, whatever was compiled before. */
const numbersBefore = (operations: readonly Operation[]): number =>
  operations
    .flatMap(({ inputs, output }) => [output, ...inputs.map(({ value }) => value)])
    .reduce((least, { home }) => Math.min(least, home.id - 1), Infinity);

/** One operation: `v7 = matmul(v3 [14, 4], v5 [4, 4])`. The numbers are those of the values, less `before`. */
export const printOperation = ({ op, inputs, output, shape }: Operation, before = 0): string =>
  `${nameOf(output, before)} ${showShape(shape)} = ${op.name}(${inputs.map(view => printView(view, before)).join(', ')})`;

const printSource = ({ members }: Group, source: Source, view: View, before: number): string =>
  source.from === 'member' ? nameOf(members[source.index].operation.output, before) : printView(view, before);

function printView(view: View, before: number): string {
  const { value, shape, strides, offset } = view;
  const { origin } = value;
  if (origin.from === 'constant' && value.size === 1) return String(origin.data[0]);
  const place = isWhole(view) ? '' : ` strides ${showShape(strides)}${offset === 0 ? '' : ` from ${offset}`}`;
  return `${nameOf(value, before)} ${showShape(shape)}${place}`;
}

/** What a value is called: after where it comes from, and its number. */
function nameOf(value: Value, before: number): string {
  const { dtype, home } = value;
  const [number, homeNumber] = [value.id - before, home.id - before];
  const kind = dtype === 'float32' ? '' : `:${dtype}`;
  const prefix = home.origin.from === 'operation' ? 'v' : home.origin.from;
  return value === home ? `${prefix}${number}${kind}` : `${prefix}${homeNumber}'${number}${kind}`;
}
