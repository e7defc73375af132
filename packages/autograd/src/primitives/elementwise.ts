import {
  binaryLoop,
  type binaryLoops,
  broadcastShapes,
  clampInto,
  copyInto,
  type DType,
  type NdArray,
  runBinary,
  runUnary,
  type Shape,
  unaryLoop,
  type unaryLoops,
  whereInto,
} from '@tapegrad/tensor';
import type { Node } from '../tape/node.ts';
import type { Computed, Gradient } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';

type UnaryName = keyof typeof unaryLoops;
type BinaryName = keyof typeof binaryLoops;
type Rule = Gradient<undefined>;
type Keeps = Computed<undefined>['keeps'];

const shapeOfFirst = ([a]: readonly NdArray[]): Shape => a.shape;

const unary = (name: UnaryName, keeps: Keeps, gradient: Rule | null): Computed<undefined> => ({
  name,
  gradients: [gradient],
  keeps,
  shape: shapeOfFirst,
  kernel: (out, [a]) => runUnary(unaryLoop(name, a.dtype), out, a),
});

/** A function whose gradient is a formula of its input x. */
const ofInput = (name: UnaryName, gradient: (g: Tensor, x: Tensor) => Tensor): Computed<undefined> =>
  unary(name, [[0]], (g, { inputs: [x] }) => gradient(g, x));

/** A function whose gradient is a formula of its output y. */
const ofOutput = (name: UnaryName, gradient: (g: Tensor, y: Tensor) => Tensor): Computed<undefined> =>
  unary(name, [['output']], (g, { output }) => gradient(g, output));

/** A step function: its gradient is zero wherever it has one. */
const flat = (name: UnaryName): Computed<undefined> => unary(name, [], g => g.filled(g.shape, 0));

export const neg = unary('neg', [], g => g.neg());
export const abs = ofInput('abs', (g, x) => g.mul(x.sign()));
export const sign = flat('sign');
export const square = ofInput('square', (g, x) => g.mul(x).mul(2));
export const sqrt = ofOutput('sqrt', (g, y) => g.div(y).mul(0.5));
export const rsqrt = ofOutput('rsqrt', (g, y) => g.mul(y).mul(y).mul(y).mul(-0.5));
export const reciprocal = ofOutput('reciprocal', (g, y) => g.mul(y).mul(y).neg());
export const exp = ofOutput('exp', (g, y) => g.mul(y));
export const expm1 = ofOutput('expm1', (g, y) => g.mul(y.add(1)));
export const log = ofInput('log', (g, x) => g.div(x));
export const log1p = ofInput('log1p', (g, x) => g.div(x.add(1)));
export const log2 = ofInput('log2', (g, x) => g.div(x.mul(Math.LN2)));
export const log10 = ofInput('log10', (g, x) => g.div(x.mul(Math.LN10)));
export const sin = ofInput('sin', (g, x) => g.mul(x.cos()));
export const cos = ofInput('cos', (g, x) => g.mul(x.sin()).neg());
export const tan = ofOutput('tan', (g, y) => g.mul(y.square().add(1)));
export const asin = ofInput('asin', (g, x) => g.mul(x.square().neg().add(1).rsqrt()));
export const acos = ofInput('acos', (g, x) => g.mul(x.square().neg().add(1).rsqrt()).neg());
export const atan = ofInput('atan', (g, x) => g.div(x.square().add(1)));
export const sinh = ofInput('sinh', (g, x) => g.mul(x.cosh()));
export const cosh = ofInput('cosh', (g, x) => g.mul(x.sinh()));
export const tanh = ofOutput('tanh', (g, y) => g.sub(g.mul(y).mul(y)));
export const asinh = ofInput('asinh', (g, x) => g.mul(x.square().add(1).rsqrt()));
export const acosh = ofInput('acosh', (g, x) => g.mul(x.sub(1).mul(x.add(1)).rsqrt()));
export const atanh = ofInput('atanh', (g, x) => g.div(x.square().neg().add(1)));
export const erf = ofInput('erf', (g, x) => g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI)));
export const sigmoid = ofOutput('sigmoid', (g, y) => g.mul(y).mul(y.neg().add(1)));
export const softplus = ofInput('softplus', (g, x) => g.mul(x.sigmoid()));
/** The gradient at 0 is 0, and passes at NaN, as in PyTorch. */
export const relu = ofOutput('relu', (g, y) => y.le(0).choose(0, g));
/** max(0, min(6, x + 3)) / 6; no gradient at the bounds, beyond, nor at NaN, as in PyTorch. */
export const hardsigmoid = ofInput('hardsigmoid', (g, x) => x.gt(-3).logicalAnd(x.lt(3)).choose(g.div(6), 0));
/** x · hardsigmoid(x); at -3 the gradient is that of the parabola, at 3 that of x, as in PyTorch. */
export const hardswish = ofInput('hardswish', (g, x) =>
  x.ge(3).choose(g, x.lt(-3).choose(0, g.mul(x.mul(2).add(3)).div(6))),
);
export const floor = flat('floor');
export const ceil = flat('ceil');
export const round = flat('round');
export const trunc = flat('trunc');

