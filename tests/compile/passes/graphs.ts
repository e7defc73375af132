import type { Tensor } from '@tapegrad/autograd';
import type { TypedArray } from '@tapegrad/tensor';
import { expect } from 'vitest';
import type { Graph, Operation, Value, View } from '../../../packages/compile/src/graph/graph.ts';
import { printOperation } from '../../../packages/compile/src/graph/print.ts';
import { viewsOf } from '../../../packages/compile/src/graph/rewrite.ts';
import type { Pass } from '../../../packages/compile/src/passes/index.ts';
import { record } from '../../../packages/compile/src/record/record.ts';
import { flatten } from '../../../packages/compile/src/record/tree.ts';
import { interpret } from '../../../packages/compile/src/run/interpret.ts';
import { planKept, Storage } from '../../../packages/compile/src/run/storage.ts';

/** What a function does to its arguments, as a graph that no pass has seen. */
export function graphOf(fn: (...args: any[]) => unknown, ...args: unknown[]): Graph {
  const { tree, tensors } = flatten(args);
  return record(fn as (...args: unknown[]) => unknown, tree, tensors).recording.graph;
}

/**
 * Prints graphs with the values numbered as they come, each kind on its own, so that a test can say what it expects: `v1`,
 * `input2`, `resident1'2` for what resident1 holds after it was overwritten twice. The numbers go on from graph to graph.
 */
export class Printer {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** A line for each operation, and one for the results. */
  lines({ operations, results }: Graph): string[] {
    return [
      ...operations.map(operation => this.line(operation)),
      `return ${results.map(view => this.view(view)).join(', ')}`,
    ];
  }

  line(operation: Operation): string {
    return this.text(printOperation(operation));
  }

  view(view: View): string {
    const { value, shape } = view;
    const returned = { op: { name: 'return' }, attrs: undefined, inputs: [view], output: value, shape } as unknown;
    return this.text(printOperation(returned as Operation).replace(/^.* = return\((.*)\)$/, '$1'));
  }

  text(printed: string): string {
    return printed.replace(
      /\b(v|input|resident|constant|draw|gradient)(\d+)(?:'(\d+))?/g,
      (_, kind: string, id: string, version: string | undefined) => {
        const home = this.#nameOf(`${kind}${id}`, kind);
        return version === undefined ? home : this.#nameOf(`${home}'${version}`, `${home}'`);
      },
    );
  }

  #nameOf(key: string, prefix: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    const name = `${prefix}${count}`;
    this.#names.set(key, name);
    return name;
  }
}

/**
 * What a pass makes of a function: the graph as lines, before and after. The results must be the same, up to the order in
 * which sums are added up.
 */
export function changed(
  pass: Pass,
  fn: (...args: any[]) => unknown,
  ...args: Tensor[]
): { readonly before: string[]; readonly after: string[] } {
  const graph = graphOf(fn, ...args);
  const printer = new Printer();
  const next = pass(graph);
  expectClose(evaluate(next, args), evaluate(graph, args));
  return { before: printer.lines(graph), after: printer.lines(next) };
}

function expectClose(got: readonly number[][], expected: readonly number[][]): void {
  expect(got.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const apart = (a: number, b: number): number => (Object.is(a, b) ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b)));
  const far = got.flatMap((numbers, i) => numbers.filter((x, k) => !(apart(x, expected[i][k]) < 1e-5)));
  expect(far).toEqual([]);
}

/** The names of the operations that a pass leaves. */
export const namesAfter = (pass: Pass, fn: (...args: any[]) => unknown, ...args: unknown[]): string[] =>
  pass(graphOf(fn, ...args)).operations.map(({ op }) => op.name);

/**
 * The results of a graph, computed by the kernels in JavaScript with a place of its own for every value; residents are as
 * they were again when it is done.
 */
export function evaluate(graph: Graph, inputs: readonly Tensor[]): number[][] {
  const homes = new Set(
    [...viewsOf(graph).keys(), ...graph.operations.map(({ output }) => output)].map(({ home }) => home),
  );
  const own = [...homes].filter(({ origin }) => origin.from !== 'resident');
  const kept = planKept(own);
  const regions = { memory: new ArrayBuffer(kept.bytes), kept: 0, arena: { address: 0 } };
  const storage = new Storage(regions, kept, { offsets: new Map(), bytes: 0, bytesApart: 0 });
  for (const value of own) fill(storage.arrayOf(value).buffer, value, inputs);
  const residents = [...homes].flatMap(({ origin }) => (origin.from === 'resident' ? [origin.array] : []));
  const before = residents.map(({ buffer }) => buffer.slice());
  interpret(graph.operations, storage)();
  const results = graph.results.map(view => {
    const { shape, strides, offset } = storage.viewOf(view);
    const { buffer } = storage.arrayOf(view.value);
    return elements(shape, strides, offset).map(at => buffer[at]);
  });
  for (const [i, { buffer }] of residents.entries()) buffer.set(before[i]);
  return results;
}

function fill(buffer: TypedArray, { origin }: Value, inputs: readonly Tensor[]): void {
  if (origin.from === 'input') buffer.set(inputs[origin.index].data);
  else if (origin.from === 'constant') buffer.set(origin.data);
  else if (origin.from === 'draw' || origin.from === 'gradient') buffer.set(Array.from(buffer, (_, i) => (i + 1) / 8));
}

/** Where the elements of a view lie, in row-major order. */
function elements(shape: readonly number[], strides: readonly number[], offset: number): number[] {
  if (shape.length === 0) return [offset];
  const [n, ...rest] = shape;
  const [step, ...steps] = strides;
  return Array.from({ length: n }, (_, i) => elements(rest, steps, offset + i * step)).flat();
}
