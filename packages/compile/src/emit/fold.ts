import {
  type Code,
  doLess,
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  memoryFill,
  shuffle,
  v128,
} from '@tapegrad/wasm';
import type { FoldName } from '../lower/kinds.ts';
import { foldLanes } from './vectors.ts';

type Combine = (a: Code, b: Code) => Code;

const combines: Readonly<Record<FoldName, Combine>> = {
  sum: f32x4.add,
  prod: f32x4.mul,
  max: f32x4.max,
  min: f32x4.min,
};

const identities: Readonly<Record<FoldName, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity };

/** What a fold does on the way through the loops. */
export interface FoldCode {
  /** Before everything. */
  readonly begin: Code;
  readonly beginRow: Code;
  /** Takes in a vector, of which the first lanes count; `place` is where the loops stand in the fold's own buffer. */
  readonly take: (vector: Code, lanes: number, place: { readonly address: Code; readonly offset: number }) => Code;
  readonly endRow: Code;
  /** After everything. */
  readonly end: Code;
}

/** The lanes of a vector that do not count as the fold's identity, so that they change nothing. */
function masked(vector: Code, lanes: number, identity: number): Code {
  if (lanes === 4) return vector;
  const rest = f32x4.const(identity);
  const order = [0, 1, 2, 3].map(lane => (lane < lanes ? lane : 4 + lane));
  return shuffle(vector, rest, order);
}

/**
 * The fold of a row, lane by lane and then across the lanes; when the row is done `result` has it in all lanes. Precise
 * sums are kept in float64, as those of eager operations are.
 */
function lanesOfRow(
  f: FunctionBuilder,
  fold: FoldName,
  precise: boolean,
  result: Local,
): Omit<FoldCode, 'begin' | 'end'> {
  const identity = identities[fold];
  if (fold === 'sum' && precise) {
    const [low, high, next] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const sum = f64x2.add(low.get, high.get);
    return {
      beginRow: [low.set(f64x2.const(0)), high.set(f64x2.const(0))],
      take: (vector, lanes) => [
        next.set(masked(vector, lanes, identity)),
        low.set(f64x2.add(low.get, f64x2.promoteLowF32x4(next.get))),
        high.set(f64x2.add(high.get, f64x2.promoteLowF32x4(shuffle(next.get, next.get, [2, 3, 2, 3])))),
      ],
      endRow: [
        low.set(sum),
        result.set(f32x4.splat(f32.demote(f64.add(f64x2.extractLane(low.get, 0), f64x2.extractLane(low.get, 1))))),
      ],
    };
  }
  return {
    beginRow: result.set(f32x4.const(identity)),
    take: (vector, lanes) => result.set(combines[fold](result.get, masked(vector, lanes, identity))),
    endRow: foldLanes(result, combines[fold]),
  };
}

/** A fold of each row, of which the row goes on with the result. */
export const foldRow = (f: FunctionBuilder, fold: FoldName, precise: boolean, result: Local): FoldCode => ({
  begin: [],
  ...lanesOfRow(f, fold, precise, result),
  end: [],
});

/** A fold over everything: of the rows, and then of their results. `address` is where the result goes. */
export function foldAll(f: FunctionBuilder, fold: FoldName, address: Code): FoldCode {
  const row = f.local('v128');
  const { beginRow, take, endRow } = lanesOfRow(f, fold, true, row);
  const total = foldRows(f, fold, row, address);
  return { ...total, beginRow, take, endRow: [endRow, total.endRow] };
}

/** A fold of each row, and of several rows into each element of a buffer. */
export function foldParts(f: FunctionBuilder, fold: FoldName, pointer: Local, size: number): FoldCode {
  const row = f.local('v128');
  const { beginRow, take, endRow } = lanesOfRow(f, fold, true, row);
  const parts = foldIntoMemory(f, fold, pointer, size);
  return { ...parts, beginRow, take, endRow: [endRow, parts.take(row.get, 1, { address: pointer.get, offset: 0 })] };
}

/** A fold over all rows of what there is one of for each. */
export function foldRows(f: FunctionBuilder, fold: FoldName, row: Local, address: Code): FoldCode {
  const none = { beginRow: [], take: () => [] };
  if (fold === 'sum') {
    const total = f.local('f64');
    return {
      ...none,
      begin: total.set(f64.const(0)),
      endRow: total.set(f64.add(total.get, f64.promote(f32x4.extractLane(row.get, 0)))),
      end: f32.store(address, f32.demote(total.get)),
    };
  }
  const total = f.local('v128');
  return {
    ...none,
    begin: total.set(f32x4.const(identities[fold])),
    endRow: total.set(combines[fold](total.get, row.get)),
    end: f32.store(address, f32x4.extractLane(total.get, 0)),
  };
}

/** Folds into the elements of a buffer that the loops come by several times. */
export function foldIntoMemory(f: FunctionBuilder, fold: FoldName, pointer: Local, size: number): FoldCode {
  return {
    begin: fillWith(f, pointer, size, identities[fold]),
    beginRow: [],
    take: (vector, lanes, { address, offset }) => {
      const sum = combines[fold](v128.load(address, offset), vector);
      if (lanes === 4) return v128.store(address, sum, offset);
      const next = f.local('v128');
      return [
        next.set(sum),
        Array.from({ length: lanes }, (_, lane) => v128.store32Lane(address, next.get, lane, offset + 4 * lane)),
      ];
    },
    endRow: [],
    end: [],
  };
}

function fillWith(f: FunctionBuilder, pointer: Local, size: number, value: number): Code {
  if (value === 0) return memoryFill(pointer.get, i32.const(0), i32.const(4 * size));
  const at = f.local('i32');
  const end = i32.add(pointer.get, i32.const(4 * size));
  return doLess(at, pointer.get, end, 4, f32.store(at.get, f32.const(value)));
}