const broadcast =
  (name: string) =>
  ([a, b]: readonly NdArray[]): Shape =>
    broadcastShapes(name, a.shape, b.shape);

const binary = (
  name: BinaryName,
  keeps: Keeps,
  gradients: readonly [Rule | null, Rule | null],
): Computed<undefined> => ({
  name,
  gradients,
  keeps,
  shape: broadcast(name),
  kernel: (out, [a, b]) => runBinary(binaryLoop(name, a.dtype), out, a, b),
});

export const add: Computed<undefined> = { ...binary('add', [], [g => g, g => g]), inPlace: true };
export const sub = binary('sub', [], [g => g, g => g.neg()]);
export const mul = binary('mul', [[1], [0]], [(g, { inputs: [, y] }) => g.mul(y), (g, { inputs: [x] }) => g.mul(x)]);
export const div = binary(
  'div',
  [[1], [0, 1]],
  [(g, { inputs: [, y] }) => g.div(y), (g, { inputs: [x, y] }) => g.mul(x).div(y).div(y).neg()],
);

/**
 * x ** y. The gradient of x is y x^(y-1), and 0 where y is 0; that of y is x^y log x, and 0 where x is 0 and y is not
 * negative (PyTorch's conventions).
 */
export const pow = binary(
  'pow',
  [
    [0, 1],
    [0, 1, 'output'],
  ],
  [
    (g, { inputs: [x, y] }) => g.mul(y.mul(x.pow(y.sub(1))).maskedFill(y.eq(0), 0)),
    (g, { inputs: [x, y], output }) => g.mul(output.mul(x.log()).maskedFill(x.eq(0).logicalAnd(y.ge(0)), 0)),
  ],
);

/** x where positive, else slope · x. Inputs: x, and the slope, a scalar. */
export const leakyRelu = binary(
  'leakyRelu',
  [[0, 1]],
  [(g, { inputs: [x, slope] }) => x.gt(0).choose(g, g.mul(slope)), null],
);

/** alpha · (e^x - 1) up to 0, x from there on. Inputs: x, and alpha, a scalar. */
export const elu = binary(
  'elu',
  [[0, 1]],
  // The exponential sees only what is not positive, so that it cannot overflow into the second derivative.
  [(g, { inputs: [x, alpha] }) => x.le(0).choose(g.mul(alpha).mul(x.clamp(undefined, 0).exp()), g), null],
);

/** At a tie each operand gets half of the gradient; where one is NaN both get all of it, as in PyTorch. */
const share = (g: Tensor, loses: Tensor, ties: Tensor): Tensor => loses.choose(0, ties.choose(g.mul(0.5), g));

