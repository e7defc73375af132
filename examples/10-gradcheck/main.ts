// Lesson 10: checking gradients.
//
// A wrong gradient rarely crashes: the network trains, only worse, and nobody knows why. Lesson 5 showed gradcheck on an
// operation of one input; this one looks at what it finds, what it cannot find, and what to do where it does not reach.

import {
  DTypeError,
  defineOp,
  Generator,
  GradError,
  gradcheck,
  gradgradcheck,
  jacobian,
  manualSeed,
  nn,
  noGrad,
  ones,
  randn,
  type Tensor,
  tensor,
} from 'tapegrad';

const title = (text: string) => console.log(`\n── ${text} ${'─'.repeat(74 - text.length)}`);
const show = (label: string, value: unknown) => console.log(`${label}\n${String(value).replace(/^/gm, '    ')}`);

/** Shows what a check says, be it true or the error that it throws. */
function verdict(label: string, check: () => true): void {
  try {
    show(label, check());
  } catch (error) {
    if (!(error instanceof GradError || error instanceof DTypeError)) throw error;
    show(label, error.message);
  }
}

title('A subtle slip');

// y = w (x - mean) / deviation for each row of x. Whoever derives the gradient by hand easily forgets that the deviation
// depends on x as well, and takes it for a constant.
const standardize = (x: Tensor): Tensor =>
  x.sub(x.mean(-1, { keepdim: true })).div(x.std(-1, { correction: 0, keepdim: true }));
const centred = (g: Tensor): Tensor => g.sub(g.mean(-1, { keepdim: true }));
const scaled = (name: string, gradient: (g: Tensor, x: Tensor) => Tensor) =>
  defineOp({
    name,
    forward: (x: Tensor, w: Tensor) => standardize(x).mul(w),
    backward: (g, [x, w]) => [gradient(g.mul(w), x), g.mul(standardize(x)).sum(0)],
  });
const forgetful = scaled('forgetful', (g, x) => centred(g).div(x.std(-1, { correction: 0, keepdim: true })));

const generator = new Generator('check');
const x = randn([2, 4], { generator });
const w = randn([4], { generator });
verdict('gradcheck(forgetful)', () => gradcheck(forgetful, [x, w]));

// It names the input (0, which is x, so the gradient of w may be right), the element, and how much is missing. Where the
// numbers alone do not tell, the whole matrix does: that of the slip minus that of the same function made of operations.
const row = x.at(0);
const wrong = jacobian(r => forgetful(r.unsqueeze(0), ones([4])).at(0), row);
const right = jacobian(r => standardize(r), row);
const y = standardize(row);
show('what is too much, times the deviation', wrong.sub(right).mul(row.std(0, { correction: 0 })));
show('y yᵀ / n: the forgotten term', y.outer(y).div(4));
const careful = scaled('careful', (g, x) => {
  const y = standardize(x);
  const throughDeviation = y.mul(g.mul(y).mean(-1, { keepdim: true }));
  return centred(g)
    .sub(throughDeviation)
    .div(x.std(-1, { correction: 0, keepdim: true }));
});
verdict('gradcheck(careful), with that term', () => gradcheck(careful, [x, w]));

title('Points that hide a slip');

// This one forgot w. At w = 1, where a layer begins, there is nothing to see. Check at random points, with sizes that are
// all different and none of them 1: rows taken for columns, and what was broadcast, show then, too.
const withoutW = defineOp({
  name: 'withoutW',
  forward: (x: Tensor, w: Tensor) => x.mul(w),
  backward: (g, [x]) => [g, g.mul(x).sum(0)],
});
verdict('gradcheck(withoutW) at w = 1', () => gradcheck(withoutW, [x, ones([4])]));
verdict('gradcheck(withoutW) at a random w', () => gradcheck(withoutW, [x, w]));

title('Kinks');

// relu has no derivative at 0, and no rule could agree with differences there: these see both sides at once. That is no
// slip, so keep away from kinks, by more than the step.
const atKink = tensor([-1, 0, 2]);
verdict('gradcheck of relu with a point at 0', () => gradcheck(x => x.relu(), atKink));
verdict('half a step from 0 it is a mixture of both sides', () => gradcheck(x => x.relu(), tensor([5e-7])));
verdict('away from 0', () => gradcheck(x => x.relu(), tensor([-1, 0.01, 2])));
// The largest of equals is a kink, too; what rounds has a derivative of zero, true to the step and of no use.
verdict('gradcheck of max with a tie', () => gradcheck(x => x.max(0), tensor([1, 3, 3])));

title('float32 and float64');

