import { brIf, loop, repeat, returns, when } from '../assembler/control.ts';
import type { Code } from '../assembler/encode.ts';
import { i32, memoryFill } from '../assembler/instructions.ts';
import { type Callable, call, type FunctionBuilder, type Local, type ModuleBuilder } from '../assembler/module.ts';
import { advance, i32s, integers, least, values } from './code.ts';
import { emitPackSum } from './pack.ts';
import { emitPanels } from './panels.ts';
import { tileRows } from './tile.ts';
import { emitUnpacked } from './unpacked.ts';

/** Steps of the inner dim, rows of A and columns of B in a block: a packed panel of B fits the L1 cache, the rest the L2. */
const mostDepth = 384;
const mostRows = 64;
const mostColumns = 512;
/** Up to so many multiplications, or rows of A, factors are better not packed when the rows of B are contiguous. */
const unpackedProducts = 16384;
const unpackedRows = (wide: boolean): number => (wide ? 4 : 8);

export interface GemmOptions {
  /** Address of the scratch region, a multiple of 16. */
  readonly scratch: number;
  /** With the fused multiply-add of relaxed SIMD. */
  readonly fma: boolean;
  /** For an engine that makes one operation on 256 bits of two on 128 that lie side by side. */
  readonly wide: boolean;
}

/**
 * Products of float32 matrices. Parameters are i32: sizes, addresses and flags; strides (`rowA` from row to row, `colA`
 * from column to column) are in bytes and may be any, but the columns of C follow each other. With `accumulate` products
 * are added to C. Nothing beside A and B is read, and nothing beside C and the scratch region written.
 */
export interface Gemm {
  /** `gemm(M, N, K, A, rowA, colA, B, rowB, colB, C, rowC, accumulate)`: C = A B. */
  readonly gemm: Callable;
  /**
   * `gemmSum(M, N, K, count, table, rowA, colA, rowB, colB, C, rowC, accumulate)`: C = A_1 B_1 + …, as one product whose
   * inner dim is `count` times K long. The table holds the addresses of A_1, B_1, A_2, … as i32.
   */
  readonly gemmSum: Callable;
  /** `packB(to, B, N, K, rowB, colB)`: packs a B that several products share into `packedBytes(N, K)`. */
  readonly packB: Callable;
  /** `gemmPacked(M, N, K, A, rowA, colA, packedB, C, rowC, accumulate)`: C = A B. */
  readonly gemmPacked: Callable;
  packedBytes(N: number, K: number): number;
}

const panelWidth = (wide: boolean): number => (wide ? 16 : 8);

/** Where the parts of the scratch region begin, and where it ends. */
function layout(scratch: number, width: number) {
  const table = scratch;
  const tile = table + 16;
  const packedA = tile + 4 * tileRows * width;
  const packedB = packedA + 4 * mostRows * mostDepth;
  return { table, tile, packedA, packedB, end: packedB + 4 * mostColumns * mostDepth };
}

/** Bytes of the scratch region. */
export const gemmScratchBytes = (wide: boolean): number => layout(0, panelWidth(wide)).end;

