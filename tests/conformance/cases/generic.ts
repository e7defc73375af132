import { type DType, grad, type Tensor, tensor } from 'tapegrad';
import { cases as gradientCases } from '../../autograd/ops/cases.ts';
import { call, type Fixture, fixtures, numbersOf } from '../../autograd/ops/fixtures.ts';
import { strided } from '../../autograd/ops/layouts.ts';
import { type Case, type Closeness, type Nested, pure } from '../case.ts';

// The cases that the operations are tested with elsewhere: those of tests/fixtures/torch, and those
// whose gradients are held against differences. Each is called with its numbers, and with them
// moved on, in row-major order and with other strides in turn; forward, and backward through `grad`.

/** Results whose shape hangs on the elements of an input, which no recording can know. */
const isShapedByElements = ({ op, args, inputs }: Fixture): boolean =>
  (op === 'at' && inputs.slice(1).some(({ dtype }) => dtype === 'bool')) || (op === 'oneHot' && args.length === 0);

/** What only certain matrices have, which are others when their elements are moved on; algebra.ts has cases of its own. */
const isOfFewMatrices = ({ op }: Fixture): boolean => op === 'cholesky';

/** A gradient to start from that is different at every element, or nearly. */
const seedFor = (y: Tensor): Tensor =>
  tensor(
    Float64Array.from({ length: y.size }, (_, j) => (((7 * j) % 11) - 5) / 4 + 1 / 8),
    { shape: y.shape, dtype: y.dtype },
  );

/** The outputs, and the gradients of the inputs that require one. */
function forwardAndBackward(outputs: readonly Tensor[], inputs: readonly Tensor[]): Nested {
  const live = outputs.filter(y => y.requiresGrad);
  const wanted = inputs.filter(x => x.requiresGrad);
  if (live.length === 0) return { outputs };
  return { outputs, gradients: grad(live, wanted, { gradOutputs: live.map(seedFor), allowUnused: true }) };
}

/** The elements moved on by some places around the end: the same ones, at others' places. One alone becomes smaller. */
function movedOn(data: ArrayLike<number>, by: number): number[] {
  const n = data.length;
  if (n === 1) return [data[0] * (1 - by / 16)];
  return Array.from({ length: n }, (_, i) => data[(i + by) % n]);
}

const steps: readonly ((x: Tensor) => Tensor)[] = [x => x, strided];

let made = 0;

/** A pure program on tensors that start from given ones. */
function generic(
  name: string,
  fn: (inputs: readonly Tensor[]) => Tensor[],
  given: readonly { readonly shape: readonly number[]; readonly dtype: DType; readonly data: ArrayLike<number> }[],
  isFixed: (input: number) => boolean,
  closeness: Closeness,
): Case {
  const turn = made++;
  return pure(
    name,
    (...inputs: Tensor[]) => forwardAndBackward(fn(inputs), inputs),
    (draw, call) =>
      given.map(({ shape, dtype, data }, i) => {
        const isFloat = dtype === 'float64';
        const x = tensor(movedOn(data, call), { shape, dtype: isFloat ? draw.dtype : dtype });
        const laidOut = steps[(turn + call) % 2](x);
        if (isFloat && !isFixed(i)) laidOut.requiresGrad = true;
        return laidOut;
      }),
    { closeness, float64: given.every(isTame) },
  );
}

/** Whether float32 holds numbers as they are, and what comes of them, and tells that apart. */
const isTame = ({ data }: { readonly data: ArrayLike<number> }): boolean =>
  Array.prototype.every.call(
    data,
    x => Math.abs(x) <= 8 && Math.fround(x) === x && (x === 0 || Math.abs(x) > 2 ** -13),
  );

/** Operations that only move elements, and their gradients too. */
const movements = ['reshape', 'flatten', 'squeeze', 'unsqueeze', 'permute', 'transpose', 't', 'flip', 'roll'].concat([
  'split',
  'chunk',
  'unbind',
  'cat',
  'stack',
  'diagonal',
  'tril',
  'triu',
]);

export const fixtureCases: Case[] = fixtures
  .filter(fixture => !isShapedByElements(fixture) && !isOfFewMatrices(fixture))
  .map(fixture =>
    generic(
      `${fixture.op} ${fixture.note ?? 'in general'}`,
      inputs => call(fixture, inputs, 'method'),
      fixture.inputs.map(stored => ({ ...stored, data: numbersOf(stored) })),
      i => fixture.grads === undefined || fixture.fixed?.includes(i) === true,
      movements.includes(fixture.op) ? 'bits' : 'each',
    ),
  );

export const primitiveCases: Case[] = Object.entries(gradientCases).flatMap(([name, list]) =>
  list === 'no gradient'
    ? []
    : list.map(({ of, fn, inputs }) =>
        generic(
          `the primitive ${name} at ${of}`,
          given => [fn(...given)],
          inputs.map(({ shape, dtype, data }) => ({ shape, dtype, data: Float32Array.from(data) })),
          () => false,
          'each',
        ),
      ),
);

/** Operations of elements that are good to the last digits wherever their values are, and are made of nothing else. */
const exact = ['neg', 'abs', 'sign', 'square', 'sqrt', 'rsqrt', 'reciprocal', 'exp', 'expm1', 'log', 'log1p', 'log2']
  .concat(['log10', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'])
  .concat(['erf', 'sigmoid', 'softplus', 'relu', 'floor', 'ceil', 'round', 'trunc'])
  .concat(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'atan2']);

/** The same fixtures forward alone, where an element of 1e-9 counts as much as one of 1000. */
export const exactCases: Case[] = fixtures
  .filter(({ op, inputs }) => exact.includes(op) && inputs.every(({ dtype }) => dtype === 'float64'))
  .map(fixture =>
    generic(
      `${fixture.op} ${fixture.note ?? 'in general'}, to the last digits`,
      inputs => call(fixture, inputs, 'method'),
      fixture.inputs.map(stored => ({ ...stored, data: numbersOf(stored) })),
      () => true,
      'relative',
    ),
  );
