import { forLess, repeat, when } from '../assembler/control.ts';
import { f32, i32, v128 } from '../assembler/instructions.ts';
import { type Callable, call, type ModuleBuilder } from '../assembler/module.ts';
import { advance, i32s, integers, least, values } from './code.ts';
import { emitTile, tileRows } from './tile.ts';

export interface PanelsOptions {
  readonly fma: boolean;
  /** Columns of a panel of B. */
  readonly width: number;
  /** Address of memory for one tile of C. */
  readonly tile: number;
}

/** Adds `copy(to, toRow, from, fromRow, rows, columns)`: copies a matrix; there is at least one row and one column. */
function emitCopy(m: ModuleBuilder): Callable {
  return m.function(null, i32s(6), [], (f, to, toRow, from, fromRow, rows, columns) => {
    const [i, j, p, q] = integers(f, 4);
    return repeat(i, rows.get, [
      p.set(from.get),
      q.set(to.get),
      forLess(j, i32.const(4), i32.add(columns.get, i32.const(1)), 4, [
        v128.store(q.get, v128.load(p.get)),
        advance(p, 16),
        advance(q, 16),
      ]),
      forLess(j, i32.const(0), i32.and(columns.get, i32.const(3)), 1, [
        f32.store(q.get, f32.load(p.get)),
        advance(p, 4),
        advance(q, 4),
      ]),
      advance(from, fromRow.get),
      advance(to, toRow.get),
    ]);
  });
}

/**
 * Adds `panels(M, N, depth, packedA, packedB, C, rowC, accumulate)`: C = A B, or C += A B, from panels. Tiles that reach
 * over the edge of C are computed in memory of their own.
 */
export function emitPanels(m: ModuleBuilder, { fma, width, tile: tileAt }: PanelsOptions): Callable {
  const tile = emitTile(m, { fma, vectors: width / 4 });
  const copy = emitCopy(m);
  const [tileMemory, tileRow] = [i32.const(tileAt), i32.const(4 * width)];
  return m.function(null, i32s(8), [], (f, M, N, depth, packedA, packedB, C, rowC, accumulate) => {
    const [i, j, a, c, rows, columns] = integers(f, 6);
    const operands = values(depth, a, packedB);
    return forLess(j, i32.const(0), N.get, width, [
      a.set(packedA.get),
      c.set(i32.add(C.get, i32.shl(j.get, i32.const(2)))),
      columns.set(least(i32.sub(N.get, j.get), i32.const(width))),
      forLess(i, i32.const(0), M.get, tileRows, [
        rows.set(least(i32.sub(M.get, i.get), i32.const(tileRows))),
        when(
          i32.and(i32.eq(rows.get, i32.const(tileRows)), i32.eq(columns.get, i32.const(width))),
          call(tile, ...operands, ...values(c, rowC, accumulate)),
          [
            when(accumulate.get, call(copy, tileMemory, tileRow, ...values(c, rowC, rows, columns))),
            call(tile, ...operands, tileMemory, tileRow, accumulate.get),
            call(copy, ...values(c, rowC), tileMemory, tileRow, ...values(rows, columns)),
          ],
        ),
        advance(a, i32.mul(depth.get, i32.const(4 * tileRows))),
        advance(c, i32.mul(rowC.get, i32.const(tileRows))),
      ]),
      advance(packedB, i32.mul(depth.get, i32.const(4 * width))),
    ]);
  });
}
