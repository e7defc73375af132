import { allocate, type TypedArray } from '../../dtype.ts';
import type { NdArray } from '../../ndarray.ts';
import type { Windows } from '../../shape/windows.ts';
import type { Multiply } from '../products.ts';
import { type Convolution, type ConvSizes, isPointwise, sizesOfConv, startX, startY } from './sizes.ts';

/** A tile of columns has about so many elements, and (for products of many rows) at least so many positions if they fit. */
const tileElements = 1 << 18;
const leastPositions = 256;
const mostElements = 1 << 24;

/** Positions from `first` on, `count` of them, of each of some images. */
interface Tile {
  readonly image: number;
  readonly images: number;
  readonly first: number;
  readonly count: number;
}

/** The positions of all images in tiles: of a part of an image, or of several whole ones where they are small. */
function tilesOf({ images, planeY, depth }: ConvSizes): Tile[] {
  const most = Math.max(
    1,
    Math.min(Math.max(leastPositions, Math.floor(tileElements / depth)), Math.floor(mostElements / depth)),
  );
  const tiles: Tile[] = [];
  const together = Math.max(1, Math.floor(leastPositions / planeY));
  if (together > 1 && planeY <= most) {
    const step = Math.min(together, Math.floor(most / planeY));
    for (let image = 0; image < images; image += step)
      tiles.push({ image, images: Math.min(step, images - image), first: 0, count: planeY });
    return tiles;
  }
  const count = Math.ceil(planeY / Math.ceil(planeY / most));
  for (let image = 0; image < images; image++)
    for (let first = 0; first < planeY; first += count)
      tiles.push({ image, images: 1, first, count: Math.min(count, planeY - first) });
  return tiles;
}

/** A matrix in a buffer: where it begins, and how far its rows lie apart. Its columns follow each other. */
interface Matrix {
  readonly data: TypedArray;
  readonly at: number;
  readonly row: number;
}

/**
 * What a tile is worked on with: the columns of x and the rows of y, for one group. Both are found where they are, or gathered
 * in buffers that are used again for every tile.
 */
class Tiles {
  readonly sizes: ConvSizes;
  readonly #windows: Windows;
  readonly #tiles: readonly Tile[];
  readonly #columns: TypedArray | null;
  readonly #rows: TypedArray | null;

  constructor(x: NdArray, y: NdArray, convolution: Convolution) {
    const sizes = sizesOfConv(x, y, convolution);
    this.sizes = sizes;
    this.#windows = convolution.windows;
    this.#tiles = sizes.planeY === 0 ? [] : tilesOf(sizes);
    const longest = this.#tiles.reduce((n, { images, count }) => Math.max(n, images * count), 0);
    const gathers = this.#tiles.some(({ images }) => images > 1);
    this.#columns = isPointwise(convolution.windows) && !gathers ? null : allocate(x.dtype, sizes.depth * longest);
    this.#rows = gathers ? allocate(y.dtype, sizes.channelsY * longest) : null;
  }

  /** Visits every tile of every group; `again` says that the tile before it was of the same group and size. */
  each(visit: (tile: Tile, group: number, width: number, again: boolean) => void): void {
    for (let group = 0; group < this.sizes.groups; group++) {
      let before = 0;
      for (const tile of this.#tiles) {
        const width = tile.images * tile.count;
        visit(tile, group, width, width === before);
        before = width;
      }
    }
  }

  /** The columns of a tile: [depth, width]. */
  columns(x: NdArray, tile: Tile, group: number, width: number): Matrix {
    const { image, images, first, count } = tile;
    const columns = this.#columns;
    if (columns === null)
      return { data: x.buffer, at: startX(x, this.sizes, image, group) + first, row: this.sizes.planeX };
    const from = x.buffer;
    columns.fill(0, 0, this.sizes.depth * width);
    for (let i = 0; i < images; i++)
      eachRun(
        this.#windows,
        this.sizes.channelsX,
        width,
        first,
        count,
        (o, p, n, step) => {
          for (let k = 0; k < n; k++, o++, p += step) columns[o] = from[p];
        },
        i * count,
        startX(x, this.sizes, image + i, group),
      );
    return { data: columns, at: 0, row: width };
  }

