import {
  activations,
  type Code,
  doLess,
  emitSoftmax,
  f32x4,
  f64,
  f64x2,
  i32,
  instantiate,
  ModuleBuilder,
  relaxedSimd,
  shuffle,
  VectorMath,
  v128,
} from '@tapegrad/wasm';
import { scratch } from '../scratch.ts';

type Unary = (x: Code, math: VectorMath) => Code;
type Binary = (a: Code, b: Code, math: VectorMath) => Code;

/** Functions that are worth copying a few elements for. */
const mathematics = {
  exp: (x, math) => math.exp(x),
  expm1: (x, math) => math.expm1(x),
  log: (x, math) => math.log(x),
  log1p: (x, math) => math.log1p(x),
  log2: (x, math) => math.log2(x),
  log10: (x, math) => math.log10(x),
  sin: (x, math) => math.sin(x),
  cos: (x, math) => math.cos(x),
  tan: (x, math) => math.tan(x),
  tanh: (x, math) => math.tanh(x),
  erf: (x, math) => math.erf(x),
  sigmoid: (x, math) => math.sigmoid(x),
  softplus: (x, math) => math.softplus(x),
} satisfies Record<string, Unary>;

/** What is one instruction, or a few; its results are those of JavaScript to the bit, being rounded correctly in both. */
const instructions = {
  neg: f32x4.neg,
  abs: f32x4.abs,
  sqrt: f32x4.sqrt,
  square: x => f32x4.mul(x, x),
  reciprocal: x => f32x4.div(f32x4.const(1), x),
  relu: x => f32x4.max(x, f32x4.const(0)),
  hardsigmoid: activations.hardsigmoid,
  hardswish: activations.hardswish,
} satisfies Record<string, Unary>;

const pairs = {
  add: f32x4.add,
  sub: f32x4.sub,
  mul: f32x4.mul,
  div: f32x4.div,
  maximum: f32x4.max,
  minimum: f32x4.min,
  leakyRelu: activations.leakyRelu,
  elu: (a, b, math) => activations.elu(a, b, math.expm1(a)),
} satisfies Record<string, Binary>;

export type VectorUnary = keyof typeof mathematics | keyof typeof instructions;
export type VectorBinary = keyof typeof pairs;

const namesOf = <Name extends string>(table: Record<Name, unknown>): Name[] => Object.keys(table) as Name[];

export const vectorUnaries: readonly VectorUnary[] = namesOf({ ...mathematics, ...instructions });
export const vectorBinaries: readonly VectorBinary[] = namesOf(pairs);

/** From so many elements on, a function is faster with its elements copied to the scratch memory and back. */
export const leastElements = (name: VectorUnary): number => (name in mathematics ? 24 : fewPairs);
/** The same for operations of two operands and for sums. */
export const fewPairs = 256;

/** So many elements are copied in at a time: those of two operands stay in the nearest cache. */
export const chunk = 4096;
/** Where the second operand of a kernel lies, as an index of a float. */
export const second = chunk;

type Kernel = (bytes: number) => void;
/** to, from, both as addresses, and the number of rows and their length. */
type Rows = (to: number, from: number, rows: number, size: number) => void;

/**
 * Kernels on floats at the start of the memory, whose bytes come in multiples of 16. Those of operations write over the
 * first operand.
 */
export interface Kernels extends Readonly<Record<VectorUnary | VectorBinary, Kernel>> {
  readonly floats: Float32Array;
  /** The sum, and that of the squares, carried in float64. */
  readonly sum: (bytes: number) => number;
  readonly sumSquares: (bytes: number) => number;
  readonly softmax: Rows;
  readonly logSoftmax: Rows;
}

let made: Kernels | undefined;

/** The kernels, made at their first use; null where WebAssembly may not be compiled. */
export function vectorKernels(): Kernels | null {
  const memory = scratch();
  if (memory === null) return null;
  made ??= {
    ...instantiate<Omit<Kernels, 'floats'>>(write(), memory.memory, { log: Math.log }),
    floats: memory.floats,
  };
  return made;
}

function write(): ModuleBuilder {
  const m = new ModuleBuilder();
  const options = { fma: relaxedSimd() };
  emitSoftmax(m, m.import('log', ['f64'], ['f64']), options);
  const rules: Record<string, Unary> = { ...mathematics, ...instructions };
  for (const [name, rule] of Object.entries(rules))
    m.function(name, ['i32'], [], (f, bytes) => {
      const [at, math] = [f.local('i32'), new VectorMath(f, options)];
      return doLess(at, i32.const(0), bytes.get, 16, v128.store(at.get, rule(v128.load(at.get), math)));
    });
  for (const [name, rule] of Object.entries<Binary>(pairs))
    m.function(name, ['i32'], [], (f, bytes) => {
      const [at, math] = [f.local('i32'), new VectorMath(f, options)];
      const value = rule(v128.load(at.get), v128.load(at.get, 4 * second), math);
      return doLess(at, i32.const(0), bytes.get, 16, v128.store(at.get, value));
    });
  writeSum(m, 'sum', x => x);
  writeSum(m, 'sumSquares', x => f64x2.mul(x, x));
  return m;
}

/** What the rule makes of the first two lanes of each vector, in float64, is added to `low`, of the others to `high`. */
function writeSum(m: ModuleBuilder, name: 'sum' | 'sumSquares', rule: (x: Code) => Code): void {
  m.function(name, ['i32'], ['f64'], (f, bytes) => {
    const at = f.local('i32');
    const [x, low, high] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const others = shuffle(x.get, x.get, [2, 3, 2, 3]);
    return [
      doLess(at, i32.const(0), bytes.get, 16, [
        x.set(v128.load(at.get)),
        low.set(f64x2.add(low.get, rule(f64x2.promoteLowF32x4(x.get)))),
        high.set(f64x2.add(high.get, rule(f64x2.promoteLowF32x4(others)))),
      ]),
      low.set(f64x2.add(low.get, high.get)),
      f64.add(f64x2.extractLane(low.get, 0), f64x2.extractLane(low.get, 1)),
    ];
  });
}
