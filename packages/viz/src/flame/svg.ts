import type { Profile } from '@tapegrad/autograd';
import { checkProfile } from '../checks.ts';
import { escape, type PageOptions } from '../html.ts';
import { type Cell, cellsOf, type Flame, flameOf, labelOf } from './tree.ts';

const [width, rowHeight, margin, head] = [1200, 24, 16, 44];
const letter = 7;

const fills: Readonly<Record<Flame['phase'], readonly [caller: string, op: string]>> = {
  all: ['#e4e7ee', '#e4e7ee'],
  forward: ['#dbe8fb', '#9cc2f5'],
  backward: ['#fde7d3', '#f7bd86'],
};

/**
 * A profile as a flame graph, a standalone SVG: widths are time within operations, and what was called stands below its
 * caller. Forward is blue and backward orange, operations darker than the functions that called them. Without the callers
 * that `profile(fn, { trace: true })` keeps it is flat.
 *
 * @example
 * ```ts
 * const svg = flameGraph(profile(step, { trace: true }));
 * ```
 */
export function flameGraph(profile: Profile<unknown>, { title = 'Time within operations' }: PageOptions = {}): string {
  checkProfile('flameGraph', profile);
  const root = flameOf(profile);
  const cells = cellsOf(root, 1 / width);
  const rows = 1 + Math.max(...cells.map(({ row }) => row));
  const height = head + rows * rowHeight + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="11.5" fill="#1c2433">`,
    `<title>${escape(title)}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${margin}" y="28" font-size="15" font-weight="600" font-family="Helvetica, Arial, sans-serif">${escape(title)}</text>`,
    keyOf('forward', width - 200),
    keyOf('backward', width - 106),
    ...cells.map(cell => draw(cell, root.ms)),
    '</svg>',
    '',
  ].join('\n');
}

const keyOf = (phase: 'forward' | 'backward', x: number): string =>
  `<rect x="${x}" y="17" width="12" height="12" rx="2" fill="${fills[phase][1]}"/><text x="${x + 18}" y="28">${phase}</text>`;

function draw({ flame, row, left, width: share }: Cell, total: number): string {
  const { name, phase, isOp, ms, calls } = flame;
  const [x, y, w] = [margin + left * (width - 2 * margin), head + row * rowHeight, share * (width - 2 * margin)];
  const room = Math.floor((w - 10) / letter);
  const label = room < 3 ? '' : shorten(labelOf(flame), room);
  const says = `${name}: ${ms.toFixed(3)} ms, ${total > 0 ? ((100 * ms) / total).toFixed(1) : 0}%, ${calls} calls`;
  return [
    `<g><title>${escape(says)}</title>`,
    `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.3, w - 1).toFixed(1)}" height="${rowHeight - 2}" rx="2" fill="${fills[phase][Number(isOp)]}"/>`,
    label === '' ? '' : `<text x="${(x + 5).toFixed(1)}" y="${y + 15}">${escape(label)}</text>`,
    '</g>',
  ].join('');
}

const shorten = (text: string, room: number): string => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);
