import { isGradEnabled, noGrad, Tensor, tick } from '@tapegrad/autograd';
import { copyInto, copyOf, type NdArray, sameShape, type TypedArray } from '@tapegrad/tensor';
import type { Graph, Operation, Value, View } from '../graph/graph.ts';
import { hooksOf, type Output, type Recording } from '../record/record.ts';
import { sameConstant, type Tree, unflatten } from '../record/tree.ts';
import { GradientCell } from './gradient.ts';
import type { Stats } from './stats.ts';
import type { Storage } from './storage.ts';

/** The body of a program: what runs between the copying in and out. */
export interface Machine {
  readonly storage: Storage;
  run(): void;
}

let running = false;

/**
 * Whether a program runs at the moment: an operation that somebody defined may call a compiled function, and all programs
 * share one arena.
 */
export const isRunning = (): boolean => running;

/** A recorded function that is ready to run again on arguments of the shapes that it was recorded with. */
export class Program {
  readonly recording: Recording;
  readonly stats: Stats;
  readonly #text: () => string;
  readonly #machine: Machine;
  readonly #inputs: readonly NdArray[];
  readonly #ids: readonly Ids[];
  readonly #draws: readonly { readonly redraw: (data: TypedArray) => void; readonly data: TypedArray }[];
  readonly #outputs: readonly OutputMaker[];
  readonly #gradients: readonly GradientCell[];
  /** Arrays from outside that the program writes to. */
  readonly #rewritten: readonly NdArray[];
  readonly #overwritten: readonly { readonly argument: number; readonly array: NdArray }[];

  constructor(recording: Recording, { results }: Graph, machine: Machine, stats: Stats, text: () => string) {
    const { storage } = machine;
    this.recording = recording;
    this.stats = stats;
    this.#text = text;
    this.#machine = machine;
    const arrays = results.map(view => storage.viewOf(view));
    this.#inputs = recording.inputs.map(({ value, shape }) => storage.arrayOf(value).view(shape, undefined, 0));
    this.#ids = idsOf(recording.graph.operations, storage);
    this.#draws = recording.draws.map(value => ({ redraw: redrawOf(value), data: storage.arrayOf(value).buffer }));
    this.#outputs = recording.outputs.map(output => makerOf(output, arrays));
    this.#gradients = recording.gradients.map(gradient => new GradientCell(gradient, storage, arrays));
    const rewritten = recording.graph.operations
      .map(({ output }) => output)
      .filter(value => value.replaces && value.home.origin.from === 'resident');
    this.#rewritten = [...new Set(rewritten.map(value => storage.arrayOf(value)))];
    this.#overwritten = recording.overwritten.map(({ argument, result }) => ({ argument, array: arrays[result] }));
  }

  /** The program in a readable form. */
  toString(): string {
    return this.#text();
  }

