import { primitives } from '@tapegrad/autograd';
import { rowMajorStrides, type Shape, sizeOf } from '@tapegrad/tensor';
import type { Operation, View } from '../graph/graph.ts';
import type { Place } from '../graph/operations.ts';
import * as own from '../graph/operations.ts';
import { type LaneRule, laneRules } from './lanes.ts';

/** How the elements of a fold come together. */
export type FoldName = 'sum' | 'prod' | 'max' | 'min';

/** How an operation becomes code. */
export type Lowering =
  /** Four elements at a time, fused with others. */
  | { readonly as: 'lanes'; readonly rule: LaneRule }
  /** A fold over dims, fused with others. */
  | { readonly as: 'fold'; readonly fold: FoldName }
  /** Code of its own. */
  | { readonly as: 'products' | 'pack' | 'packedProduct' | 'pick' | 'put' | 'putAdd' | 'nothing' }
  /** A call of the kernel that eager operations run. */
  | { readonly as: 'javascript' }
  /** Nothing: only views of the operations after it. */
  | { readonly as: 'view' };

type OwnName = 'write' | 'writePart' | 'addPart' | 'empty' | 'products' | 'pack' | 'packedProduct';
type Name = keyof typeof primitives | OwnName;

const javascript: Lowering = { as: 'javascript' };
const view: Lowering = { as: 'view' };
const fold = (name: FoldName): Lowering => ({ as: 'fold', fold: name });
const lanes = Object.fromEntries(Object.entries(laneRules).map(([name, rule]) => [name, { as: 'lanes', rule }])) as {
  readonly [name in keyof typeof laneRules]: Lowering;
};

/** One entry for every primitive, and for the compiler's own operations: one that is forgotten does not compile. */
const lowerings: Readonly<Record<Name, Lowering>> = {
  ...lanes,
  asin: javascript,
  acos: javascript,
  atan: javascript,
  sinh: javascript,
  cosh: javascript,
  asinh: javascript,
  acosh: javascript,
  atanh: javascript,
  pow: javascript,
  atan2: javascript,
  remainder: javascript,
  matmul: { as: 'products' },
  products: { as: 'products' },
  pack: { as: 'pack' },
  packedProduct: { as: 'packedProduct' },
  reshape: view,
  permute: view,
  expand: view,
  slice: view,
  select: view,
  flip: view,
  sliceAdd: javascript,
  cat: javascript,
  pad: javascript,
  empty: { as: 'nothing' },
  indexSelect: { as: 'pick' },
  gather: { as: 'pick' },
  scatter: { as: 'put' },
  scatterAdd: { as: 'putAdd' },
  indexAdd: { as: 'putAdd' },
  sum: fold('sum'),
  prod: fold('prod'),
  amax: fold('max'),
  amin: fold('min'),
  any: javascript,
  all: javascript,
  sumSquares: javascript,
  argmax: javascript,
  argmin: javascript,
  cumsum: javascript,
  cumprod: javascript,
  argsort: javascript,
  topk: javascript,
  conv: javascript,
  convTranspose: javascript,
  convWeight: javascript,
  maxPositions: javascript,
  sumWindows: javascript,
  spreadWindows: javascript,
  softmax: javascript,
  logSoftmax: javascript,
  solve: javascript,
  det: javascript,
  cholesky: javascript,
};

const records: Readonly<Record<Name, object>> = {
  ...primitives,
  write: own.write,
  writePart: own.writePart,
  addPart: own.addPart,
  empty: own.empty,
  products: own.products,
  pack: own.pack,
  packedProduct: own.packedProduct,
};

const byRecord = new Map((Object.keys(lowerings) as Name[]).map(name => [records[name], lowerings[name]] as const));

const namesOfRules = new Map(
  (Object.keys(laneRules) as (keyof typeof laneRules)[]).map(name => [records[name], name] as const),
);

/** The name of the lane rule of an operation, if there is one. */
export const ruleNameOf = ({ op }: Operation): keyof typeof laneRules | undefined => namesOfRules.get(op);

/** How an operation becomes code; what somebody defined themselves is called. */
export const loweringOf = ({ op }: Operation): Lowering => byRecord.get(op) ?? javascript;

