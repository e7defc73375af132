import { brIf, forLess, loop, repeat, when } from '../assembler/control.ts';
import { f32, i32, v128 } from '../assembler/instructions.ts';
import { type Callable, call, type ModuleBuilder } from '../assembler/module.ts';
import { advance, i32s, integers, least, sum, transpose4, vectorsOf } from './code.ts';

/**
 * Adds `pack(to, from, n, depth, panelBytes, along, deep)`: writes n lines of `depth` numbers as panels of `width` lines
 * each, in which the numbers of one step of the inner dim lie side by side; the lines that the last panel lacks are zeros.
 * `along` and `deep` are the bytes from line to line and from step to step; panels are written `panelBytes` apart.
 */
function emitPack(m: ModuleBuilder, width: number): Callable {
  const step = 4 * width;
  return m.function(null, i32s(7), [], (f, to, from, n, depth, panelBytes, along, deep) => {
    const [i, k, line, left, done, p, q, r] = integers(f, 8);
    const squares = vectorsOf(f, 4);
    const transposed = transpose4(f)(squares);
    const vectors = Array.from({ length: width / 4 }, (_, j) => 16 * j);

    const copied = [
      p.set(from.get),
      q.set(to.get),
      repeat(k, depth.get, [
        vectors.map(at => v128.store(q.get, v128.load(p.get, at), at)),
        advance(p, deep.get),
        advance(q, step),
      ]),
      done.set(depth.get),
    ];
    const turned = [
      done.set(i32.and(depth.get, i32.const(~3))),
      vectors.map(at => [
        p.set(i32.add(from.get, i32.mul(i32.const(at / 4), along.get))),
        q.set(i32.add(to.get, i32.const(at))),
        repeat(k, i32.shrU(depth.get, i32.const(2)), [
          r.set(p.get),
          squares.map(row => [row.set(v128.load(r.get)), advance(r, along.get)]),
          transposed.code,
          transposed.columns.map((column, j) => v128.store(q.get, column, j * step)),
          advance(p, 16),
          advance(q, 4 * step),
        ]),
      ]),
    ];
    const oneByOne = forLess(line, i32.const(0), i32.const(width), 1, [
      p.set(sum(from.get, i32.mul(line.get, along.get), i32.mul(done.get, deep.get))),
      q.set(sum(to.get, i32.shl(line.get, i32.const(2)), i32.mul(done.get, i32.const(step)))),
      when(
        i32.lt(line.get, left.get),
        repeat(k, i32.sub(depth.get, done.get), [
          f32.store(q.get, f32.load(p.get)),
          advance(p, deep.get),
          advance(q, step),
        ]),
        repeat(k, i32.sub(depth.get, done.get), [f32.store(q.get, f32.const(0)), advance(q, step)]),
      ),
    ]);
    return forLess(i, i32.const(0), n.get, width, [
      left.set(i32.sub(n.get, i.get)),
      done.set(i32.const(0)),
      when(
        i32.ge(left.get, i32.const(width)),
        when(
          i32.eq(along.get, i32.const(4)),
          copied,
          when(i32.and(i32.eq(deep.get, i32.const(4)), i32.ge(depth.get, i32.const(4))), turned),
        ),
      ),
      when(i32.lt(done.get, depth.get), oneByOne),
      advance(from, i32.mul(along.get, i32.const(width))),
      advance(to, panelBytes.get),
    ]);
  });
}

/**
 * Adds `pack(to, table, base, K, start, n, depth, along, deep)`: packs `depth` steps of an inner dim that several operands
 * form one after the other, each with K steps, from the step `start` on. Their addresses, to which `base` is added, stand
 * 8 bytes apart in the table.
 */
export function emitPackSum(m: ModuleBuilder, width: number): Callable {
  const pack = emitPack(m, width);
  return m.function(null, i32s(9), [], (f, to, table, base, K, start, n, depth, along, deep) => {
    const [panelBytes, skipped, steps, left] = integers(f, 4);
    return [
      panelBytes.set(i32.mul(depth.get, i32.const(4 * width))),
      left.set(depth.get),
      skipped.set(i32.remU(start.get, K.get)),
      advance(table, i32.shl(i32.divU(start.get, K.get), i32.const(3))),
      loop(
        steps.set(least(i32.sub(K.get, skipped.get), left.get)),
        call(
          pack,
          to.get,
          sum(i32.load(table.get), base.get, i32.mul(skipped.get, deep.get)),
          n.get,
          steps.get,
          panelBytes.get,
          along.get,
          deep.get,
        ),
        advance(to, i32.mul(steps.get, i32.const(4 * width))),
        advance(table, 8),
        skipped.set(i32.const(0)),
        brIf(0, left.tee(i32.sub(left.get, steps.get))),
      ),
    ];
  });
}