  /** Whether arguments, taken out of their nest, have the shapes of the recording, and all else is as it was then. */
  fits(args: readonly Tensor[]): boolean {
    const { inputs, closedOver, facts, gradMode } = this.recording;
    if (gradMode !== isGradEnabled()) return false;
    for (let i = 0; i < inputs.length; i++) {
      const { value, shape, requiresGrad } = inputs[i];
      const x = args[i];
      if (x.dtype !== value.dtype || !sameShape(x.shape, shape) || x.requiresGrad !== requiresGrad) return false;
    }
    for (const { tensor, array, requiresGrad, hooks } of closedOver)
      if (tensor.value !== array || tensor.requiresGrad !== requiresGrad || hooksOf(tensor) !== hooks) return false;
    for (const { ask, answer } of facts) if (!Object.is(ask(), answer)) return false;
    for (const gradient of this.#gradients) if (!gradient.fits(args)) return false;
    return true;
  }

  /** Copies the arguments in; false when they hold ids that the recording did not reckon with. */
  load(args: readonly Tensor[]): boolean {
    for (let i = 0; i < args.length; i++) copyInto(this.#inputs[i], args[i].value);
    return this.#ids.every(
      ({ whole, parts, bound }) => areInside(whole, bound) || parts.every(part => areInside(part, bound)),
    );
  }

  /** Runs on what was loaded, and gives what the function returned. */
  run(args: readonly Tensor[]): unknown {
    for (const gradient of this.#gradients) gradient.load(args);
    for (const { redraw, data } of this.#draws) redraw(data);
    running = true;
    try {
      this.#machine.run();
    } finally {
      running = false;
    }
    for (const array of this.#rewritten) array.overwrittenAt = tick();
    if (this.#overwritten.length > 0)
      noGrad(() => {
        for (const { argument, array } of this.#overwritten) args[argument].assign(new Tensor(array));
      });
    for (const gradient of this.#gradients) gradient.store(args);
    const made: Tensor[] = [];
    for (const make of this.#outputs) made.push(make(args, made));
    return unflatten(this.recording.tree, made);
  }
}

type OutputMaker = (args: readonly Tensor[], made: readonly Tensor[]) => Tensor;

function makerOf(output: Output, results: readonly NdArray[]): OutputMaker {
  switch (output.kind) {
    case 'argument':
      return args => args[output.index];
    case 'closed over':
      return () => output.tensor;
    case 'again':
      return (_, made) => made[output.index];
    case 'made': {
      const array = results[output.result];
      return () => new Tensor(copyOf(array));
    }
  }
}

function redrawOf({ origin }: Value): (data: TypedArray) => void {
  if (origin.from !== 'draw') throw new Error('compile: expected a value that is drawn');
  return origin.redraw;
}

/** The input of each operation that holds ids, which count along a dim of the first input. */
const idInputs: Readonly<Record<string, number>> = { indexSelect: 1, gather: 1, scatter: 1, scatterAdd: 1 };

/** An argument that holds ids, which in the parts that are used as such have to be below a bound. */
interface Ids {
  readonly whole: NdArray;
  readonly parts: readonly NdArray[];
  readonly bound: number;
}

/** The ids among the arguments that are looked at before anything is changed, each argument in one go where that will do. */
function idsOf(operations: readonly Operation[], storage: Storage): Ids[] {
  const byArgument = new Map<Value, Map<number, View[]>>();
  for (const { op, inputs, attrs } of operations) {
    const ids = inputs[idInputs[op.name]];
    if (ids === undefined || ids.value.origin.from !== 'input') continue;
    const bound = inputs[0].shape[(attrs as { dim: number }).dim];
    const bounds = byArgument.get(ids.value) ?? new Map<number, View[]>();
    byArgument.set(ids.value, bounds);
    bounds.set(bound, [...(bounds.get(bound) ?? []), ids]);
  }
  return [...byArgument].flatMap(([value, bounds]) =>
    Array.from(bounds, ([bound, views]) => ({
      whole: storage.arrayOf(value),
      parts: views.map(view => storage.viewOf(view)),
      bound,
    })),
  );
}

function areInside(array: NdArray, bound: number): boolean {
  if (!array.contiguous) return areInside(copyOf(array), bound);
  const { buffer, offset, size } = array;
  for (let i = offset; i < offset + size; i++) if (!(buffer[i] >= 0 && buffer[i] < bound)) return false;
  return true;
}

/** Collects the tensors of arguments that are nested as the tree says, into `into`; false where they are not. */
export function collect(tree: Tree, value: unknown, into: Tensor[]): boolean {
  switch (tree.kind) {
    case 'tensor':
      if (!(value instanceof Tensor)) return false;
      into.push(value);
      return true;
    case 'array':
      if (!Array.isArray(value) || value.length !== tree.items.length) return false;
      for (let i = 0; i < value.length; i++) if (!collect(tree.items[i], value[i], into)) return false;
      return true;
    case 'object': {
      if (typeof value !== 'object' || value === null || Object.keys(value).length !== tree.entries.length)
        return false;
      for (const [key, item] of tree.entries)
        if (!collect(item, (value as Record<string, unknown>)[key], into)) return false;
      return true;
    }
    case 'other':
      return sameConstant(value, tree.value);
  }
}
