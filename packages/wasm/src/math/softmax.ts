import {
  type Callable,
  type Code,
  call,
  doLess,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  repeat,
  shuffle,
  v128,
} from '../assembler/index.ts';
import type { VectorMathOptions } from './arithmetic.ts';
import { VectorMath } from './vector-math.ts';

/**
 * Adds the functions `softmax` and `logSoftmax` (to, from, rows, size), both counts at least 1: exp(a - max) / sum(exp(a -
 * max)) and its logarithm, a - max - log(sum(exp(a - max))), of rows that lie one behind the other. Sums are carried in
 * float64, and `log` is called with them. Up to 12 bytes behind the last row are read and written, and `to` and `from`
 * may not overlap.
 */
export function emitSoftmax(m: ModuleBuilder, log: Callable, options: VectorMathOptions): void {
  emitRows(m, 'softmax', false, log, options);
  emitRows(m, 'logSoftmax', true, log, options);
}

function emitRows(m: ModuleBuilder, name: string, asLog: boolean, log: Callable, options: VectorMathOptions): void {
  m.function(name, ['i32', 'i32', 'i32', 'i32'], [], (f, to, from, rows, size) => {
    const math = new VectorMath(f, options);
    const [bytes, at] = [f.local('i32'), f.local('i32')];
    const [largest, sums, e] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const least = f.constant(f32x4.const(-Infinity));
    const lanes = f.constant([0, 4, 8, 12].reduce((v, n, i) => i32x4.replaceLane(v, i, i32.const(n)), i32x4.const(0)));

    const each = (body: Code): Code => doLess(at, i32.const(0), bytes.get, 16, body);
    const inRow = i32x4.lt(i32x4.add(lanes, i32x4.splat(at.get)), i32x4.splat(bytes.get));
    const elements = v128.bitselect(v128.load(i32.add(from.get, at.get)), least, inRow);
    const result = i32.add(to.get, at.get);
    const shifted = f32x4.sub(elements, largest.get);
    const sum = f64.add(f64x2.extractLane(sums.get, 0), f64x2.extractLane(sums.get, 1));

    return [
      bytes.set(i32.mul(size.get, i32.const(4))),
      repeat(rows, rows.get, [
        // A NaN need not reach the largest: it does reach the sum, and with that the whole row.
        largest.set(least),
        each(largest.set(f32x4.pmax(largest.get, elements))),
        largest.set(f32x4.pmax(largest.get, shuffle(largest.get, largest.get, [2, 3, 0, 1]))),
        largest.set(f32x4.pmax(largest.get, shuffle(largest.get, largest.get, [1, 0, 3, 2]))),
        sums.set(f64x2.const(0)),
        each([e.set(math.exp(shifted)), asLog ? [] : v128.store(result, e.get), sums.set(withLanes(sums, e))]),
        e.set(f32x4.splat(f32.demote(asLog ? call(log, sum) : sum))),
        each(v128.store(result, asLog ? f32x4.sub(shifted, e.get) : f32x4.div(v128.load(result), e.get))),
        to.set(i32.add(to.get, bytes.get)),
        from.set(i32.add(from.get, bytes.get)),
      ]),
    ];
  });
}

/** Two sums in float64, to which four float32 are added. */
const withLanes = (sums: Local, e: Local): Code =>
  f64x2.add(
    sums.get,
    f64x2.add(f64x2.promoteLowF32x4(e.get), f64x2.promoteLowF32x4(shuffle(e.get, e.get, [2, 3, 2, 3]))),
  );
