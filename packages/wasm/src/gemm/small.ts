import { repeat } from '../assembler/control.ts';
import type { Code } from '../assembler/encode.ts';
import { f32x4, i32, v128 } from '../assembler/instructions.ts';
import { type Callable, call, type FunctionBuilder, type Local, type ModuleBuilder } from '../assembler/module.ts';
import { advance, i32s, integers, multiplyAdd, tileOf, transpose4, values, vectorsOf } from './code.ts';

export interface SmallMatmulOptions {
  /** The sizes, each 1 at least: C is [M, N], A [M, K] and B [K, N]. */
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Bytes from row to row and from column to column, 0 at least. */
  readonly rowA: number;
  readonly colA: number;
  readonly rowB: number;
  readonly colB: number;
  readonly rowC: number;
  /** How many products are summed. */
  readonly pieces: number;
  /** C += instead of C =. */
  readonly accumulate: boolean;
  readonly fma: boolean;
}

/** Above this many pieces each is added by itself, so that the code does not become long. */
const mostPieces = 8;

/**
 * Whether `emitSmallMatmul` is better than packing for a product of [M, K] and [K, N]: with contiguous rows of B as long as
 * B stays in the L2 cache, or A has few rows; otherwise, since B is then put in order again for each few rows of A, only for
 * little of it. Wide engines gain more from packing.
 */
export function isSmall(M: number, N: number, K: number, { colB = 4, wide = false } = {}): boolean {
  if (colB !== 4 && N > 1) return M * N * K <= 2048 || (M <= 2 && K * N <= 1 << 15);
  if (M <= (wide ? 4 : 8)) return K * N <= 1 << 20;
  return wide ? M * N * K <= 1 << 14 : K * N <= 1 << 15;
}

/**
 * Adds a function `(C, A_1, B_1, A_2, B_2, …)`: C = A_1 B_1 + …, for small matrices of sizes known beforehand. Nothing is
 * packed: A and B are read where they are, and sums stay in registers. Up to 12 bytes behind B and C are read too, which
 * must lie in the memory; nothing beside C is written.
 */
export function emitSmallMatmul(m: ModuleBuilder, options: SmallMatmulOptions): Callable {
  const { pieces, accumulate } = options;
  if (pieces <= mostPieces) return emitProducts(m, options);
  const further = emitProducts(m, { ...options, pieces: 1, accumulate: true });
  const first = accumulate ? further : emitProducts(m, { ...options, pieces: 1 });
  return m.function(null, i32s(1 + 2 * pieces), [], (_, C, ...operands) =>
    Array.from({ length: pieces }, (_, i) =>
      call(i === 0 ? first : further, ...values(C, operands[2 * i], operands[2 * i + 1])),
    ),
  );
}

/** C as a row when it is a column that lies in memory as one: (A b)^T = b^T A^T. */
const asRow = (o: SmallMatmulOptions): SmallMatmulOptions => ({
  ...o,
  M: 1,
  N: o.M,
  rowA: o.colB,
  colA: o.rowB,
  rowB: o.colA,
  colB: o.rowA,
});

function emitProducts(m: ModuleBuilder, options: SmallMatmulOptions): Callable {
  const turned = options.N === 1 && options.M > 1 && options.rowC === 4;
  const sizes = turned ? asRow(options) : options;
  return m.function(null, i32s(1 + 2 * options.pieces), [], (f, C, ...operands) => {
    const [evens, odds] = [0, 1].map(half => operands.filter((_, i) => i % 2 === half));
    return products(f, sizes, C, turned ? odds : evens, turned ? evens : odds);
  });
}

/** Tile by tile, row by row of tiles. */
function products(f: FunctionBuilder, sizes: SmallMatmulOptions, C: Local, As: Local[], Bs: Local[]): Code {
  const { M, N, rowA, colB, rowC } = sizes;
  const [mostRows, mostVectors] = tileSize(sizes);
  const tile = tileWriter(f, sizes, mostRows, mostVectors);
  const bs = integers(f, Bs.length);
  const [c, down, across] = integers(f, 3);
  return splitEvenly(M, mostRows).map(([count, rows]) =>
    times(down, count, [
      c.set(C.get),
      bs.map((b, i) => b.set(Bs[i].get)),
      split(N, 4 * mostVectors).map(([count, columns]) =>
        times(across, count, [
          tile(rows, columns, c, As, bs),
          advance(c, 4 * columns),
          bs.map(b => advance(b, columns * colB)),
        ]),
      ),
      As.map(A => advance(A, rows * rowA)),
      advance(C, rows * rowC),
    ]),
  );
}

/** Rows and vectors of a tile of C: about eight sums should be under way. */
function tileSize({ M, N, colB, fma }: SmallMatmulOptions): [rows: number, vectors: number] {
  if (colB !== 4) return M <= 2 ? [M, 2] : [fma ? 8 : 6, 1];
  if (M <= 2) return [M, 8 / M];
  return N <= 4 ? [8, 1] : [4, 2];
}

function times(counter: Local, count: number, body: Code): Code {
  if (count === 0) return [];
  return count === 1 ? body : repeat(counter, i32.const(count), body);
}

/** [count, size] of parts of at most `most`, whose sizes differ by one at most. */
function splitEvenly(total: number, most: number): [count: number, size: number][] {
  const parts = Math.ceil(total / most);
  const size = Math.floor(total / parts);
  const longer = total - size * parts;
  return (
    [
      [longer, size + 1],
      [parts - longer, size],
    ] as [number, number][]
  ).filter(([count]) => count > 0);
}

