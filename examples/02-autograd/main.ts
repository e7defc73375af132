// Lesson 2: automatic differentiation.
//
// A tensor that requires a gradient remembers what is done with it: each result holds the operation that made it, and
// through it all that came before. This history is the tape. `backward` walks it from the end to the start, by the
// chain rule, and leaves the gradient in `grad` of every leaf.

import { Generator, GradError, grad, gradcheck, noGrad, rand, randn, type Tensor, tensor } from 'tapegrad';

const title = (text: string) => console.log(`\n── ${text} ${'─'.repeat(74 - text.length)}`);
const show = (label: string, value: unknown) => console.log(`${label}\n${String(value).replace(/^/gm, '    ')}`);

title('Leaves and backward');

// A leaf is a tensor that you made, as opposed to the result of an operation. Say of it that it requires a gradient.
const x = tensor([0.5, 1, 2], { requiresGrad: true });
const y = x.square().sin().mul(x); // y = x sin x²
show('y remembers that a product made it', y);

// backward starts from one number, whose gradient with respect to itself is 1: here from the sum of y.
y.sum().backward();

// By hand: the product rule and the chain rule. dy/dx = sin x² + 2 x² cos x². Plain values are enough: detach x.
const v = x.detach();
const square = v.square();
show('dy/dx by the tape, and by hand', [x.grad, square.sin().add(square.cos().mul(square).mul(2))].join('\n'));

// A second backward adds to grad, which is how gradients of several losses are summed; zeroGrad starts over.
y.sum().backward();
show('after a second backward: twice as much', x.grad);
x.zeroGrad();
show('after zeroGrad', x.grad);

title('Gradients of gradients');

// The function `grad` returns gradients, and changes no x.grad. With createGraph they have a history themselves, and
// can be differentiated again.
const dy = grad(y.sum(), x, { createGraph: true });
const d2y = grad(dy.sum(), x);
const byHand = square
  .cos()
  .mul(v)
  .mul(6)
  .sub(square.sin().mul(v.pow(3)).mul(4)); // 6 x cos x² - 4 x³ sin x²
show('d²y/dx² by the tape, and by hand', [d2y, byHand].join('\n'));

title('Without a tape');

// In noGrad nothing is remembered: for measuring, sampling, and updating parameters. detach cuts a single tensor off.
const silent = noGrad(() => x.mul(2));
show('made in noGrad, and detached: no history', [silent, y.detach()].join('\n'));
const partly = x.mul(x.detach()).sum(); // the second factor counts as a constant, so the gradient is x and not 2 x
show('d(x · constant x)/dx', grad(partly, x));

title('Hooks');

// A hook sees the gradient at any place of the tape as the walk passes there, and may send another one on.
const hidden = x.mul(10);
hidden.registerHook(g => show('the gradient that arrives at hidden', g));
hidden.registerHook(g => g.clamp(-1, 1));
hidden.square().sum().backward();
show('dx: clipped to 1 on its way, then times 10', x.grad);

title('Checking a gradient');

// gradcheck holds the tape's gradients against differences (f(x + ε) - f(x - ε)) / 2ε, in float64, for every element.
const points = randn([2, 3], { generator: new Generator(1) });
show(
  'gradcheck of log Σ exp',
  gradcheck(p => p.logsumexp(-1), points),
);

title('When it cannot be right, it says so');

// Gradient rules need the values that went in. If one was overwritten since, the gradient would be wrong in silence.
const w = tensor([1, 2, 3], { requiresGrad: true });
const loss = w.square().sum(); // its gradient is 2 w, for the w of now
noGrad(() => w.assign(0));
try {
  loss.backward();
} catch (error) {
  if (error instanceof GradError) show('an update before backward', error);
}

title('Fitting a line');

// All of training is in these few lines: predict, measure, walk back, step downhill.
const generator = new Generator('line');
const xs = rand([40], { generator }).mul(4);
const ys = xs
  .mul(3)
  .sub(1)
  .add(randn([40], { generator }).mul(0.3)); // y = 3 x - 1 and some noise

const slope = tensor(0, { requiresGrad: true });
const intercept = tensor(0, { requiresGrad: true });
const line = (m: Tensor, c: Tensor) =>
  `y = ${m.item().toFixed(4)} x ${c.item() < 0 ? '-' : '+'} ${c.abs().item().toFixed(4)}`;

for (let step = 0; step <= 200; step++) {
  const loss = xs.mul(slope).add(intercept).sub(ys).square().mean();
  const [dSlope, dIntercept] = grad(loss, [slope, intercept]);
  if (step % 40 === 0)
    console.log(
      `step ${String(step).padStart(3)}   loss ${loss.item().toFixed(4).padStart(7)}   ${line(slope, intercept)}`,
    );
  noGrad(() => {
    slope.assign(slope.sub(dSlope.mul(0.1)));
    intercept.assign(intercept.sub(dIntercept.mul(0.1)));
  });
}

// For a line the best answer has a formula: slope = cov(x, y) / var(x). Gradient descent has found the same one.
const fromMean = xs.sub(xs.mean());
const best = fromMean.mul(ys).mean().div(fromMean.square().mean());
console.log(`by the formula            ${line(best, ys.mean().sub(xs.mean().mul(best)))}`);
