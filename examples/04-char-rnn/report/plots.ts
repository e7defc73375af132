import * as Plot from '@observablehq/plot';
import { bestOf, bitsPerCharacter, type Metrics } from '../run/history.ts';
import { document, type Element } from './elements.ts';
import { bitsOf, domainOf, heldOutOf, smoothed, thinned } from './points.ts';

const [training, heldOut] = ['var(--training)', 'var(--held-out)'];

const frame: Plot.PlotOptions = {
  document,
  width: 860,
  height: 340,
  marginTop: 28,
  marginRight: 52,
  marginBottom: 44,
  marginLeft: 52,
  style: { fontFamily: 'inherit', fontSize: '13px', background: 'transparent' },
};

const stepsOf = (history: readonly Metrics[]): Plot.ScaleOptions => ({
  label: 'step',
  labelAnchor: 'center',
  labelArrow: 'none',
  ticks: 8,
  tickFormat: 'd',
  domain: domainOf(history),
});

const norm = ({ gradientNorm }: Metrics): number => gradientNorm;

/** Training and held-out loss, in bits per character on the left and in nats on the right. */
export function lossPlot(history: readonly Metrics[]): Element {
  const measured = heldOutOf(history);
  const best = bestOf(history);
  return drawn('Loss by step', {
    ...frame,
    x: stepsOf(history),
    y: { grid: true, nice: true, zero: true, ticks: 7, label: null },
    marks: [
      Plot.axisY({ anchor: 'left', label: 'bits per character', labelArrow: 'none' }),
      Plot.axisY({
        anchor: 'right',
        label: 'nats',
        labelArrow: 'none',
        tickFormat: (bits: number) => (bits * Math.LN2).toFixed(1),
      }),
      ...linesOf(history, bitsOf),
      Plot.line(measured, { x: 'step', y: 'value', stroke: heldOut, strokeWidth: 2 }),
      Plot.dot(measured, { x: 'step', y: 'value', fill: heldOut, r: 3.5 }),
      Plot.dot(best === undefined ? [] : [best], {
        x: 'step',
        y: ({ heldOut }: Metrics) => bitsPerCharacter(heldOut ?? 0),
        stroke: heldOut,
        r: 8,
      }),
    ],
  });
}

/** The norm of all gradients before clipping, and where they are clipped. */
export function normPlot(history: readonly Metrics[], clip: number): Element {
  const highest = history.reduce((most, { gradientNorm }) => Math.max(most, gradientNorm), 0);
  return drawn('Gradient norm by step', {
    ...frame,
    height: 240,
    x: stepsOf(history),
    y: { grid: true, nice: true, zero: true, ticks: 5, label: 'gradient norm', labelArrow: 'none' },
    marks: [
      ...linesOf(history, norm),
      ...(highest > clip
        ? [
            Plot.ruleY([clip], { stroke: heldOut, strokeDasharray: '4 4' }),
            Plot.text([`clipped to ${clip}`], {
              y: clip,
              frameAnchor: 'right',
              textAnchor: 'end',
              dx: -4,
              dy: -8,
              fill: heldOut,
            }),
          ]
        : []),
    ],
  });
}

/** A plot as one picture, whose parts have no names of their own. */
function drawn(label: string, options: Plot.PlotOptions): Element {
  const plot = Plot.plot(options);
  for (const part of plot.querySelectorAll('g[aria-label]')) part.removeAttribute('aria-label');
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', label);
  return plot;
}

/** Every step, faint, and their running mean. */
const linesOf = (history: readonly Metrics[], valueOf: (metrics: Metrics) => number): Plot.Markish[] => [
  Plot.ruleY([0], { stroke: 'currentColor' }),
  Plot.line(thinned(history, valueOf), {
    x: 'step',
    y: 'value',
    stroke: training,
    strokeOpacity: 0.35,
    strokeWidth: 1,
  }),
  Plot.line(smoothed(history, valueOf), { x: 'step', y: 'value', stroke: training, strokeWidth: 2 }),
];
