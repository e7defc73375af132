import type { NumericArray } from '../dtype.ts';
import { FormatError, ShapeError } from '../errors.ts';
import type { Shape } from './shape.ts';
import type { Unknown } from './types.ts';

/** Numbers or booleans, nested as deep as the tensor has dims. */
export type Data = number | boolean | readonly Data[];

/** The shape of nested arrays, which must not be ragged. */
export function shapeOfData(data: Data): Shape {
  const shape: number[] = [];
  for (let row: unknown = data; Array.isArray(row); row = row[0]) shape.push(row.length);
  checkData(data, shape, []);
  return shape;
}

/** `data` lies at `place` and must have the sizes of `shape` from there on. */
function checkData(data: unknown, shape: Shape, place: number[]): void {
  const depth = place.length;
  if (depth === shape.length) {
    if (typeof data === 'number' || typeof data === 'boolean') return;
    throw Array.isArray(data) ? raggedData(data, shape, place) : notData(data, place);
  }
  if (!Array.isArray(data)) throw isElement(data) ? raggedData(data, shape, place) : notData(data, place);
  if (data.length !== shape[depth]) throw raggedData(data, shape, place);
  for (let i = 0; i < data.length; i++) {
    place[depth] = i;
    checkData(data[i], shape, place);
  }
  place.length = depth;
}

const isElement = (data: unknown): boolean => typeof data === 'number' || typeof data === 'boolean';

/** `data` against the first entry of its depth, which `shape` was taken from. */
function raggedData(data: unknown, shape: Shape, place: readonly number[]): ShapeError {
  const size = shape[place.length];
  const here = Array.isArray(data) ? `has ${data.length} elements` : `is a ${typeof data}`;
  const there = size === undefined ? 'is one element' : `has ${size}`;
  const first = showPlace(place.map(() => 0));
  return new ShapeError(`tensor: ragged data, ${showPlace(place)} ${here} where ${first} ${there}`);
}

function notData(data: unknown, place: readonly number[]): FormatError {
  const got = data === null ? 'null' : typeof data === 'object' ? (data.constructor?.name ?? 'an object') : typeof data;
  const where = place.length === 0 ? '' : ` at ${showPlace(place)}`;
  const cure = place.length > 0 && got === 'Tensor' ? '; join tensors with stack' : '';
  return new FormatError(`tensor: expected a number or boolean${where}, got ${got}${cure}`);
}

const showPlace = (place: readonly number[]): string => place.map(i => `[${i}]`).join('');

/** The shape of nested arrays: exact for literals, `number`s for arrays whose lengths are not known. */
export type DataShape<D> = 0 extends 1 & D
  ? Unknown
  : D extends number | boolean
    ? []
    : D extends NumericArray
      ? [number]
      : D extends readonly []
        ? [0]
        : D extends readonly (infer Row)[]
          ? number extends D['length']
            ? [number, ...DataShape<Row>]
            : [D['length'], ...DataShape<D[0]>]
          : Unknown;