  /** Room for the columns of a tile, to be written; `addColumns` adds them to x. */
  columnsToWrite(x: NdArray, tile: Tile, group: number, width: number): Matrix {
    if (this.#columns !== null) return { data: this.#columns, at: 0, row: width };
    return { data: x.buffer, at: startX(x, this.sizes, tile.image, group) + tile.first, row: this.sizes.planeX };
  }

  /** Adds the columns that were written to x, each element to the one that it is of. */
  addColumns(x: NdArray, { image, images, first, count }: Tile, group: number, width: number): void {
    const columns = this.#columns;
    if (columns === null) return;
    const to = x.buffer;
    for (let i = 0; i < images; i++)
      eachRun(
        this.#windows,
        this.sizes.channelsX,
        width,
        first,
        count,
        (o, p, n, step) => {
          for (let k = 0; k < n; k++, o++, p += step) to[p] += columns[o];
        },
        i * count,
        startX(x, this.sizes, image + i, group),
      );
  }

  /** The rows of a tile of y: [channels, width]. */
  rows(y: NdArray, tile: Tile, group: number, width: number): Matrix {
    const matrix = this.rowsToWrite(y, tile, group, width);
    if (matrix.data !== y.buffer)
      this.#eachRow(y, tile, group, width, (o, p, n) => matrix.data.set(y.buffer.subarray(p, p + n), o));
    return matrix;
  }

  /** Room for the rows of a tile of y, to be written; `putRows` puts them there. */
  rowsToWrite(y: NdArray, { image, images, first }: Tile, group: number, width: number): Matrix {
    if (images > 1) return { data: this.#rows!, at: 0, row: width };
    return { data: y.buffer, at: startY(y, this.sizes, image, group) + first, row: this.sizes.planeY };
  }

  putRows(y: NdArray, tile: Tile, group: number, width: number): void {
    const rows = this.#rows;
    if (rows !== null && tile.images > 1)
      this.#eachRow(y, tile, group, width, (o, p, n) => y.buffer.set(rows.subarray(o, o + n), p));
  }

  /** Where the elements of each channel of each image lie among the rows of a tile, and in y. */
  #eachRow(
    y: NdArray,
    { image, images, count }: Tile,
    group: number,
    width: number,
    visit: (o: number, p: number, n: number) => void,
  ): void {
    const { channelsY, planeY } = this.sizes;
    for (let i = 0; i < images; i++)
      for (let c = 0; c < channelsY; c++)
        visit(c * width + i * count, startY(y, this.sizes, image + i, group) + c * planeY, count);
  }
}

/**
 * Visits the runs of elements that lie `step` apart in x and follow each other in the columns: those of one row of windows
 * that one element of the kernel sees within the plane. What lies in the padding is passed over.
 */
function eachRun(
  {
    input: [H, W],
    output: [, outW],
    kernel: [kH, kW],
    stride: [sH, sW],
    padding: [pH, pW],
    dilation: [dH, dW],
  }: Windows,
  channels: number,
  width: number,
  first: number,
  count: number,
  visit: (o: number, p: number, n: number, step: number) => void,
  at: number,
  start: number,
): void {
  const last = first + count;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < kH; i++)
      for (let j = 0; j < kW; j++) {
        const left = j * dW - pW;
        const from = Math.max(0, Math.ceil(-left / sW));
        const to = Math.min(outW, Math.ceil((W - left) / sW));
        const row = ((c * kH + i) * kW + j) * width + at - first;
        for (let position = first, y = Math.floor(first / outW); position < last; y++, position = y * outW) {
          const h = y * sH - pH + i * dH;
          if (h < 0 || h >= H) continue;
          const begin = Math.max(y * outW + from, position);
          const n = Math.min(y * outW + to, last) - begin;
          if (n > 0) visit(row + begin, start + (c * H + h) * W + left + (begin - y * outW) * sW, n, sW);
        }
      }
}

/** `convInto` of contiguous arrays. */
export function plainConv(y: NdArray, x: NdArray, w: NdArray, convolution: Convolution, multiply: Multiply): void {
  const tiles = new Tiles(x, y, convolution);
  const { channelsY: M, depth: K } = tiles.sizes;
  const shared = { M, K, a: w.buffer, rowA: K, colA: 1, colB: 1, add: false };
  tiles.each((tile, group, width, again) => {
    const columns = tiles.columns(x, tile, group, width);
    const rows = tiles.rowsToWrite(y, tile, group, width);
    const factors = { ...shared, N: width, out: rows.data, rowOut: rows.row, b: columns.data, rowB: columns.row };
    multiply(factors, rows.at, w.offset + group * M * K, columns.at, again, false);
    tiles.putRows(y, tile, group, width);
  });
}

/** `convTransposeInto` of contiguous arrays. */
export function plainConvTranspose(
  x: NdArray,
  y: NdArray,
  w: NdArray,
  convolution: Convolution,
  multiply: Multiply,
): void {
  const tiles = new Tiles(x, y, convolution);
  const { channelsY: K, depth: M } = tiles.sizes;
  x.buffer.fill(0, x.offset, x.offset + x.size);
  const shared = { M, K, a: w.buffer, rowA: 1, colA: M, colB: 1, add: false };
  tiles.each((tile, group, width, again) => {
    const rows = tiles.rows(y, tile, group, width);
    const columns = tiles.columnsToWrite(x, tile, group, width);
    const factors = { ...shared, N: width, out: columns.data, rowOut: columns.row, b: rows.data, rowB: rows.row };
    multiply(factors, columns.at, w.offset + group * M * K, rows.at, again, false);
    tiles.addColumns(x, tile, group, width);
  });
}

/** `convWeightInto` of contiguous arrays. */
export function plainConvWeight(
  weight: NdArray,
  x: NdArray,
  y: NdArray,
  convolution: Convolution,
  multiply: Multiply,
): void {
  const tiles = new Tiles(x, y, convolution);
  const { channelsY: M, depth: N } = tiles.sizes;
  weight.buffer.fill(0, weight.offset, weight.offset + weight.size);
  const shared = { M, N, out: weight.buffer, rowOut: N, colA: 1, rowB: 1, add: true };
  tiles.each((tile, group, width) => {
    const columns = tiles.columns(x, tile, group, width);
    const rows = tiles.rows(y, tile, group, width);
    const factors = { ...shared, K: width, a: rows.data, rowA: rows.row, b: columns.data, colB: columns.row };
    multiply(factors, weight.offset + group * M * N, rows.at, columns.at, false, false);
  });
}
