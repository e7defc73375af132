import { primitives } from '@tapegrad/autograd';
import { sizeOf } from '@tapegrad/tensor';
import type { Operation, View } from '../graph/graph.ts';
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
  | { readonly as: 'products' | 'rows' | 'addRows' | 'part' | 'addPart' | 'join' | 'fill' }
  /** A call of the kernel that eager operations run. */
  | { readonly as: 'javascript' }
  /** Nothing: only views of the operations after it. */
  | { readonly as: 'view' };

type OwnName = 'write' | 'writePart' | 'fill' | 'products';
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
  sin: javascript,
  cos: javascript,
  tan: javascript,
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
  reshape: view,
  permute: view,
  expand: view,
  slice: view,
  select: view,
  flip: view,
  sliceAdd: { as: 'addPart' },
  writePart: { as: 'part' },
  cat: { as: 'join' },
  fill: { as: 'fill' },
  indexSelect: { as: 'rows' },
  indexAdd: { as: 'addRows' },
  gather: javascript,
  scatter: javascript,
  scatterAdd: javascript,
  sum: fold('sum'),
  prod: fold('prod'),
  amax: fold('max'),
  amin: fold('min'),
  argmax: javascript,
  argmin: javascript,
  cumsum: javascript,
  cumprod: javascript,
  argsort: javascript,
  softmax: javascript,
  logSoftmax: javascript,
};

const records: Readonly<Record<Name, object>> = {
  ...primitives,
  write: own.write,
  writePart: own.writePart,
  fill: own.fill,
  products: own.products,
};

const byRecord = new Map((Object.keys(lowerings) as Name[]).map(name => [records[name], lowerings[name]] as const));

/** How an operation becomes code; what somebody defined themselves is called. */
export const loweringOf = ({ op }: Operation): Lowering => byRecord.get(op) ?? javascript;

const isInLanes = ({ value, shape }: View): boolean =>
  value.dtype !== 'float64' || (sizeOf(shape) === 1 && value.size > 0);

/** Whether an operation goes element by element through vectors of four. */
export function isElementwise(operation: Operation): boolean {
  const { op, inputs, output, shape } = operation;
  if (loweringOf(operation).as !== 'lanes' || output.dtype === 'float64' || sizeOf(shape) === 0) return false;
  if (!inputs.every(isInLanes)) return false;
  // A float64 is read as a float32: what is done to it in between would lose digits.
  return inputs.every(({ value }) => value.dtype !== 'float64') || conversions.has(op);
}

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
      'log',
      'log1p',
      'log2',
      'log10',
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

/** Whether an operation takes so long that its result is rather loaded again than computed again. */
export const isCostly = ({ op }: Operation): boolean => costly.has(op);
