import type { DType } from '@tapegrad/tensor';
import { type Callable, type Code, call, f32, f64, i32 } from '@tapegrad/wasm';
import type { Operation, View } from '../graph/graph.ts';
import { ruleNameOf } from '../lower/kinds.ts';
import type { laneRules } from '../lower/lanes.ts';
import type { Storage } from '../run/storage.ts';
import { addressOf } from './call.ts';

// Single numbers in float64, which vectors leave alone: step counts, learning rates, and what optimisers make of them.

/** Functions of one number that the module takes from JavaScript. */
export const importedFunctions = { exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p } as const;

export type Imported = Readonly<Record<keyof typeof importedFunctions, Callable>>;

type Rule = (operands: readonly Code[], imported: Imported) => Code;

const one = f64.const(1);

/** Arithmetic in float64. */
const arithmetic: { readonly [name in keyof typeof laneRules]?: Rule } = {
  neg: ([a]) => f64.neg(a),
  abs: ([a]) => f64.abs(a),
  square: ([a]) => f64.mul(a, a),
  sqrt: ([a]) => f64.sqrt(a),
  rsqrt: ([a]) => f64.div(one, f64.sqrt(a)),
  reciprocal: ([a]) => f64.div(one, a),
  exp: ([a], { exp }) => call(exp, a),
  expm1: ([a], { expm1 }) => call(expm1, a),
  log: ([a], { log }) => call(log, a),
  log1p: ([a], { log1p }) => call(log1p, a),
  add: ([a, b]) => f64.add(a, b),
  sub: ([a, b]) => f64.sub(a, b),
  mul: ([a, b]) => f64.mul(a, b),
  div: ([a, b]) => f64.div(a, b),
  maximum: ([a, b]) => f64.max(a, b),
  minimum: ([a, b]) => f64.min(a, b),
  cast: ([a]) => a,
  copy: ([a]) => a,
  write: ([a]) => a,
};

/** Comparisons of two float64, as 0 or 1. */
const comparisons: { readonly [name in keyof typeof laneRules]?: (a: Code, b: Code) => Code } = {
  eq: f64.eq,
  ne: f64.ne,
  lt: f64.lt,
  le: f64.le,
  gt: f64.gt,
  ge: f64.ge,
};

/** The code of an operation on single numbers, one of them a float64; undefined for all others. */
export function scalarCode(operation: Operation, storage: Storage, imported: Imported): Code | undefined {
  const { inputs, output } = operation;
  const isSingle = output.size === 1 && inputs.every(({ value }) => value.size === 1);
  if (!isSingle || ![output, ...inputs.map(({ value }) => value)].some(({ dtype }) => dtype === 'float64'))
    return undefined;
  const name = ruleNameOf(operation);
  if (name === undefined) return undefined;
  const operands = inputs.map(view => load(view, storage));
  const address = i32.const(storage.addressOf(output));
  const compare = comparisons[name];
  if (compare !== undefined) return i32.store8(address, compare(operands[0], operands[1]));
  const compute = arithmetic[name];
  // Casts to int32 have rules of their own.
  if (compute === undefined || output.dtype === 'int32') return undefined;
  return store(output.dtype, address, compute(operands, imported));
}

function load(view: View, storage: Storage): Code {
  const { origin, dtype } = view.value;
  if (origin.from === 'constant') return f64.const(origin.data[0]);
  const address = i32.const(addressOf(storage, view));
  switch (dtype) {
    case 'float64':
      return f64.load(address);
    case 'float32':
      return f64.promote(f32.load(address));
    case 'int32':
      return f64.convertI32(i32.load(address));
    case 'bool':
      return f64.convertI32(i32.load8U(address));
  }
}

function store(dtype: Exclude<DType, 'int32'>, address: Code, value: Code): Code {
  if (dtype === 'float64') return f64.store(address, value);
  if (dtype === 'float32') return f32.store(address, f32.demote(value));
  return i32.store8(address, f64.ne(value, f64.const(0)));
}
