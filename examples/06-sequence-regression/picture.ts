import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A value of the series at a step. */
export interface Point {
  readonly t: number;
  readonly value: number;
}

/** Plot draws into a document; outside of a browser this one stands in. */
const { document } = parseHTML('<html><body></body></html>');

/** A standalone SVG: what was measured as dots, the forecast as a line, and a rule where the forecast starts. */
export function picture(measured: readonly Point[], forecast: readonly Point[], start: number): string {
  const axis = { labelAnchor: 'center', labelArrow: 'none' } as const;
  const note = { frameAnchor: 'top', dy: -14, fontSize: 12 } as const;
  const svg = Plot.plot({
    document,
    width: 860,
    height: 380,
    marginTop: 84,
    marginBottom: 48,
    marginLeft: 58,
    marginRight: 16,
    style: { background: 'white', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
    x: { ...axis, label: 'step', labelOffset: 40 },
    y: { ...axis, label: 'value', labelOffset: 46, grid: true, nice: true },
    marks: [
      Plot.ruleX([start], { stroke: '#222', strokeDasharray: '4 3' }),
      Plot.text([start], { ...note, x: d => d, text: () => 'measured', dx: -8, textAnchor: 'end', fill: '#1a5f9e' }),
      Plot.text([start], { ...note, x: d => d, text: () => 'forecast', dx: 8, textAnchor: 'start', fill: '#d4620f' }),
      Plot.line(forecast, { x: 't', y: 'value', stroke: '#d4620f', strokeWidth: 2 }),
      Plot.dot(measured, { x: 't', y: 'value', r: 2.2, fill: '#1a5f9e' }),
      Plot.frame({ stroke: '#222' }),
      Plot.text(['A forecast, fed with its own answers'], {
        frameAnchor: 'top-left',
        dy: -68,
        fontSize: 20,
        fontWeight: 600,
      }),
      Plot.text(['dots: measured, those to the right of the rule never seen; line: what the network says'], {
        frameAnchor: 'top-left',
        dy: -38,
        fontSize: 14,
        fill: '#444',
      }),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // A hundredth of a pixel is fine enough, and makes the file smaller.
  return `${svg.outerHTML.replace(/(\d\.\d\d)\d+/g, '$1')}\n`;
}