// A large step errs by the bend of the function, a small one by rounding: (f(x + h) - f(x - h)) / 2 h takes the difference
// of numbers that are almost equal. Here is the error of the slope of eˣ sin x at 1, for steps h, in both dtypes.
const f = (x: Tensor): Tensor => x.exp().mul(x.sin());
const exact = Math.E * (Math.sin(1) + Math.cos(1));
function difference(h: number, dtype: 'float32' | 'float64'): number {
  const [above, below] = f(tensor([1 + h, 1 - h], { dtype })).data;
  return (above - below) / (2 * h);
}
const error = (slope: number): string =>
  Math.abs(slope / exact - 1)
    .toExponential(0)
    .padStart(11);
console.log('       h    float32    float64   float64, h and h / 2 combined');
for (const h of [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10]) {
  // The error grows with h²: four times the slope for h / 2, less that for h, is three times one without that part.
  const combined = (4 * difference(h / 2, 'float64') - difference(h, 'float64')) / 3;
  const columns = [difference(h, 'float32'), difference(h, 'float64'), combined].map(error);
  console.log(`${h.toExponential(0).padStart(8)}${columns.join('')}`);
}
// float32 never gets more than some four digits, too few to tell a slip from rounding. So gradcheck casts its inputs to
// float64, whatever they are, with a step of 1e-6, and wants agreement to 1e-3. (A complex step has no such trouble, as it
// takes no difference; but there are no complex tensors here, and float64 is good enough for that purpose.)

// It follows that an operation must work in float64. One that writes float32 is refused, for it would be all rounding.
const single = defineOp({
  name: 'single',
  forward: (x: Tensor) => tensor(Float32Array.from(x.data, Math.tanh), { shape: x.shape }),
  backward: (g, _, y) => g.mul(y.square().neg().add(1)),
});
verdict('gradcheck of an operation that writes float32', () => gradcheck(single, w));

title('Second order');

// Whoever trains on a gradient (a penalty on its norm, say) differentiates twice. A gradient made of plain numbers is right,
// and the end of the line: its own derivative is lost without a word. gradcheck does not see that; gradgradcheck does.
const tanhOnce = defineOp({
  name: 'tanhOnce',
  forward: (x: Tensor) => x.tanh(),
  backward: (g, [x]) =>
    g.mul(
      tensor(
        x.data.map(v => 1 - Math.tanh(v) ** 2),
        { shape: x.shape },
      ),
    ),
});
verdict('gradcheck(tanhOnce)', () => gradcheck(tanhOnce, w));
verdict('gradgradcheck(tanhOnce)', () => gradgradcheck(tanhOnce, w));
verdict('gradgradcheck(careful)', () => gradgradcheck(careful, [x, w]));

title('A whole module');

// gradcheck looks at what is passed in, and the parameters of a module are not. For them a check along a direction will do:
// move all of a parameter at once, by a small random v, and hold the change of the loss against the gradient times v. It
// takes two calls a parameter, however large, and no slip is likely to hide from a random direction.
function checkModule(model: nn.Module, loss: () => Tensor, h = 1e-6): void {
  model.zeroGrad();
  loss().backward();
  for (const [name, parameter] of model.namedParameters()) {
    const { grad: gradient } = parameter;
    const start = parameter.detach().clone();
    const v = randn(start.shape, { dtype: 'float64', generator });
    const at = (step: number): number =>
      noGrad(() => {
        parameter.assign(start.add(v.mul(step)));
        return loss().item();
      });
    const numeric = (at(h) - at(-h)) / (2 * h);
    at(0);
    const analytic = gradient === null ? 0 : gradient.mul(v).sum().item();
    const agree = Math.abs(analytic - numeric) <= 1e-5 + 1e-3 * Math.abs(numeric);
    const columns = [analytic, numeric].map(slope => slope.toFixed(6).padStart(10));
    console.log(`    ${name.padEnd(18)}${columns.join('  ')}  ${agree ? 'agree' : 'DIFFER'}`);
  }
}

class Reader extends nn.Module {
  rnn = new nn.GRU(3, 4);
  norm = new nn.LayerNorm(4);
  head = new nn.Linear(4, 2);
  dropout = new nn.Dropout(0.5);
  /** Someone was debugging, and forgot about it. */
  cut = false;

  forward(x: Tensor): Tensor {
    const [outputs] = this.rnn.forward(x);
    const last: Tensor = this.norm.forward(outputs.at(-1));
    return this.head.forward(this.dropout.forward(this.cut ? last.detach() : last));
  }
}
// In float64, and without dropout, which would be another function at every call.
manualSeed(10);
const model = new Reader().to('float64').eval();
const inputs = randn([5, 6, 3], { dtype: 'float64', generator });
const targets = randn([6, 2], { dtype: 'float64', generator });
const loss = () => model.forward(inputs).mseLoss(targets);
console.log('the slope along a direction: by the tape, by differences');
checkModule(model, loss);
model.cut = true;
console.log('the same with a detach left in it: all below it has no gradient');
checkModule(model, loss);
