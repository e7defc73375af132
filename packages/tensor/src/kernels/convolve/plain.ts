import { allocate, type TypedArray } from '../../dtype.ts';
import type { NdArray } from '../../ndarray.ts';
import type { Windows } from '../../shape/windows.ts';
import type { Multiply } from '../products.ts';
import { type Convolution, type ConvSizes, isPointwise, sizesOfConv, startX, startY } from './sizes.ts';

// Convolutions as products by any way to multiply, picture by picture: of all dtypes, without WebAssembly, and for what does
// not fit the scratch memory.

/** A tile of columns has about so many elements, and at least so many positions unless they are too many elements. */
const tileElements = 1 << 18;
const leastPositions = 256;
const mostElements = 1 << 24;

/** How many positions of a picture have their columns made at a time. */
function positionsOf({ planeY, depth: seen }: ConvSizes): number {
  const depth = Math.max(1, seen);
  const some = Math.max(leastPositions, Math.floor(tileElements / depth));
  const most = Math.max(1, Math.min(some, Math.floor(mostElements / depth)));
  return Math.ceil(planeY / Math.ceil(planeY / most));
}

/** Some positions of a picture, for one group. */
interface Tile {
  readonly image: number;
  readonly group: number;
  readonly first: number;
  readonly count: number;
}

/** A matrix in a buffer: where it begins, and how far its rows lie apart. Its columns follow each other. */
interface Matrix {
  readonly data: TypedArray;
  readonly at: number;
  readonly row: number;
}

/** What windows see of x at some positions, as columns: x itself where they see one element each. */
class Columns {
  readonly sizes: ConvSizes;
  readonly #x: NdArray;
  readonly #windows: Windows;
  readonly #columns: TypedArray | null;

  constructor(x: NdArray, sizes: ConvSizes, { windows }: Convolution) {
    this.sizes = sizes;
    this.#x = x;
    this.#windows = windows;
    this.#columns = isPointwise(windows) ? null : allocate(x.dtype, sizes.depth * positionsOf(sizes));
  }

  /** Room for the columns of a tile, [depth, count]. */
  at({ image, group, first, count }: Tile): Matrix {
    if (this.#columns !== null) return { data: this.#columns, at: 0, row: count };
    return { data: this.#x.buffer, at: startX(this.#x, this.sizes, image, group) + first, row: this.sizes.planeX };
  }

  /** The columns of a tile, made of x. */
  filled(tile: Tile): Matrix {
    const [columns, x] = [this.#columns, this.#x.buffer];
    if (columns !== null) {
      columns.fill(0, 0, this.sizes.depth * tile.count);
      this.#eachRun(tile, (o, p, n, step) => {
        for (let k = 0; k < n; k++, o++, p += step) columns[o] = x[p];
      });
    }
    return this.at(tile);
  }

  /** Adds the columns of a tile to x, each element to the one that it is of. */
  add(tile: Tile): void {
    const [columns, x] = [this.#columns, this.#x.buffer];
    if (columns === null) return;
    this.#eachRun(tile, (o, p, n, step) => {
      for (let k = 0; k < n; k++, o++, p += step) x[p] += columns[o];
    });
  }

  /**
   * Visits the runs of elements that lie `step` apart in x and follow each other in the columns: those of one row of windows
   * that one element of the kernel sees within the plane. What lies in the padding is passed over.
   */
  #eachRun({ image, group, first, count }: Tile, visit: (o: number, p: number, n: number, step: number) => void): void {
    const { input, output, kernel, stride, padding, dilation } = this.#windows;
    const [[H, W], [, outW], [sH, sW]] = [input, output, stride];
    const start = startX(this.#x, this.sizes, image, group);
    const last = first + count;
    let row = -first;
    for (let c = 0; c < this.sizes.channelsX; c++)
      for (let i = 0; i < kernel[0]; i++)
        for (let j = 0; j < kernel[1]; j++, row += count) {
          const left = j * dilation[1] - padding[1];
          const from = Math.max(0, Math.ceil(-left / sW));
          const to = Math.min(outW, Math.ceil((W - left) / sW));
          for (let y = Math.floor(first / outW); y * outW < last; y++) {
            const h = y * sH - padding[0] + i * dilation[0];
            if (h < 0 || h >= H) continue;
            const begin = Math.max(y * outW + from, first);
            const n = Math.min(y * outW + to, last) - begin;
            if (n > 0) visit(row + begin, start + (c * H + h) * W + left + (begin - y * outW) * sW, n, sW);
          }
        }
  }
}

/** Visits all positions in tiles; `again` says that the tile before was of the same group and size. */
function eachTile(sizes: ConvSizes, visit: (tile: Tile, again: boolean) => void): void {
  const { groups, images, planeY } = sizes;
  if (planeY === 0) return;
  const most = positionsOf(sizes);
  for (let group = 0; group < groups; group++) {
    let before = 0;
    for (let image = 0; image < images; image++)
      for (let first = 0; first < planeY; first += most) {
        const count = Math.min(most, planeY - first);
        visit({ image, group, first, count }, count === before);
        before = count;
      }
  }
}

/** `convInto` of contiguous arrays. */
export function plainConv(y: NdArray, x: NdArray, w: NdArray, convolution: Convolution, multiply: Multiply): void {
  const sizes = sizesOfConv(x, y, convolution);
  const { channelsY: M, depth: K, planeY } = sizes;
  const columns = new Columns(x, sizes, convolution);
  const shared = { M, K, out: y.buffer, rowOut: planeY, a: w.buffer, rowA: K, colA: 1, colB: 1, add: false };
  eachTile(sizes, (tile, again) => {
    const { data: b, at, row: rowB } = columns.filled(tile);
    const o = startY(y, sizes, tile.image, tile.group) + tile.first;
    multiply({ ...shared, N: tile.count, b, rowB }, o, w.offset + tile.group * M * K, at, again, false);
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
  const sizes = sizesOfConv(x, y, convolution);
  const { channelsY: K, depth: M, planeY } = sizes;
  const columns = new Columns(x, sizes, convolution);
  x.buffer.fill(0, x.offset, x.offset + x.size);
  const shared = { M, K, a: w.buffer, rowA: 1, colA: M, b: y.buffer, rowB: planeY, colB: 1, add: false };
  eachTile(sizes, (tile, again) => {
    const { data: out, at, row: rowOut } = columns.at(tile);
    const q = startY(y, sizes, tile.image, tile.group) + tile.first;
    multiply({ ...shared, N: tile.count, out, rowOut }, at, w.offset + tile.group * M * K, q, again, false);
    columns.add(tile);
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
  const sizes = sizesOfConv(x, y, convolution);
  const { channelsY: M, depth: N, planeY } = sizes;
  const columns = new Columns(x, sizes, convolution);
  weight.buffer.fill(0, weight.offset, weight.offset + weight.size);
  const shared = { M, N, out: weight.buffer, rowOut: N, a: y.buffer, rowA: planeY, colA: 1, rowB: 1, add: true };
  eachTile(sizes, tile => {
    const { data: b, at, row: colB } = columns.filled(tile);
    const p = startY(y, sizes, tile.image, tile.group) + tile.first;
    multiply({ ...shared, K: tile.count, b, colB }, weight.offset + tile.group * M * N, p, at, false, false);
  });
}
