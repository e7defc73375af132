import type { NdArray } from './ndarray.ts';
import { showShape } from './shape/shape.ts';

export interface FormatOptions {
  /** What stands before the bracket; by default `tensor`. */
  name?: string;
  /** What follows the elements, such as `, dtype=float64`. */
  suffix?: string;
  /** Digits after the decimal point of a number that is not whole. */
  precision?: number;
  /** Above this many elements only the edges of each dim are shown. */
  threshold?: number;
  /** How many are shown at each edge of a dim. */
  edgeItems?: number;
  /** Rows that are longer than this many columns are wrapped. */
  lineWidth?: number;
}

/**
 * An array as a person reads it: nested brackets, the elements in columns, large arrays elided to their edges.
 *
 *     tensor([[ 1.0000, -2.5000],
 *             [ 0.3333,     NaN]])
 *
 * All elements share one notation: whole numbers have no decimals, others have `precision` of them, and where that
 * would lose digits or take many the notation is scientific.
 */
export function format(a: NdArray, options: FormatOptions = {}): string {
  const { name = 'tensor', suffix = '', precision = 4, threshold = 1000, edgeItems = 3, lineWidth = 100 } = options;
  const elided = a.size > threshold;
  const edge = elided ? fittingEdge(a, threshold, edgeItems) : Infinity;
  const texts = showElements(a, shownElements(a, edge), precision);
  const width = texts.reduce((most, text) => Math.max(most, text.length), 0);
  const indent = name.length + 1;
  let next = 0;

  /** The elements from dim `d` on, whose opening bracket stands in column `column`. */
  function block(d: number, column: number): string {
    if (d === a.ndim) return texts[next++];
    const items = shownIndices(a.shape[d], edge).map(i => (i === gap ? '...' : block(d + 1, column + 1)));
    if (d < a.ndim - 1) return `[${items.join(`,${'\n'.repeat(a.ndim - 1 - d)}${' '.repeat(column + 1)}`)}]`;
    const perLine = Math.max(1, Math.floor((lineWidth - column - 1) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) {
      const line = items.slice(i, i + perLine);
      lines.push(line.map(item => (item === '...' ? item : item.padStart(width))).join(', '));
    }
    return `[${lines.join(`,\n${' '.repeat(column + 1)}`)}]`;
  }

  const body = name + '(' + (a.size === 0 ? '[]' : block(0, indent));
  const tail = (elided || a.size === 0 ? `, shape=${showShape(a.shape)}` : '') + suffix;
  const lastLine = body.length - (body.lastIndexOf('\n') + 1);
  const wraps = tail !== '' && lastLine + tail.length + 1 > lineWidth;
  return body + (wraps ? `,\n${' '.repeat(indent)}${tail.replace(/^, /, '')}` : tail) + ')';
}

/** The place of the elements that are left out, in a list of indices. */
const gap = -1;

/** The indices of a dim of n elements that are shown: all, or `edge` at each end with a gap between. */
function shownIndices(n: number, edge: number): number[] {
  if (n <= 2 * edge) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: 2 * edge + 1 }, (_, i) => (i === edge ? gap : i < edge ? i : n - 2 * edge - 1 + i));
}

/** `edgeItems`, or fewer where an array has so many dims that its edges alone are more than `threshold` elements. */
function fittingEdge(a: NdArray, threshold: number, edgeItems: number): number {
  const shown = (edge: number) => a.shape.reduce((size, n) => size * Math.min(n, 2 * edge), 1);
  let edge = edgeItems;
  while (edge > 1 && shown(edge) > threshold) edge--;
  return edge;
}

/** The elements that are shown, in row-major order, read through the strides. */
function shownElements(a: NdArray, edge: number): number[] {
  const { buffer, strides, shape } = a;
  let at = a.size === 0 ? [] : [a.offset];
  for (let d = 0; d < shape.length; d++) {
    const steps = shownIndices(shape[d], edge).filter(i => i !== gap);
    at = at.flatMap(start => steps.map(i => start + i * strides[d]));
  }
  return at.map(i => buffer[i]);
}

function showElements(a: NdArray, values: number[], precision: number): string[] {
  if (a.dtype === 'bool') return values.map(value => (value === 0 ? 'false' : 'true'));
  if (a.dtype === 'int32') return values.map(String);
  return showFloats(values, precision);
}

/** Floats in the notation that suits all of them. A negative zero keeps its sign in each notation. */
function showFloats(values: number[], precision: number): string[] {
  const magnitudes = values.filter(value => Number.isFinite(value) && value !== 0).map(Math.abs);
  const largest = magnitudes.reduce((x, y) => Math.max(x, y), 0);
  const smallest = magnitudes.reduce((x, y) => Math.min(x, y), Infinity);
  const whole = magnitudes.every(Number.isInteger);
  const tiny = smallest < 10 ** -precision || largest < 10 ** (1 - precision);
  const scientific = largest >= 1e8 || (!whole && (tiny || largest / smallest >= 1e6));
  const show = (value: number) => {
    if (!Number.isFinite(value)) return String(value);
    const text = scientific ? value.toExponential(precision) : value.toFixed(whole ? 0 : precision);
    return Object.is(value, -0) ? `-${text}` : text;
  };
  return scientific ? alignExponents(values.map(show)) : values.map(show);
}

/** 1.5e-7 and 1.5e+100 as 1.5e-007 and 1.5e+100: as many digits in every exponent, two or more. */
function alignExponents(texts: string[]): string[] {
  const exponent = /(?<=e[+-])\d+$/;
  const digits = texts.reduce((most, text) => Math.max(most, exponent.exec(text)?.[0].length ?? 0), 2);
  return texts.map(text => text.replace(exponent, written => written.padStart(digits, '0')));
}
