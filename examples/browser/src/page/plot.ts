import uPlot from 'uplot';
import { bitsPerCharacter } from '../../../04-char-rnn/run/history.ts';
import type { Curve } from '../curve.ts';

const height = 260;
/** What the axes show before there is a curve. */
const [emptySteps, emptyBits] = [1000, 5];

/** Draws the curve into an element, as wide as that is, in the page's colours; gives what draws it anew. */
export function plotInto(element: HTMLElement, curveNow: () => Curve): () => void {
  let plot = build(element);
  let waiting = false;

  const draw = () => {
    waiting = false;
    plot.setData(curveNow().columns(bitsPerCharacter));
  };
  const drawSoon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  };

  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height })).observe(element);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    plot.destroy();
    plot = build(element);
    drawSoon();
  });
  return drawSoon;
}

function build(element: HTMLElement): uPlot {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: colour('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, __, last) => [0, last ?? emptySteps] },
        y: { range: (_, __, high) => [0, 1.05 * (high ?? emptyBits)] },
      },
      axes: [
        { ...axis, space: 60, size: 28 },
        { ...axis, size: 34, values: (_, ticks) => ticks.map(String) },
      ],
      series: [
        {},
        { stroke: colour('training'), width: 2, points: { show: false } },
        { stroke: colour('held-out'), width: 2, spanGaps: true, points: { show: true, size: 6, fill: colour('card') } },
      ],
    },
    [[], [], []],
    element,
  );
}