/** Adds the functions that multiply matrices to a module. */
export function emitGemm(m: ModuleBuilder, { scratch, fma, wide }: GemmOptions): Gemm {
  const width = panelWidth(wide);
  const at = layout(scratch, width);
  const [table, packedA, packedB] = [at.table, at.packedA, at.packedB].map(i32.const);
  const packA = emitPackSum(m, tileRows);
  const packPanels = emitPackSum(m, width);
  const unpacked = emitUnpacked(m, fma);
  const panels = emitPanels(m, { fma, width, tile: at.tile });
  const paddedBytes = (N: Local): Code =>
    i32.shl(i32.and(i32.add(N.get, i32.const(width - 1)), i32.const(-width)), i32.const(2));

  // All of A by a packed block of B, from a step of the inner dim on.
  const block = m.function(
    null,
    i32s(12),
    [],
    (f, M, N, depth, start, K, pairs, rowA, colA, B, C, rowC, accumulate) => {
      const [i, rows, base] = integers(f, 3);
      return eachBlock(f, i, rows, M.get, mostRows, tileRows, [
        base.set(i32.mul(i.get, rowA.get)),
        call(packA, packedA, ...values(pairs, base, K, start, rows, depth, rowA, colA)),
        call(panels, ...values(rows, N, depth), packedA, ...values(B, C, rowC, accumulate)),
        advance(C, i32.mul(rows.get, rowC.get)),
      ]);
    },
  );

  const gemmSum = m.function(
    null,
    i32s(12),
    [],
    (f, M, N, K, count, pairs, rowA, colA, rowB, colB, C, rowC, accumulate) => {
      const [total, j, columns, base, k, depth] = integers(f, 6);
      return [
        total.set(i32.mul(K.get, count.get)),
        zerosIfEmpty(total, M, N, C, rowC, accumulate),
        eachBlock(f, j, columns, N.get, mostColumns, width, [
          base.set(i32.mul(j.get, colB.get)),
          eachBlock(f, k, depth, total.get, mostDepth, 1, [
            call(
              packPanels,
              packedB,
              i32.add(pairs.get, i32.const(4)),
              ...values(base, K, k, columns, depth, colB, rowB),
            ),
            call(
              block,
              ...values(M, columns, depth, k, K, pairs, rowA, colA),
              packedB,
              ...values(C, rowC),
              i32.or(accumulate.get, k.get),
            ),
          ]),
          advance(C, i32.shl(columns.get, i32.const(2))),
        ]),
      ];
    },
  );

  const gemm = m.function(null, i32s(12), [], (_, M, N, K, A, rowA, colA, B, rowB, colB, C, rowC, accumulate) => [
    when(i32.and(i32.gt(K.get, i32.const(0)), packingIsDear(M, N, K, colB, unpackedRows(wide))), [
      call(unpacked, ...values(M, N, K, A, rowA, colA, B, rowB, C, rowC, accumulate)),
      returns(),
    ]),
    i32.store(table, A.get),
    i32.store(table, B.get, 4),
    call(gemmSum, ...values(M, N, K), i32.const(1), table, ...values(rowA, colA, rowB, colB, C, rowC, accumulate)),
  ]);

  const packB = m.function(null, i32s(6), [], (f, to, B, N, K, rowB, colB) => {
    const [k, depth] = integers(f, 2);
    return [
      i32.store(table, B.get),
      eachBlock(f, k, depth, K.get, mostDepth, 1, [
        call(packPanels, to.get, table, i32.const(0), ...values(K, k, N, depth, colB, rowB)),
        advance(to, i32.mul(depth.get, paddedBytes(N))),
      ]),
    ];
  });

  const gemmPacked = m.function(null, i32s(10), [], (f, M, N, K, A, rowA, colA, B, C, rowC, accumulate) => {
    const [k, depth] = integers(f, 2);
    return [
      zerosIfEmpty(K, M, N, C, rowC, accumulate),
      i32.store(table, A.get),
      eachBlock(f, k, depth, K.get, mostDepth, 1, [
        call(
          block,
          ...values(M, N, depth, k, K),
          table,
          ...values(rowA, colA, B, C, rowC),
          i32.or(accumulate.get, k.get),
        ),
        advance(B, i32.mul(depth.get, paddedBytes(N))),
      ]),
    ];
  });

  return { gemm, gemmSum, packB, gemmPacked, packedBytes: (N, K) => 4 * K * Math.ceil(N / width) * width };
}

/** Whether B is a column, or its rows are contiguous and A has few rows or the product is small. */
function packingIsDear(M: Local, N: Local, K: Local, colB: Local, fewRows: number): Code {
  const little = i32.and(
    // A limit for each size first, since the product of all three could overflow.
    i32.lt(i32.or(i32.or(M.get, N.get), K.get), i32.const(128)),
    i32.le(i32.mul(i32.mul(M.get, N.get), K.get), i32.const(unpackedProducts)),
  );
  return i32.or(
    i32.eq(N.get, i32.const(1)),
    i32.and(i32.eq(colB.get, i32.const(4)), i32.or(i32.le(M.get, i32.const(fewRows)), little)),
  );
}

/** Leaves the function when there is nothing to sum: C is zero then, unless it is added to. */
const zerosIfEmpty = (steps: Local, M: Local, N: Local, C: Local, rowC: Local, accumulate: Local): Code =>
  when(i32.eqz(steps.get), [
    when(i32.or(accumulate.get, i32.eqz(M.get)), returns()),
    repeat(M, M.get, [memoryFill(C.get, i32.const(0), i32.shl(N.get, i32.const(2))), advance(C, rowC.get)]),
    returns(),
  ]);

/**
 * Runs the body for blocks of at most `most` that are about equally long, and but for the last a multiple of `multiple`:
 * `start` is where a block begins, `length` how long it is.
 */
function eachBlock(
  f: FunctionBuilder,
  start: Local,
  length: Local,
  total: Code,
  most: number,
  multiple: number,
  body: Code,
): Code {
  const step = f.local('i32');
  const blocks = i32.divU(i32.add(total, i32.const(most - 1)), i32.const(most));
  return when(total, [
    step.set(i32.divU(i32.sub(i32.add(total, step.tee(blocks)), i32.const(1)), step.get)),
    step.set(i32.and(i32.add(step.get, i32.const(multiple - 1)), i32.const(-multiple))),
    start.set(i32.const(0)),
    loop(
      length.set(least(i32.sub(total, start.get), step.get)),
      body,
      brIf(0, i32.lt(start.tee(i32.add(start.get, step.get)), total)),
    ),
  ]);
}
