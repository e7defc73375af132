import { block, br, brIf, loop, repeat, when } from '../assembler/control.ts';
import type { Code } from '../assembler/encode.ts';
import { i32, v128 } from '../assembler/instructions.ts';
import { type Callable, call, type Local, type ModuleBuilder } from '../assembler/module.ts';
import { advance, eachVector, i32s, integers, multiplyAdd, tileOf, values, vectorsOf } from './code.ts';

/** A tile of C: rows, and columns, which are full vectors or 1. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** The tiles that C is cut into, in their order: large ones as long as they fit. */
const shapes: readonly Tile[][] = [
  [8, 4, 1].map(columns => ({ rows: 4, columns })),
  [32, 8, 4, 1].map(columns => ({ rows: 1, columns })),
];

/**
 * Adds `unpacked(M, N, K, A, rowA, colA, B, rowB, C, rowC, accumulate)`: C = A B, or C += A B, from operands as they lie in
 * memory, which is faster than packing them when they are small or A has few rows. The columns of B and C follow each
 * other. K is 1 at least.
 */
export function emitUnpacked(m: ModuleBuilder, fma: boolean): Callable {
  const strips = shapes.map(tiles => ({
    rows: tiles[0].rows,
    tiles: tiles.map(({ rows, columns }) => ({ columns, code: emitUnpackedTile(m, fma, rows, columns) })),
  }));
  return m.function(null, i32s(11), [], (f, M, N, K, A, rowA, colA, B, rowB, C, rowC, accumulate) => {
    const [left, b, c] = integers(f, 3);
    return strips.map(({ rows, tiles }) =>
      asLongAs(M, rows, [
        left.set(N.get),
        b.set(B.get),
        c.set(C.get),
        tiles.map(({ columns, code }) =>
          asLongAs(left, columns, [
            call(code, ...values(K, A, rowA, colA, b, rowB, c, rowC, accumulate)),
            advance(b, 4 * columns),
            advance(c, 4 * columns),
          ]),
        ),
        advance(A, i32.mul(rowA.get, i32.const(rows))),
        advance(C, i32.mul(rowC.get, i32.const(rows))),
      ]),
    );
  });
}

/** Runs the body as long as `size` are left, and takes them off. */
const asLongAs = (left: Local, size: number, body: Code): Code =>
  block(loop(brIf(1, i32.lt(left.get, i32.const(size))), body, advance(left, -size), br(0)));

/** Adds `tile(K, A, rowA, colA, B, rowB, C, rowC, accumulate)`. */
function emitUnpackedTile(m: ModuleBuilder, fma: boolean, rows: number, columns: number): Callable {
  return m.function(null, i32s(9), [], (f, K, A, rowA, colA, B, rowB, C, rowC, accumulate) => {
    const sums = tileOf(f, rows, Math.ceil(columns / 4));
    const ys = vectorsOf(f, sums[0].length);
    const x = f.local('v128');
    const as = [A, ...integers(f, rows - 1)];
    const { load, store } = accessTo(columns);
    return [
      as.slice(1).map((a, i) => a.set(i32.add(as[i].get, rowA.get))),
      when(
        accumulate.get,
        eachVector(f, sums, C, rowC, (sum, row, at) => sum.set(load(row, at))),
      ),
      repeat(K, K.get, [
        ys.map((y, j) => y.set(load(B, 16 * j))),
        sums.map((line, i) => [
          x.set(v128.load32Splat(as[i].get)),
          advance(as[i], colA.get),
          line.map((sum, j) => sum.set(multiplyAdd(fma, x.get, ys[j].get, sum.get))),
        ]),
        advance(B, rowB.get),
      ]),
      eachVector(f, sums, C, rowC, (sum, row, at) => store(row, sum, at)),
    ];
  });
}

/** Whole vectors, or their first lane where a tile has one column: what lies behind it is not touched. */
const accessTo = (columns: number) =>
  columns === 1
    ? {
        load: (address: Local, at: number): Code => v128.load32Zero(address.get, at),
        store: (address: Local, value: Local, at: number): Code => v128.store32Lane(address.get, value.get, 0, at),
      }
    : {
        load: (address: Local, at: number): Code => v128.load(address.get, at),
        store: (address: Local, value: Local, at: number): Code => v128.store(address.get, value.get, at),
      };
