import { repeat, when } from '../assembler/control.ts';
import { v128 } from '../assembler/instructions.ts';
import type { Callable, ModuleBuilder } from '../assembler/module.ts';
import { advance, eachVector, i32s, multiplyAdd, tileOf, vectorsOf } from './code.ts';

/** Rows of C in a tile. */
export const tileRows = 4;

/**
 * Adds `tile(depth, a, b, C, rowC, accumulate)`: C = a b, or C += a b, for one tile of C, whose elements stay in registers
 * meanwhile. The panel `a` holds 4 numbers for each step of the inner dim, `b` 4 times `vectors`; depth is 1 at least.
 */
export function emitTile(m: ModuleBuilder, { fma, vectors }: { fma: boolean; vectors: number }): Callable {
  return m.function(null, i32s(6), [], (f, depth, a, b, C, rowC, accumulate) => {
    const sums = tileOf(f, tileRows, vectors);
    const ys = vectorsOf(f, vectors);
    const x = f.local('v128');
    return [
      when(
        accumulate.get,
        eachVector(f, sums, C, rowC, (sum, row, at) => sum.set(v128.load(row.get, at))),
      ),
      repeat(depth, depth.get, [
        ys.map((y, j) => y.set(v128.load(b.get, 16 * j))),
        sums.map((line, i) => [
          x.set(v128.load32Splat(a.get, 4 * i)),
          line.map((sum, j) => sum.set(multiplyAdd(fma, x.get, ys[j].get, sum.get))),
        ]),
        advance(a, 4 * tileRows),
        advance(b, 16 * vectors),
      ]),
      eachVector(f, sums, C, rowC, (sum, row, at) => v128.store(row.get, sum.get, at)),
    ];
  });
}
