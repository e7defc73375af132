import { noGrad, Tensor, zeros } from '@tapegrad/autograd';
import {
  ArgumentError,
  bytesPerElement,
  type DType,
  defaultGenerator,
  Generator,
  isFloat,
  type Shape,
  showShape,
} from '@tapegrad/tensor';
import { kindOf } from './checks.ts';
import { Module } from './module.ts';
import { Buffer, Parameter } from './parameter.ts';

/** What a model is called with: one input, or an array of them; each is a shape, to be filled with zeros, or a tensor. */
export type SummaryInput = Shape | Tensor | readonly (Shape | Tensor)[];

/** The options of `summary`. */
export interface SummaryOptions {
  /** Of the inputs that are given as shapes: 'int32' for ids. Default: that of the model's first float parameter. */
  readonly dtype?: DType;
  /** How many levels below the model have rows; what is deeper counts in the row above it. Default: all. */
  readonly depth?: number;
  /** Whether the table is written to the console. Default true. */
  readonly print?: boolean;
}

/** A module of the model. What is shared counts where it is met first. */
export interface SummaryRow {
  /** Where it is, `encoder.0`; '' for the model. */
  readonly path: string;
  /** The name of its class. */
  readonly type: string;
  /** How far below the model it is. */
  readonly depth: number;
  /** How often it was called. */
  readonly calls: number;
  /** The shapes of the tensors that its first call gave; none where it was not called. */
  readonly outputs: readonly Shape[];
  /** The elements of its own parameters, those of its children not counted. */
  readonly parameters: number;
  /** Those of them that require a gradient. */
  readonly trainable: number;
  /** The elements of its own buffers. */
  readonly buffers: number;
}

/** What all rows hold together. */
export interface SummaryTotals {
  /** The elements of all parameters, shared ones once. */
  readonly parameters: number;
  /** Those that require a gradient. */
  readonly trainable: number;
  /** Those that do not. */
  readonly frozen: number;
  /** The elements of all buffers. */
  readonly buffers: number;
  /** The memory of parameters and buffers. */
  readonly bytes: number;
}

/** The modules of a model, with their outputs' shapes and numbers of parameters; as text it is a table. */
export class Summary {
  /** The shapes that the model was called with. */
  readonly inputs: readonly Shape[];
  /** One for each module, parents before children. */
  readonly rows: readonly SummaryRow[];
  /** The sums over the model. */
  readonly totals: SummaryTotals;

  /** @internal */
  constructor(inputs: readonly Shape[], rows: readonly SummaryRow[], totals: SummaryTotals) {
    this.inputs = inputs;
    this.rows = rows;
    this.totals = totals;
  }