export const maximum = binary(
  'maximum',
  [[0, 1]],
  [(g, { inputs: [x, y] }) => share(g, x.lt(y), x.eq(y)), (g, { inputs: [x, y] }) => share(g, y.lt(x), x.eq(y))],
);
export const minimum = binary(
  'minimum',
  [[0, 1]],
  [(g, { inputs: [x, y] }) => share(g, x.gt(y), x.eq(y)), (g, { inputs: [x, y] }) => share(g, y.gt(x), x.eq(y))],
);
export const atan2 = binary(
  'atan2',
  [[0, 1]],
  [
    (g, { inputs: [y, x] }) => g.mul(x).div(x.square().add(y.square())),
    (g, { inputs: [y, x] }) => g.mul(y).div(x.square().add(y.square())).neg(),
  ],
);
/**
 * a - floor(a / b) b, so that the gradient of b is -floor(a / b), which is found again from the result; where b is 0 there is
 * none, and it is the infinite -a / b.
 */
export const remainder = binary(
  'remainder',
  [[], [0, 1, 'output']],
  [g => g, (g, { inputs: [a, b], output }) => g.mul(b.eq(0).choose(a.div(b), a.sub(output).div(b).round())).neg()],
);

const comparison = (name: string, loop: BinaryName): Computed<undefined> => ({
  name,
  gradients: [null, null],
  keeps: [],
  dtype: 'bool',
  shape: broadcast(name),
  kernel: (out, [a, b]) => runBinary(binaryLoop(loop, a.dtype), out, a, b),
});

export const eq = comparison('eq', 'eq');
export const ne = comparison('ne', 'ne');
export const lt = comparison('lt', 'lt');
export const le = comparison('le', 'le');
export const gt = comparison('gt', 'gt');
export const ge = comparison('ge', 'ge');
/** Of two bools: 0 and 1 make "and" the minimum, "or" the maximum and "either … or" inequality. */
export const logicalAnd = comparison('logicalAnd', 'minimum');
export const logicalOr = comparison('logicalOr', 'maximum');
export const logicalXor = comparison('logicalXor', 'ne');

/** condition ? a : b, element by element, all three broadcast. */
export const where: Computed<undefined> = {
  name: 'where',
  gradients: [
    null,
    (g, { inputs: [condition] }) => condition.choose(g, 0),
    (g, { inputs: [condition] }) => condition.choose(0, g),
  ],
  keeps: [[0]],
  dtype: ([, a]) => a.dtype,
  shape: ([condition, a, b]) => broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape)),
  kernel: (out, [condition, a, b]) => whereInto(out, condition, a, b),
};

export interface ClampAttrs {
  /** Whether the gradient passes at the bounds, as in `clamp`; else it stops there and passes at NaN, as in `hardtanh`. */
  readonly passesAtBounds: boolean;
}

/** min(max(x, low), high). Inputs: x, and two scalars of its dtype. */
export const clamp: Computed<ClampAttrs> = {
  name: 'clamp',
  gradients: [
    (g, { inputs: [x, low, high], attrs: { passesAtBounds } }) =>
      passesAtBounds ? x.ge(low).logicalAnd(x.le(high)).choose(g, 0) : x.le(low).logicalOr(x.ge(high)).choose(0, g),
    null,
  ],
  keeps: [[0, 1, 2]],
  shape: shapeOfFirst,
  kernel: (out, [x, low, high]) => clampInto(out, x, low, high),
};

export interface CastAttrs {
  readonly dtype: DType;
}

/** The same numbers in another dtype; the gradient is cast back. */
export const cast: Computed<CastAttrs> = {
  name: 'to',
  gradients: [(g, { parents }: Node<CastAttrs>) => g.to(parents[0]!.dtype)],
  keeps: [],
  shape: shapeOfFirst,
  dtype: (_, { dtype }) => dtype,
  kernel: (out, [a]) => copyInto(out, a),
};

/** A contiguous copy. */
export const copy: Computed<undefined> = {
  name: 'clone',
  gradients: [g => g],
  keeps: [],
  shape: shapeOfFirst,
  kernel: (out, [a]) => copyInto(out, a),
};
