import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A point of the plane and the spiral, 0 or 1, that it belongs to. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/** Probabilities of spiral 1 at the centres of `size` x `size` cells over the square from -extent to extent, row by row. */
export interface Field {
  readonly size: number;
  readonly extent: number;
  readonly probabilities: ArrayLike<number>;
}

/** Plot draws into a document; outside of a browser this one stands in. */
const { document } = parseHTML('<html><body></body></html>');

const spiralColors = ['#1a5f9e', '#d4620f'];
/** Where one band of colour ends and the next begins, and the colours: one more than ends. */
const levels = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95];
const bands = ['#83b3da', '#a5c8e4', '#c7ddef', '#e8f1f8', '#fdf0e5', '#f9d9bd', '#f5c093', '#f0a76b'];
const color = { type: 'threshold', domain: levels, range: bands } as const;

/** A standalone SVG: the probability as bands of colour, a line where it is one half, and the points on top. */
export function picture(field: Field, points: readonly Point[], title: string, subtitle: string): string {
  const { size, extent, probabilities } = field;
  const grid = { width: size, height: size, x1: -extent, y1: -extent, x2: extent, y2: extent };
  const values = Array.from(probabilities);
  const axis = { domain: [-extent, extent], ticks: 5, labelAnchor: 'center', labelArrow: 'none' } as const;

  const svg = Plot.plot({
    document,
    width: 646,
    height: 706,
    marginTop: 84,
    marginBottom: 52,
    marginLeft: 62,
    marginRight: 14,
    style: { background: 'white', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
    x: { ...axis, label: 'x', labelOffset: 42 },
    y: { ...axis, label: 'y', labelOffset: 52 },
    color,
    marks: [
      Plot.contour(values, { ...grid, fill: Plot.identity, thresholds: [0, ...levels] }),
      Plot.contour(values, { ...grid, value: Plot.identity, thresholds: [0.5], stroke: '#222', strokeWidth: 1.6 }),
      spiralColors.map((fill, label) =>
        Plot.dot(
          points.filter(p => p.label === label),
          { x: 'x', y: 'y', r: 3.6, fill, stroke: 'white', strokeWidth: 0.9 },
        ),
      ),
      Plot.frame({ stroke: '#222' }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -68, fontSize: 20, fontWeight: 600 }),
      Plot.text([subtitle], { frameAnchor: 'top-left', dy: -36, fontSize: 14, fill: '#444' }),
    ],
  });
  svg.append(legend());
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // A hundredth of a pixel is fine enough, and halves the file.
  return `${svg.outerHTML.replace(/(\d\.\d\d)\d+/g, '$1')}\n`;
}

/** The bands of colour, from the one spiral to the other. */
function legend() {
  const ramp = bands.map((fill, i) => ({ fill, from: [0, ...levels][i], to: [...levels, 1][i] }));
  const svg = Plot.plot({
    document,
    width: 228,
    height: 62,
    marginTop: 26,
    marginBottom: 20,
    marginLeft: 14,
    marginRight: 14,
    style: { background: 'none', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    x: { domain: [0, 1], ticks: [0, 0.5, 1], label: null },
    y: { axis: null },
    color,
    marks: [
      Plot.rect(ramp, { x1: 'from', x2: 'to', y1: 0, y2: 1, fill: 'from' }),
      Plot.ruleX([0.5], { stroke: '#222', strokeWidth: 1.6 }),
      Plot.text(['probability of orange'], { frameAnchor: 'top', dy: -16 }),
    ],
  });
  svg.setAttribute('x', '412');
  svg.setAttribute('y', '16');
  return svg;
}
