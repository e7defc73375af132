import type { TypedArray } from '../../dtype.ts';
import type { NdArray } from '../../ndarray.ts';
import type { Windows } from '../../shape/windows.ts';
import { scratch } from '../scratch.ts';
import { type Kernel, kernelOf } from '../staged.ts';
import { type Convolution, type ConvSizes, isPointwise, sizesOfConv, startX, startY } from './sizes.ts';

// Convolutions in the scratch memory: pictures are copied in with their padding around them, and their columns are made, and
// multiplied, where they are. A tile is some rows of windows of one picture, or several small pictures.

/** A tile of columns has about so many elements, and at least so many positions. */
const tileElements = 1 << 17;
const leastPositions = 256;
/** What lies behind each row of the columns, where vectors may reach. */
const slack = 4;

/** What lies where in the scratch memory, in elements, and how large a tile is. */
interface Stage {
  readonly kernel: Kernel;
  readonly windows: Windows;
  readonly sizes: ConvSizes;
  /** The sizes of a plane of x with its padding. */
  readonly height: number;
  readonly width: number;
  /** Pictures, and rows of windows, of a tile. */
  readonly together: number;
  readonly rows: number;
  /** Elements from one row of the columns to the next. */
  readonly row: number;
  readonly weights: number;
  readonly pictures: number;
  readonly products: number;
  readonly columns: number;
}

/** The stage for a convolution; null where it does not fit into the memory, or needs no columns. */
function stageOf(x: NdArray, y: NdArray, weight: NdArray, convolution: Convolution): Stage | null {
  const kernel = [x, y, weight].every(({ dtype }) => dtype === 'float32') ? kernelOf(scratch()) : null;
  const { windows } = convolution;
  if (kernel === null || x.size === 0 || y.size === 0 || weight.size === 0) return null;
  const sizes = sizesOfConv(x, y, convolution);
  if (isPointwise(windows) && sizes.planeY >= leastPositions) return null; // The columns are x itself.
  const [height, width] = [0, 1].map(
    d => (windows.output[d] - 1) * windows.stride[d] + (windows.kernel[d] - 1) * windows.dilation[d] + 1,
  );
  const positions = Math.max(leastPositions, Math.floor(tileElements / sizes.depth));
  const [down, across] = windows.output;
  const together = Math.min(sizes.images, Math.max(1, Math.floor(leastPositions / sizes.planeY)));
  const most = Math.min(down, Math.max(1, Math.floor(positions / across)));
  const rows = together > 1 ? down : Math.ceil(down / Math.ceil(down / most));
  const count = together * rows * across;
  const row = count + slack;
  const weights = 0;
  const pictures = sizes.channelsY * sizes.depth;
  const products = pictures + together * sizes.channelsX * height * width + slack;
  const columns = products + sizes.channelsY * count;
  if (columns + sizes.depth * row > kernel.room) return null;
  return { kernel, windows, sizes, height, width, together, rows, row, weights, pictures, products, columns };
}

