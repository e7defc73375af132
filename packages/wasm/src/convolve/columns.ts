import { repeat, when } from '../assembler/control.ts';
import type { Code } from '../assembler/encode.ts';
import { f32, f32x4, i32, v128 } from '../assembler/instructions.ts';
import type { Callable, FunctionBuilder, Local, ModuleBuilder } from '../assembler/module.ts';
import { advance, i32s, integers } from '../gemm/code.ts';

/**
 * What windows see of pictures, as columns: row (c, i, j) of them holds, for each window, the element of channel c under element
 * (i, j) of the kernel. All parameters are i32, the distances in bytes:
 *
 * `(columns, x, channels, kH, kW, rows, across, plane, nextRow, nextColumn, down, step, width)`: `rows` times `across` windows
 * over x, whose planes lie `plane` apart; from one element of the kernel to the next it is `nextRow` or `nextColumn`, from one
 * window to the next `down` or `step`; rows of the columns begin `width` apart. The padding is part of x. All counts are 1 at least.
 */
export interface Columns {
  /** Writes the columns; up to 12 bytes behind each row of them may be written too, and read behind x. */
  readonly fill: Callable;
  /** Adds the columns to x, each element to the one that it is of. */
  readonly add: Callable;
}

/** What is done to a run of n elements, those in x from p on `step` apart, those in the columns from q on. */
type Run = (f: FunctionBuilder, p: Local, q: Local, n: Local, step: Local) => Code;

function emitWalk(m: ModuleBuilder, run: Run): Callable {
  return m.function(
    null,
    i32s(13),
    [],
    (f, columns, x, channels, kH, kW, rows, across, plane, nextRow, nextColumn, down, step, width) => {
      const [c, i, j, y, atRow, atColumn, p, q] = integers(f, 8);
      return repeat(c, channels.get, [
        atRow.set(x.get),
        repeat(i, kH.get, [
          atColumn.set(atRow.get),
          repeat(j, kW.get, [
            p.set(atColumn.get),
            q.set(columns.get),
            repeat(y, rows.get, [
              run(f, p, q, across, step),
              advance(p, down.get),
              advance(q, i32.shl(across.get, i32.const(2))),
            ]),
            advance(atColumn, nextColumn.get),
            advance(columns, width.get),
          ]),
          advance(atRow, nextRow.get),
        ]),
        advance(x, plane.get),
      ]);
    },
  );
}

/** Four elements at a time; the last time some that do not belong to it, which the next run overwrites. */
const copyRun: Run = (f, p, q, n, step) => {
  const [k, from, to] = integers(f, 3);
  return [
    from.set(p.get),
    to.set(q.get),
    when(
      i32.eq(step.get, i32.const(4)),
      repeat(k, i32.shrU(i32.add(n.get, i32.const(3)), i32.const(2)), [
        v128.store(to.get, v128.load(from.get)),
        advance(from, 16),
        advance(to, 16),
      ]),
      repeat(k, n.get, [f32.store(to.get, f32.load(from.get)), advance(from, step.get), advance(to, 4)]),
    ),
  ];
};

const addRun: Run = (f, p, q, n, step) => {
  const [k, to, from, left] = integers(f, 4);
  return [
    to.set(p.get),
    from.set(q.get),
    left.set(n.get),
    when(i32.and(i32.eq(step.get, i32.const(4)), i32.ge(n.get, i32.const(4))), [
      repeat(k, i32.shrU(n.get, i32.const(2)), [
        v128.store(to.get, f32x4.add(v128.load(to.get), v128.load(from.get))),
        advance(from, 16),
        advance(to, 16),
      ]),
      left.set(i32.and(n.get, i32.const(3))),
    ]),
    when(
      left.get,
      repeat(k, left.get, [
        f32.store(to.get, f32.add(f32.load(to.get), f32.load(from.get))),
        advance(from, 4),
        advance(to, step.get),
      ]),
    ),
  ];
};

/** Adds the functions that make columns of pictures, and pictures of columns. */
export const emitColumns = (m: ModuleBuilder): Columns => ({ fill: emitWalk(m, copyRun), add: emitWalk(m, addRun) });