  /** The table, no wider than 80 columns unless shapes of very many dims make it so. */
  toString(): string {
    const { parameters, trainable, frozen, buffers, bytes } = this.totals;
    const table = columns([['Layer', 'Output shape', 'Parameters'], ...this.rows.map(cellsOf)]);
    const line = '─'.repeat(table[0].length);
    return [
      table[0],
      line,
      ...table.slice(1),
      line,
      `Input       ${this.inputs.map(showShape).join(', ')}`,
      `Parameters  ${count(parameters)} (trainable ${count(trainable)}, frozen ${count(frozen)})`,
      `Buffers     ${count(buffers)}`,
      `Size        ${(bytes / 1e6).toFixed(2)} MB`,
    ].join('\n');
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * The table of a model's modules, of the shapes they give and of their parameters; it is written to the console as well.
 *
 * The model is called once, in evaluation, without histories. What that call needs to change is as before afterwards: the
 * mode of every module, the buffers and the generators of random numbers.
 *
 * @example
 * ```ts
 * nn.summary(new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10)), [32, 784]);
 * // Layer        Output shape  Parameters
 * // ─────────────────────────────────────
 * // Sequential   [32, 10]               -
 * //   0: Linear  [32, 128]        100,480
 * //   1: ReLU    [32, 128]              -
 * //   2: Linear  [32, 10]           1,290
 * // ─────────────────────────────────────
 * // Input       [32, 784]
 * // Parameters  101,770 (trainable 101,770, frozen 0)
 * // Buffers     0
 * // Size        0.41 MB
 * ```
 * @throws ArgumentError for an input that is neither shapes nor tensors; and what the model throws on its input.
 */
export function summary(model: Module, input: SummaryInput, options: SummaryOptions = {}): Summary {
  if (!(model instanceof Module)) throw new ArgumentError(`summary: expected a Module, got ${kindOf(model)}`);
  const { depth = Infinity, print = true } = options;
  if (!(depth >= 0)) throw new ArgumentError(`summary: expected a depth of 0 or more, got ${depth}`);
  const dtype = options.dtype ?? model.parameters().find(p => isFloat(p.dtype))?.dtype;
  const inputs = listed(input).map(x => (x instanceof Tensor ? x : zeros(x, { dtype })));
  const calls = unchanged(model, () => callsOf(model, inputs));
  const rows = rowsOf(model, depth, calls);
  const made = new Summary(
    inputs.map(x => x.shape),
    rows,
    totalsOf(model, rows),
  );
  if (print) console.log(made.toString());
  return made;
}

/** The inputs one by one. */
function listed(input: SummaryInput): readonly (Shape | Tensor)[] {
  const list: readonly unknown[] =
    input instanceof Tensor || isShape(input) ? [input] : Array.isArray(input) ? input : [];
  if (list.length === 0 || !list.every(x => x instanceof Tensor || isShape(x)))
    throw new ArgumentError(`summary: expected a shape, a tensor or an array of them, got ${kindOf(input)}`);
  return list;
}

const isShape = (value: unknown): value is Shape => Array.isArray(value) && value.every(n => typeof n === 'number');

/** What is known of the calls of a module. */
interface Calls {
  times: number;
  /** The shapes of what the first of them gave. */
  readonly outputs: readonly Shape[];
}

/** Calls the model, and writes down what each of its modules gives. */
function callsOf(model: Module, inputs: readonly Tensor[]): Map<Module, Calls> {
  const calls = new Map<Module, Calls>();
  const restores = model.modules().map(module =>
    watch(module, output => {
      const known = calls.get(module);
      if (known === undefined) calls.set(module, { times: 1, outputs: shapesIn(output) });
      else known.times++;
    }),
  );
  try {
    model.forward(...inputs);
  } finally {
    for (const restore of restores) restore();
  }
  return calls;
}

/** Lets `told` know of all that `forward` of one module gives, until the function that comes back is called. */
function watch(module: Module, told: (output: unknown) => void): () => void {
  const before = Object.getOwnPropertyDescriptor(module, 'forward');
  const { forward } = module;
  const value = (...inputs: unknown[]): unknown => {
    const output = forward.call(module, ...inputs);
    told(output);
    return output;
  };
  Object.defineProperty(module, 'forward', { value, configurable: true, enumerable: before?.enumerable ?? false });
  return () => {
    if (before === undefined) Reflect.deleteProperty(module, 'forward');
    else Object.defineProperty(module, 'forward', before);
  };
}

/** The shapes of all tensors in a value, of those in arrays and plain objects too. */
function shapesIn(value: unknown): Shape[] {
  if (value instanceof Tensor) return [value.shape];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(shapesIn) : [];
}

/** Runs `fn` in evaluation, without histories, and brings back the mode of every module, buffers and generators. */
function unchanged<T>(model: Module, fn: () => T): T {
  const modes = model.modules().map(module => [module, module.training] as const);
  const buffers = model.buffers().map(b => ({ b, copy: b.detach().clone(), at: b.value.base.overwrittenAt }));
  const fields = model.modules().flatMap(module => Object.values(module));
  const generators = [defaultGenerator(), ...fields.filter(field => field instanceof Generator)];
  const streams = generators.map(generator => [generator, generator.state()] as const);
  try {
    return noGrad(() => {
      model.eval();
      return fn();
    });
  } finally {
    for (const [module, training] of modes) module.training = training;
    for (const { b, copy, at } of buffers) if (b.value.base.overwrittenAt !== at) noGrad(() => b.assign(copy));
    for (const [generator, state] of streams) generator.loadState(state);
  }
}

/** A row for every module down to a depth; those below count in the row above them. */
function rowsOf(model: Module, deepest: number, calls: ReadonlyMap<Module, Calls>): SummaryRow[] {
  const rows: { -readonly [K in keyof SummaryRow]: SummaryRow[K] }[] = [];
  const seen = new Set<unknown>();
  const visit = (module: Module, path: string, depth: number): void => {
    if (seen.has(module)) return;
    seen.add(module);
    const { times = 0, outputs = [] } = calls.get(module) ?? {};
    const type = module.constructor.name;
    if (depth <= deepest)
      rows.push({ path, type, depth, calls: times, outputs, parameters: 0, trainable: 0, buffers: 0 });
    const row = rows[rows.length - 1];
    for (const field of Object.values(module)) {
      if (!(field instanceof Parameter || field instanceof Buffer) || seen.has(field)) continue;
      seen.add(field);
      if (field instanceof Buffer) row.buffers += field.size;
      else row.parameters += field.size;
      if (field instanceof Parameter && field.requiresGrad) row.trainable += field.size;
    }
    for (const [name, child] of module.namedChildren()) visit(child, path === '' ? name : `${path}.${name}`, depth + 1);
  };
  visit(model, '', 0);
  return rows;
}

function totalsOf(model: Module, rows: readonly SummaryRow[]): SummaryTotals {
  const total = (key: 'parameters' | 'trainable' | 'buffers'): number => rows.reduce((sum, row) => sum + row[key], 0);
  const [parameters, trainable] = [total('parameters'), total('trainable')];
  const bytes = [...model.parameters(), ...model.buffers()].reduce(
    (sum, t) => sum + t.size * bytesPerElement[t.dtype],
    0,
  );
  return { parameters, trainable, frozen: parameters - trainable, buffers: total('buffers'), bytes };
}

type Cells = readonly [layer: string, output: string, parameters: string];

const count = (n: number): string => n.toLocaleString('en-US');

function cellsOf({ path, type, depth, calls, outputs, parameters }: SummaryRow): Cells {
  const name = path === '' ? type : `${path.slice(path.lastIndexOf('.') + 1)}: ${type}`;
  const shape = outputs.length === 0 ? '-' : `${showShape(outputs[0])}${outputs.length > 1 ? ', …' : ''}`;
  return [
    `${'  '.repeat(depth)}${name}${calls > 1 ? ` ×${calls}` : ''}`,
    shape,
    parameters === 0 ? '-' : count(parameters),
  ];
}

/** How wide a table is at most; names are cut where they do not fit, but not below this. */
const widest = 80;
const leastName = 24;

/** Lines with the first two cells on the left and the last on the right. */
function columns(cells: readonly Cells[]): string[] {
  const width = (i: number): number => Math.max(...cells.map(row => row[i].length));
  const [output, parameters] = [width(1), width(2)];
  const layer = Math.min(width(0), Math.max(leastName, widest - output - parameters - 4));
  return cells.map(
    ([name, shape, n]) => `${cut(name, layer).padEnd(layer)}  ${shape.padEnd(output)}  ${n.padStart(parameters)}`,
  );
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