/** An elementwise operation as loops see it: what they iterate over, what they read, and where they write. */
export interface Elementwise {
  readonly rule: LaneRule;
  readonly shape: Shape;
  readonly inputs: readonly View[];
  readonly output: Place;
}

/** The loop that an operation is, where vectors can do it. Updates of a part of a buffer iterate over the part. */
export function elementwiseOf(operation: Operation): Elementwise | undefined {
  const known = loops.get(operation);
  if (known !== undefined) return known === null ? undefined : known;
  const found = findElementwise(operation);
  loops.set(operation, found ?? null);
  return found;
}

/** What was found, null for nothing: many ask. */
const loops = new WeakMap<Operation, Elementwise | null>();

function findElementwise(operation: Operation): Elementwise | undefined {
  const { op, attrs, inputs, output, shape } = operation;
  const lowering = loweringOf(operation);
  if (lowering.as !== 'lanes' || output.dtype === 'float64') return undefined;
  const { rule } = lowering;
  if (changesPart(op)) {
    if (!output.replaces) return undefined;
    const place = attrs as Place;
    const target = { ...place, value: inputs[0].value };
    const read = op === own.addPart ? [target, inputs[1]] : [inputs[1]];
    return fitsLanes(op, read, place.shape) ? { rule, shape: place.shape, inputs: read, output: place } : undefined;
  }
  if (!fitsLanes(op, inputs, shape)) return undefined;
  return { rule, shape, inputs, output: { shape, strides: rowMajorStrides(shape), offset: 0 } };
}

/** Whether an operation changes a part of its first input. */
export const changesPart = (op: object): boolean => op === own.writePart || op === own.addPart;

/** Whether the inputs can be lanes of vectors: float64 only as a single number that is cast. */
const fitsLanes = (op: object, inputs: readonly View[], shape: Shape): boolean =>
  sizeOf(shape) > 0 &&
  inputs.every(({ value, shape }) => value.dtype !== 'float64' || (conversions.has(op) && sizeOf(shape) === 1));

const conversions: ReadonlySet<object> = new Set([primitives.cast, primitives.copy, own.write]);

/** The fold that an operation is, where vectors can do it. */
export function foldOf(
  operation: Operation,
): { readonly fold: FoldName; readonly dims: readonly number[] } | undefined {
  const { attrs, inputs, output } = operation;
  const lowering = loweringOf(operation);
  if (lowering.as !== 'fold' || output.dtype !== 'float32' || sizeOf(inputs[0].shape) === 0) return undefined;
  return { fold: lowering.fold, dims: (attrs as { dims: readonly number[] }).dims };
}

const costly: ReadonlySet<object> = new Set(
  (
    [
      'exp',
      'expm1',
      'elu',
      'log',
      'log1p',
      'log2',
      'log10',
      'sin',
      'cos',
      'tan',
      'tanh',
      'sigmoid',
      'softplus',
      'erf',
      'div',
      'sqrt',
      'rsqrt',
    ] as const
  ).map(name => primitives[name]),
);

/**
 * Whether an operation may refuse what it gets: an id that lies outside (those among the arguments are looked at
 * beforehand), a matrix that has no solution, a whole number to divide by that is 0.
 */
export const mayRefuse = (operation: Operation): boolean => particular.has(operation.op) || goesByIds(operation);

const particular: ReadonlySet<object> = new Set([primitives.solve, primitives.cholesky, primitives.remainder]);

const goesByIds = (operation: Operation): boolean =>
  idLowerings.has(loweringOf(operation).as) && operation.inputs[1].value.origin.from !== 'input';

const idLowerings: ReadonlySet<Lowering['as']> = new Set(['pick', 'put', 'putAdd']);

const positive: ReadonlySet<object> = new Set(
  (['exp', 'square', 'abs', 'sigmoid', 'softplus'] as const).map(name => primitives[name]),
);

/** Whether the results of an operation are never negative. */
export const isPositive = ({ op }: Operation): boolean => positive.has(op);

/** Whether an operation takes so long that its result is rather loaded again than computed again. */
export const isCostly = ({ op }: Operation): boolean => costly.has(op);
