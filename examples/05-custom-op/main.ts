// Lesson 5: an operation of your own.
//
// Most operations are made of others, and get their gradient for nothing. Write one yourself, with its gradient, when
// the composition loses digits, or takes many passes over memory where one would do. log cosh is such a case: as a loss
// it is r² / 2 for small residuals and |r| - log 2 for large ones, so that a few wild points cannot pull the fit away.

import {
  defineOp,
  Generator,
  GradError,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  rand,
  randn,
  type Tensor,
  tensor,
} from 'tapegrad';

const title = (text: string) => console.log(`\n── ${text} ${'─'.repeat(74 - text.length)}`);
const show = (label: string, value: unknown) => console.log(`${label}\n${String(value).replace(/^/gm, '    ')}`);

title('Why');

// cosh 100 is larger than any float32, so log(cosh(100)) is infinite, and its gradient is not even a number. And where
// x is small digits are lost: log cosh 0.001 is 5.0000e-7.
const x = tensor([-100, -1, 0, 0.001, 1, 100], { requiresGrad: true });
const composed = x.cosh().log();
show('log(cosh(x)), composed', composed);
show('its gradient', grad(composed.sum(), x));

title('Defining it');

// log cosh x = |x| + log(1 + e^(-2 |x|)) - log 2, where nothing overflows. Its derivative is tanh x.
const logCosh = defineOp({
  name: 'logCosh',

  // Plain JavaScript (in float64, as all numbers are there), in one pass over the flat numbers; nothing in here is
  // recorded. A copy of `data` is of the same kind as x, so that the op works in float64, too, which gradcheck needs.
  forward: (x: Tensor) => {
    const out = x.data.slice();
    for (let i = 0; i < out.length; i++) {
      const size = Math.abs(out[i]);
      out[i] = size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
    }
    return tensor(out, { shape: x.shape });
  },

  // From the gradient g of the output to that of the input. Made of operations on tensors, it differentiates again.
  backward: (g, [x]) => g.mul(x.tanh()),
});

const y = logCosh(x);
show('logCosh(x): on the tape it is one operation', y);
show('its gradient', grad(y.sum(), x));

title('Checking it');

// Never trust a gradient that you derived yourself: hold it against differences, the second derivative, too.
const points = randn([2, 4], { generator: new Generator(5) });
show('gradcheck(logCosh)', gradcheck(logCosh, points));
show('gradgradcheck(logCosh)', gradgradcheck(logCosh, points));

// A slip of the pen: the gradient of |x|. Training with it would seem to work, only worse. The check names the place.
const slip = defineOp({
  name: 'slip',
  forward: logCosh,
  backward: (g, [x]) => g.mul(x.sign()),
});
try {
  gradcheck(slip, points);
} catch (error) {
  if (error instanceof GradError) show('gradcheck of a wrong gradient', error);
}

title('Second order');

// tanh is a built-in operation, so the second derivative, 1 - tanh² x, comes for nothing.
const slope = grad(y.sum(), x, { createGraph: true });
show(
  'the second derivative by the tape, and by its formula',
  [grad(slope.sum(), x), x.detach().tanh().square().neg().add(1)].join('\n'),
);

title('Using it');

// Forty points on the line y = 3 x - 1, of which every eighth was measured with a broken instrument.
const generator = new Generator('outliers');
const xs = rand([40], { generator }).mul(4);
const clean = xs
  .mul(3)
  .sub(1)
  .add(randn([40], { generator }).mul(0.2));
const broken = tensor(Array.from({ length: 40 }, (_, i) => i % 8 === 0));
const ys = clean.maskedFill(broken, -20);

/** The line that makes the mean of `loss` over the residuals smallest, by gradient descent. */
function fit(loss: (residuals: Tensor) => Tensor): string {
  const m = tensor(0, { requiresGrad: true });
  const c = tensor(0, { requiresGrad: true });
  for (let step = 0; step < 1000; step++) {
    const residuals = xs.mul(m).add(c).sub(ys);
    const [dm, dc] = grad(loss(residuals).mean(), [m, c]);
    noGrad(() => {
      m.assign(m.sub(dm.mul(0.1)));
      c.assign(c.sub(dc.mul(0.1)));
    });
  }
  return `y = ${m.item().toFixed(2)} x ${c.item() < 0 ? '-' : '+'} ${c.abs().item().toFixed(2)}`;
}

show(
  'the line, with squares, which the broken points pull away',
  fit(r => r.square()),
);
show('the line, with logCosh', fit(logCosh));
