import type { Tensor } from '@tapegrad/autograd';
import type { Graph, Value } from '../../../packages/compile/src/graph/graph.ts';
import { printProgram } from '../../../packages/compile/src/graph/print.ts';
import { fuse, type Kernel } from '../../../packages/compile/src/passes/fuse.ts';
import type { Group } from '../../../packages/compile/src/passes/group.ts';
import { type Phases, phasesOf, readsOf } from '../../../packages/compile/src/passes/phases.ts';
import { graphOf, Printer } from './graphs.ts';

/** The steps that the operations of a graph become, with the phases of each group. */
export interface Fused {
  readonly kernels: readonly Kernel[];
  readonly phases: ReadonlyMap<Group, Phases>;
}

/** Puts the operations of a graph into groups. */
export function fused({ operations, results }: Graph): Fused {
  const kernels = fuse(operations);
  const needed = new Set<Value>(results.map(({ value }) => value));
  for (const kernel of kernels)
    for (const value of kernel.kind === 'group'
      ? readsOf(kernel.group)
      : kernel.operation.inputs.map(input => input.value))
      needed.add(value);
  const isNeeded = (value: Value): boolean => needed.has(value) || value.replaces;
  const phases = new Map<Group, Phases>();
  for (const kernel of kernels) if (kernel.kind === 'group') phases.set(kernel.group, phasesOf(kernel.group, isNeeded));
  return { kernels, phases };
}

/** The steps of a graph as lines. */
export function stepLines(graph: Graph): string[] {
  const { kernels, phases } = fused(graph);
  return new Printer().text(printProgram(kernels, phases)).split('\n');
}

/** The steps of a function as lines. */
export const stepsOf = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[] =>
  stepLines(graphOf(fn, ...args));

/** The operations of each step, by name. */
export const namesOfSteps = (fn: (...args: any[]) => unknown, ...args: Tensor[]): string[][] =>
  fused(graphOf(fn, ...args)).kernels.map(kernel =>
    kernel.kind === 'group'
      ? kernel.group.members.map(({ operation }) => operation.op.name)
      : [kernel.operation.op.name],
  );