/** The same with parts of `most`, and one for the rest. */
const split = (total: number, most: number): [count: number, size: number][] =>
  (
    [
      [Math.floor(total / most), most],
      [1, total % most],
    ] as [number, number][]
  ).filter(([n, size]) => n * size > 0);

/** Writes the code of one tile; `c`, `As` and `bs` hold the addresses of its parts of the matrices. */
function tileWriter(f: FunctionBuilder, sizes: SmallMatmulOptions, mostRows: number, mostVectors: number) {
  const { K, rowA, colA, rowB, rowC, accumulate, fma } = sizes;
  const allSums = tileOf(f, mostRows, mostVectors);
  const x = f.local('v128');
  const [p, q, k] = integers(f, 3);
  const { read, atOnce } = readerOf(f, sizes, mostVectors);

  return (rows: number, columns: number, c: Local, As: Local[], bs: Local[]): Code => {
    const sums = allSums.slice(0, rows).map(line => line.slice(0, Math.ceil(columns / 4)));
    const eachVector = (code: (sum: Local, row: number, vector: number) => Code): Code =>
      sums.map((line, i) => line.map((sum, j) => code(sum, i, j)));
    const steps = (a: Local, b: Local, n: number): Code =>
      read(b, columns, n, (step, firstVector, ys) =>
        sums.map((line, i) => [
          x.set(v128.load32Splat(a.get, i * rowA + step * colA)),
          ys.map((y, j) => {
            const sum = line[firstVector + j];
            return sum.set(multiplyAdd(fma, x.get, y.get, sum.get));
          }),
        ]),
      );
    const product = (a: Local, b: Local): Code => [
      p.set(a.get),
      q.set(b.get),
      times(k, Math.floor(K / atOnce), [steps(p, q, atOnce), advance(p, atOnce * colA), advance(q, atOnce * rowB)]),
      K % atOnce > 0 ? steps(p, q, K % atOnce) : [],
    ];
    return [
      eachVector((sum, i, j) => sum.set(accumulate ? v128.load(c.get, i * rowC + 16 * j) : f32x4.const(0))),
      As.map((a, i) => product(a, bs[i])),
      eachVector((sum, i, j) => storeLanes(c, sum, columns - 4 * j, i * rowC + 16 * j)),
    ];
  };
}

/** Writes the first `lanes` lanes of a vector, four at most. */
function storeLanes(address: Local, value: Local, lanes: number, offset: number): Code {
  if (lanes >= 4) return v128.store(address.get, value.get, offset);
  if (lanes === 1) return v128.store32Lane(address.get, value.get, 0, offset);
  const two = v128.store64Lane(address.get, value.get, 0, offset);
  return lanes === 2 ? two : [two, v128.store32Lane(address.get, value.get, 2, offset + 8)];
}

/** What is done with vectors of a row of B: the step of the inner dim, which vector of the tile is the first, and they. */
type UseOfRow = (step: number, firstVector: number, ys: readonly Local[]) => Code;

/** Reads rows of B, of which `columns` columns are wanted. */
interface Reader {
  /** How many steps of the inner dim are best made at once. */
  readonly atOnce: number;
  /** Code that reads n rows from `b` on, `atOnce` at most, and uses them. */
  read(b: Local, columns: number, n: number, use: UseOfRow): Code;
}

function readerOf(f: FunctionBuilder, { N, rowB, colB }: SmallMatmulOptions, mostVectors: number): Reader {
  if (colB === 4 || N === 1) return rowReader(f, mostVectors);
  return rowB === 4 ? columnReader(f, colB) : numberReader(f, colB);
}

const vectorsFor = (columns: number): number[] => Array.from({ length: Math.ceil(columns / 4) }, (_, j) => j);

function rowReader(f: FunctionBuilder, mostVectors: number): Reader {
  const all = vectorsOf(f, mostVectors);
  return {
    atOnce: 1,
    read: (b, columns, _, use) => {
      const ys = vectorsFor(columns).map(j => all[j]);
      return [ys.map((y, j) => y.set(v128.load(b.get, 16 * j))), use(0, 0, ys)];
    },
  };
}

/** Columns of B that lie in memory as rows are transposed in squares of four by four. */
function columnReader(f: FunctionBuilder, colB: number): Reader {
  const square = vectorsOf(f, 4);
  const transposed = transpose4(f)(square);
  const y = f.local('v128');
  return {
    atOnce: 4,
    read: (b, columns, n, use) =>
      vectorsFor(columns).map(j => [
        square.map((line, i) => line.set(v128.load(b.get, Math.min(4 * j + i, columns - 1) * colB))),
        transposed.code,
        transposed.columns.slice(0, n).map((column, step) => [y.set(column), use(step, j, [y])]),
      ]),
  };
}

/** With any strides vectors are put together number by number. */
function numberReader(f: FunctionBuilder, colB: number): Reader {
  const y = f.local('v128');
  return {
    atOnce: 1,
    read: (b, columns, _, use) =>
      vectorsFor(columns).map(j => [
        y.set(v128.load32Zero(b.get, 4 * j * colB)),
        [1, 2, 3]
          .filter(lane => 4 * j + lane < columns)
          .map(lane => y.set(v128.load32Lane(b.get, y.get, lane, (4 * j + lane) * colB))),
        use(0, j, [y]),
      ]),
  };
}
