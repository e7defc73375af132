import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { side } from './draw.ts';

/** A digit, and what the network took it for. */
export interface Read {
  readonly pixels: ArrayLike<number>;
  readonly digit: number;
  readonly answer: number;
  readonly probability: number;
}

/** A pixel: a square whose upper left corner is (x, y). */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill: string;
}

/** Plot draws into a document; outside of a browser this one stands in. */
const { document } = parseHTML('<html><body></body></html>');

const perRow = 6;
/** How far it is from one picture to the next, to the right and downwards. */
const [across, down] = [side + 4, side + 10];

/** A standalone SVG: digits with what they are and what they were taken for, and the filters of the first layer, [25] each. */
export function picture(read: readonly Read[], filters: readonly ArrayLike<number>[], subtitle: string): string {
  const [width, filterTop] = [perRow * across - 4, Math.ceil(read.length / perRow) * down + 6];
  const tiles = read.map((each, i) => ({ ...each, x: (i % perRow) * across, y: Math.floor(i / perRow) * down }));
  const ink = tiles.flatMap(({ pixels, x, y }) => boxes(pixels, side, 1, x, y, grey));
  const largest = Math.max(...filters.flatMap(weights => Array.from(weights, Math.abs)));
  const filterAcross = (width + 4) / filters.length;
  const weights = filters.flatMap((each, i) =>
    boxes(each, 5, 2, i * filterAcross, filterTop, w => twoSided(w / largest)),
  );
  const height = filterTop + 10;
  const rect = { x1: 'x', y1: 'y', x2: (b: Box) => b.x + b.size, y2: (b: Box) => b.y + b.size } as const;
  const svg = Plot.plot({
    document,
    width: 40 + 6 * width,
    height: 104 + 6 * height,
    margin: 20,
    marginTop: 84,
    style: { background: 'white', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
    x: { axis: null, domain: [0, width] },
    y: { axis: null, domain: [0, height], range: [84, 84 + 6 * height] },
    marks: [
      Plot.rect([...ink, ...weights], { ...rect, fill: 'fill' }),
      Plot.rect(tiles, { x1: 'x', y1: 'y', x2: t => t.x + side, y2: t => t.y + side, stroke: '#999' }),
      Plot.text(tiles, {
        x: t => t.x + side / 2,
        y: t => t.y + side + 4,
        text: t => `a ${t.digit}, read as ${t.answer},\n${(100 * t.probability).toFixed(0)} % sure`,
        fill: t => (t.digit === t.answer ? '#1a5f9e' : '#b3330c'),
      }),
      Plot.text(['What the filters of the first layer look for: ink where blue, paper where orange'], {
        x: 0,
        y: filterTop - 3,
        text: d => d,
        textAnchor: 'start',
      }),
      Plot.text(['The hardest digits'], { frameAnchor: 'top-left', dy: -66, fontSize: 20, fontWeight: 600 }),
      Plot.text([subtitle], { frameAnchor: 'top-left', dy: -36, fontSize: 14, fill: '#444' }),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML.replace(/(\d\.\d\d)\d+/g, '$1')}\n`;
}

/** The pixels of a square picture as boxes; white ones are left to the paper. */
function boxes(
  values: ArrayLike<number>,
  width: number,
  size: number,
  left: number,
  top: number,
  color: (value: number) => string,
): Box[] {
  const all = Array.from(values, (value, i) => ({
    x: left + size * (i % width),
    y: top + size * Math.floor(i / width),
    size,
    fill: color(value),
  }));
  return all.filter(({ fill }) => fill !== white);
}

const white = 'rgb(255,255,255)';
/** From white to a colour, in sixteen steps. */
const mix = (share: number, to: readonly number[]): string =>
  `rgb(${to.map(c => Math.round(255 + (Math.round(share * 16) / 16) * (c - 255)))})`;
const grey = (ink: number): string => mix(ink, [20, 20, 20]);
const twoSided = (w: number): string => (w > 0 ? mix(w, [26, 95, 158]) : mix(-w, [212, 98, 15]));
