import type {
  Chk,
  Embedding,
  Gather,
  IndexSelect,
  Index as IndexShape,
  Narrow,
  OneHot,
  Scatter,
  Select,
  Sh,
  Shape,
  Slice,
} from '@tapegrad/tensor';
import { at, type Index } from '../functional/indexing.ts';
import { checkOptions } from '../functional/operands.ts';
import * as picking from '../functional/picking.ts';
import * as ops from '../primitives/picking.ts';
import { apply } from '../tape/apply.ts';
import type { Tensor } from '../tensor.ts';
import type { AtIndices } from '../types.ts';
import { Movement } from './movement.ts';

/** Parts of a tensor, by position or by ids (int32). */
export abstract class Picking<out S extends Shape = any> extends Movement<S> {
  /**
   * The position `index` along `dim`, which goes away; a negative index counts from the end.
   *
   * @throws IndexError where there is no such position.
   */
  select<X extends Tensor, D extends number, I extends number>(
    this: X,
    dim: D,
    index: Chk<Select<X['shape'], D, I>, I>,
  ): Tensor<Sh<Select<X['shape'], D, I>>> {
    return picking.select(this, dim, index as number);
  }

  /**
   * Positions start, start + step, … before stop along `dim`; negative bounds count from the end, and are clipped to
   * it. A view: nothing is copied.
   *
   * @throws ArgumentError for a step that is no whole number from 1; ShapeError for a dim that x does not have.
   */
  slice<
    X extends Tensor,
    D extends number,
    A extends number | undefined = undefined,
    B extends number | undefined = undefined,
    C extends number | undefined = undefined,
  >(
    this: X,
    dim: Chk<Slice<X['shape'], D>, D>,
    start?: A,
    stop?: B,
    step?: C,
  ): Tensor<Sh<Slice<X['shape'], D, A, B, C>>> {
    return picking.slice(this, dim as number, start, stop, step);
  }

  /**
   * `length` positions from `start` along `dim`.
   *
   * @throws IndexError where they do not lie within the dim.
   */
  narrow<X extends Tensor, D extends number, A extends number, N extends number>(
    this: X,
    dim: D,
    start: A,
    length: Chk<Narrow<X['shape'], D, A, N>, N>,
  ): Tensor<Sh<Narrow<X['shape'], D, A, N>>> {
    return picking.narrow(this, dim, start, length as number);
  }

  /**
   * One index per axis: a position, `[start?, stop?, step?]` (`[]` is the whole axis), null for a new axis, '...' for
   * the rest, an int32 tensor of ids, or a bool mask. Negative positions count from the end.
   *
   * @throws IndexError for a position that is not there, and for more indices than dims.
   * @example
   * ```ts
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * x.at(0); // tensor([1, 2, 3])
   * x.at([], -1); // tensor([3, 6]), x[:, -1] in Python
   * x.at(1, [0, 2]); // tensor([4, 5]), x[1, 0:2]
   * x.at(x.gt(4)); // tensor([5, 6])
   * ```
   */
  at<X extends Tensor, const I extends readonly Index[]>(
    this: X,
    ...indices: AtIndices<X, I>
  ): Tensor<Sh<IndexShape<X['shape'], I>>> {
    return at(this, indices as readonly Index[]);
  }

  /**
   * The positions `ids` (one dim) along `dim`, repeats and all.
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not a position.
   */
  indexSelect<X extends Tensor, D extends number, Y extends Tensor>(
    this: X,
    dim: Chk<IndexSelect<X['shape'], D, Y['shape']>, D>,
    ids: Y,
  ): Tensor<Sh<IndexSelect<X['shape'], D, Y['shape']>>> {
    return picking.indexSelect(this, dim as number, ids);
  }

  /**
   * out[i, …, j] = x[i, …, ids[i, …, j]], the id standing for the position along `dim`; of the shape of ids.
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not a position.
   * @example
   * ```ts
   * // Of each row the element that an id names: [n, m] and ids [n] give [n].
   * x.gather(1, ids.unsqueeze(1)).squeeze(1);
   * ```
   */
  gather<X extends Tensor, D extends number, Y extends Tensor>(
    this: X,
    dim: D,
    ids: Chk<Gather<X['shape'], D, Y['shape']>, Y>,
  ): Tensor<Sh<Gather<X['shape'], D, Y['shape']>>> {
    return picking.gather(this, dim, ids as Tensor);
  }

  /**
   * This with source[i, …, j] at ids[i, …, j] along `dim`; where ids repeat the last one stays.
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not a position.
   */
  scatter<X extends Tensor, D extends number, Y extends Tensor>(
    this: X,
    dim: D,
    ids: Chk<Scatter<'scatter', X['shape'], D, Y['shape']>, Y>,
    source: Tensor | number,
  ): Tensor<X['shape']> {
    return picking.scatter(this, dim, ids as Tensor, source, false);
  }

  /**
   * This with source[i, …, j] added at ids[i, …, j] along `dim`; where ids repeat all of them are.
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not a position.
   * @example
   * ```ts
   * // How often each of 4 ids occurs.
   * const ids = tensor([1, 3, 1], { dtype: 'int32' });
   * zeros([4]).scatterAdd(0, ids, 1); // tensor([0, 2, 0, 1])
   * ```
   */
  scatterAdd<X extends Tensor, D extends number, Y extends Tensor>(
    this: X,
    dim: D,
    ids: Chk<Scatter<'scatterAdd', X['shape'], D, Y['shape']>, Y>,
    source: Tensor | number,
  ): Tensor<X['shape']> {
    return picking.scatter(this, dim, ids as Tensor, source, true);
  }

  /**
   * Elements by their number in row-major order; of the shape of ids.
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not a position.
   */
  take<Y extends Tensor>(this: Tensor, ids: Y): Tensor<Y['shape']> {
    return picking.take(this, ids);
  }

  /**
   * The rows of `weight` [n, dim] that these ids name: ids […] give […, dim].
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not in 0..n-1.
   */
  embedding<X extends Tensor, W extends Tensor>(
    this: X,
    weight: Chk<Embedding<X['shape'], W['shape']>, W>,
  ): Tensor<Sh<Embedding<X['shape'], W['shape']>>> {
    return picking.embedding(this, weight as Tensor);
  }

  /**
   * These ids as rows of zeros with a 1, along a new last dim of size n (by default the largest id + 1), int32: […]
   * gives […, n].
   *
   * @throws DTypeError unless the ids are int32; IndexError where one is not in 0..n-1.
   */
  oneHot<X extends Tensor, N extends number = number>(this: X, n?: N): Tensor<Sh<OneHot<X['shape'], N>>> {
    return picking.oneHot(this, n);
  }

  /**
   * More at the ends: [before, after] of the last dim, then of the one before it, …; mode 'constant' fills with
   * `value`, 0 by default.
   *
   * @throws ArgumentError for pads that are no pairs of whole numbers, or more than the dims.
   */
  pad(
    this: Tensor,
    pads: readonly number[],
    options: { readonly mode?: picking.PadMode; readonly value?: number } = {},
  ): Tensor {
    const { mode, value } = checkOptions('pad', options);
    return picking.pad(this, pads, mode, value);
  }

  /** This with source rows added at ids along `dim`. @internal */
  indexAdd(this: Tensor, dim: number, ids: Tensor, source: Tensor): Tensor {
    return apply(ops.indexAdd, [this, ids, source], { dim });
  }

  /** This followed by zeros up to `shape`. @internal */
  padTo(this: Tensor, shape: Shape): Tensor {
    return picking.padTo(this, shape);
  }
}
