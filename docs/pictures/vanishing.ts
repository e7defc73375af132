// The picture of the guide to recurrent networks: how far back gradients reach. Run it by `npm run example docs/pictures/vanishing.ts`.
import { writeFileSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { full, grad, manualSeed, nn, noGrad, randn, type Tensor } from 'tapegrad';

manualSeed(4);
const steps = 50;
const x = randn([steps + 1, 1, 8], { requiresGrad: true });

interface Point {
  readonly network: string;
  readonly back: number;
  readonly norm: number;
}

function reach(network: string, output: Tensor): Point[] {
  const norms = grad(output.select(0, -1).sum(), x).norm(2, [1, 2]).data;
  return Array.from({ length: steps + 1 }, (_, back) => ({ network, back, norm: norms[steps - back] }));
}

const points: Point[] = [];
for (const gain of [0.5, 1, 1.5]) {
  const rnn = new nn.RNN(8, 32);
  nn.init.orthogonal(rnn.weight_hh_l0, { gain });
  points.push(...reach(`RNN, |Whh| = ${gain}`, rnn.forward(x)[0]));
}
const lstm = new nn.LSTM(8, 32);
points.push(...reach('LSTM', lstm.forward(x)[0]));
noGrad(() => lstm.bias_ih_l0.narrow(0, 32, 32).assign(full([32], 5)));
points.push(...reach('LSTM, f open', lstm.forward(x)[0]));

const { document } = parseHTML('<html><body></body></html>');
const svg = Plot.plot({
  document,
  width: 680,
  height: 360,
  marginLeft: 56,
  marginRight: 128,
  marginTop: 36,
  marginBottom: 44,
  style: { background: 'white', color: '#222', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
  x: { label: 'steps back', labelAnchor: 'center', labelArrow: 'none' },
  y: { type: 'log', grid: true, tickFormat: '.0e', label: 'norm of d(last output) / d(input)', labelArrow: 'none' },
  color: {
    domain: [...new Set(points.map(({ network }) => network))],
    range: ['#a33', '#d4620f', '#b8860b', '#1a5f9e', '#2f8a4f'],
  },
  marks: [
    Plot.line(points, { x: 'back', y: 'norm', stroke: 'network', strokeWidth: 1.8 }),
    Plot.text(
      points.filter(({ back }) => back === steps),
      { x: 'back', y: 'norm', text: 'network', fill: 'network', textAnchor: 'start', dx: 8 },
    ),
  ],
});
svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
svg.querySelector('style')?.replaceWith(
  Object.assign(document.createElement('title'), {
    textContent: 'How far back the gradients of recurrent networks reach',
  }),
);
writeFileSync(new URL('vanishing.svg', import.meta.url), `${svg.outerHTML}\n`);