/** Some pictures and rows of windows, and whether these are the first or the last of their pictures. */
interface Tile {
  readonly image: number;
  readonly images: number;
  readonly first: number;
  readonly rows: number;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Visits the tiles of one group. */
function eachTile({ sizes, windows, together, rows }: Stage, visit: (tile: Tile) => void): void {
  const down = windows.output[0];
  for (let image = 0; image < sizes.images; image += together)
    for (let first = 0; first < down; first += rows)
      visit({
        image,
        images: Math.min(together, sizes.images - image),
        first,
        rows: Math.min(rows, down - first),
        begins: first === 0,
        ends: first + rows >= down,
      });
}

/** Visits the rows of the planes of some pictures: where they lie in x and, padded, in the scratch memory. */
function eachRow(
  { windows, sizes, height, width, pictures }: Stage,
  x: NdArray,
  { image, images }: Tile,
  group: number,
  visit: (p: number, o: number, n: number) => void,
): void {
  const { input, padding } = windows;
  const { channelsX, planeX } = sizes;
  const n = Math.min(input[1], width - padding[1]);
  const last = Math.min(input[0], height - padding[0]);
  for (let i = 0; i < images; i++)
    for (let c = 0; c < channelsX; c++) {
      let p = startX(x, sizes, image + i, group) + c * planeX;
      let o = pictures + ((i * channelsX + c) * height + padding[0]) * width + padding[1];
      for (let h = 0; h < last; h++, p += input[1], o += width) visit(p, o, n);
    }
}

/** Copies pictures in, with zeros around them. */
function copyPictures(stage: Stage, x: NdArray, tile: Tile, group: number): void {
  const { kernel, sizes, windows, height, width, pictures } = stage;
  const { floats } = kernel;
  const from = x.buffer;
  const size = tile.images * sizes.channelsX * height * width;
  const isWhole = height === windows.input[0] && width === windows.input[1] && sizes.groups === 1;
  if (isWhole && windows.padding[0] === 0 && windows.padding[1] === 0) {
    const p = startX(x, sizes, tile.image, group);
    floats.set(from.subarray(p, p + size), pictures);
    return;
  }
  floats.fill(0, pictures, pictures + size);
  eachRow(stage, x, tile, group, (p, o, n) => copy(floats, o, from, p, n));
}

/** From so many elements on the engine copies faster than a loop. */
const longCopy = 64;

function copy(to: TypedArray, o: number, from: TypedArray, p: number, n: number): void {
  if (n >= longCopy) to.set(from.subarray(p, p + n), o);
  else for (let i = 0; i < n; i++) to[o + i] = from[p + i];
}

/** Makes the columns of a tile, or adds them to the pictures. */
function walkColumns(stage: Stage, walk: Kernel['fillColumns'], { images, first, rows }: Tile): void {
  const { windows, sizes, height, width, row, pictures, columns } = stage;
  const { output, kernel, stride, dilation } = windows;
  const picture = sizes.channelsX * height * width;
  for (let i = 0; i < images; i++)
    walk(
      4 * (columns + i * rows * output[1]),
      4 * (pictures + i * picture + first * stride[0] * width),
      sizes.channelsX,
      kernel[0],
      kernel[1],
      rows,
      output[1],
      4 * height * width,
      4 * dilation[0] * width,
      4 * dilation[1],
      4 * stride[0] * width,
      4 * stride[1],
      4 * row,
    );
}

/** Copies the elements of y that belong to a tile in or out: [channels, positions of all its pictures]. */
function copyProducts(stage: Stage, y: NdArray, tile: Tile, group: number, inward: boolean): void {
  const { sizes, windows, products, kernel } = stage;
  const { floats } = kernel;
  const { channelsY, planeY } = sizes;
  const { image, images, first, rows } = tile;
  const n = rows * windows.output[1];
  const width = images * n;
  const transfer = (p: number, o: number, n: number): void => {
    if (inward) copy(floats, o, y.buffer, p, n);
    else copy(y.buffer, p, floats, o, n);
  };
  if (width === planeY) transfer(startY(y, sizes, image, group), products, channelsY * planeY);
  else
    for (let i = 0; i < images; i++)
      for (let c = 0; c < channelsY; c++)
        transfer(
          startY(y, sizes, image + i, group) + c * planeY + first * windows.output[1],
          products + c * width + i * n,
          n,
        );
}

function copyWeights({ sizes, weights, kernel }: Stage, weight: NdArray, group: number): void {
  const n = sizes.channelsY * sizes.depth;
  const p = weight.offset + group * n;
  kernel.floats.set(weight.buffer.subarray(p, p + n), weights);
}

const widthOf = ({ windows }: Stage, { images, rows }: Tile): number => images * rows * windows.output[1];

/** `convInto` of contiguous float32, where it fits the scratch memory; else false, and nothing is done. */
export function stagedConv(y: NdArray, x: NdArray, weight: NdArray, convolution: Convolution): boolean {
  const stage = stageOf(x, y, weight, convolution);
  if (stage === null) return false;
  const { kernel, sizes, weights, products, columns, row } = stage;
  const { channelsY: M, depth: K, groups } = sizes;
  for (let group = 0; group < groups; group++) {
    copyWeights(stage, weight, group);
    eachTile(stage, tile => {
      const N = widthOf(stage, tile);
      if (tile.begins) copyPictures(stage, x, tile, group);
      walkColumns(stage, kernel.fillColumns, tile);
      kernel.gemm(M, N, K, 4 * weights, 4 * K, 4, 4 * columns, 4 * row, 4, 4 * products, 4 * N, 0);
      copyProducts(stage, y, tile, group, false);
    });
  }
  return true;
}

/** `convTransposeInto` of contiguous float32, where it fits the scratch memory; else false, and nothing is done. */
export function stagedConvTranspose(x: NdArray, y: NdArray, weight: NdArray, convolution: Convolution): boolean {
  const stage = stageOf(x, y, weight, convolution);
  if (stage === null) return false;
  const { kernel, sizes, height, width, weights, pictures, products, columns, row } = stage;
  const { channelsX, channelsY: K, depth: M, groups } = sizes;
  const { floats } = kernel;
  x.buffer.fill(0, x.offset, x.offset + x.size);
  for (let group = 0; group < groups; group++) {
    copyWeights(stage, weight, group);
    eachTile(stage, tile => {
      const N = widthOf(stage, tile);
      if (tile.begins) floats.fill(0, pictures, pictures + tile.images * channelsX * height * width);
      copyProducts(stage, y, tile, group, true);
      kernel.gemm(M, N, K, 4 * weights, 4, 4 * M, 4 * products, 4 * N, 4, 4 * columns, 4 * row, 0);
      walkColumns(stage, kernel.addColumns, tile);
      if (tile.ends) eachRow(stage, x, tile, group, (p, o, n) => copy(x.buffer, p, floats, o, n));
    });
  }
  return true;
}

/** `convWeightInto` of contiguous float32, where it fits the scratch memory; else false, and nothing is done. */
export function stagedConvWeight(weight: NdArray, x: NdArray, y: NdArray, convolution: Convolution): boolean {
  const stage = stageOf(x, y, weight, convolution);
  if (stage === null) return false;
  const { kernel, sizes, weights, products, columns, row } = stage;
  const { channelsY: M, depth: N, groups } = sizes;
  for (let group = 0; group < groups; group++) {
    let add = 0;
    eachTile(stage, tile => {
      const K = widthOf(stage, tile);
      if (tile.begins) copyPictures(stage, x, tile, group);
      walkColumns(stage, kernel.fillColumns, tile);
      copyProducts(stage, y, tile, group, true);
      kernel.gemm(M, N, K, 4 * products, 4 * K, 4, 4 * columns, 4, 4 * row, 4 * weights, 4 * N, add);
      add = 1;
    });
    copy(weight.buffer, weight.offset + group * M * N, kernel.floats, weights, M * N);
  }
  return true;
}
