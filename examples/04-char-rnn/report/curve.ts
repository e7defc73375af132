import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Metrics } from '../run/history.ts';
import { bitsOf, domainOf, heldOutOf, type Point, smoothed, thinned } from './points.ts';

const [blue, orange] = ['#3b6fb6', '#d9661f'];

/** The loss curve as a standalone SVG: each step's loss, their running mean, and the held-out loss. */
export function curve(history: readonly Metrics[], title: string): string {
  const { document } = parseHTML('<html><body></body></html>');
  const running = smoothed(history, bitsOf);
  const heldOut = heldOutOf(history);
  const plot = Plot.plot({
    document,
    width: 800,
    height: 440,
    marginTop: 64,
    marginRight: 24,
    marginBottom: 48,
    marginLeft: 52,
    style: { fontFamily: 'Helvetica, Arial, sans-serif', fontSize: '13px', color: '#222' },
    x: {
      label: 'step',
      labelAnchor: 'center',
      labelArrow: false,
      ticks: 8,
      tickFormat: 'd',
      domain: domainOf(history),
    },
    y: { label: null, ticks: 7, grid: true, nice: true, zero: true },
    marks: [
      Plot.ruleY([0], { stroke: '#222' }),
      Plot.line(thinned(history, bitsOf), { x: 'step', y: 'value', stroke: blue, strokeOpacity: 0.35, strokeWidth: 1 }),
      Plot.line(running, { x: 'step', y: 'value', stroke: blue, strokeWidth: 2 }),
      Plot.line(heldOut, { x: 'step', y: 'value', stroke: orange, strokeWidth: 2 }),
      Plot.dot(heldOut, { x: 'step', y: 'value', fill: orange, r: 3.5 }),
      label(title, { frameAnchor: 'top-left', dx: -44, dy: -52, fontSize: 17, fill: '#222' }),
      label('bits per character', {
        frameAnchor: 'top-left',
        dx: -44,
        dy: -24,
        fontSize: 13,
        fontWeight: 400,
        fill: '#222',
      }),
      label(named('training', running), { frameAnchor: 'top-right', dx: -8, dy: 8, fill: blue }),
      label(named('held out', heldOut), { frameAnchor: 'top-right', dx: -8, dy: 28, fill: orange }),
    ],
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: 'white' }))
    paper.setAttribute(name, value);
  plot.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${plot.outerHTML}\n`;
}

const label = (text: string, options: Plot.TextOptions): Plot.Markish =>
  Plot.text([text], { fontSize: 14, fontWeight: 600, ...options });

/** A line's name and the last of its values. */
const named = (name: string, line: readonly Point[]): string => {
  const last = line.at(-1);
  return last === undefined ? '' : `${name} ${last.value.toFixed(2)}`;
};
