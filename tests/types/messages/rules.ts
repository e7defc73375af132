// What the reader sees where a shape rule is broken. Each `//~` holds a part of the compiler's error on its line.
import type * as rule from '../../../packages/tensor/src/shape/index.ts';

type Shape = rule.Shape;

/** The least that has a shape; the operations below are checked as those of Tensor are. */
interface Shaped<out S extends Shape = any> {
  readonly shape: S;
}
declare const of: <const S extends number[]>(shape: readonly [...S]) => Shaped<rule.Sh<S>>;

declare const add: <X extends Shaped, Y extends Shaped>(
  x: X,
  y: rule.Chk<rule.Broadcast<X['shape'], Y['shape']>, Y>,
) => Shaped<rule.Sh<rule.Broadcast<X['shape'], Y['shape']>>>;

declare const matmul: <X extends Shaped, Y extends Shaped>(
  x: X,
  y: rule.Chk<rule.MatMul<X['shape'], Y['shape']>, Y>,
) => Shaped<rule.Sh<rule.MatMul<X['shape'], Y['shape']>>>;

declare const sum: <X extends Shaped, const D extends number | readonly number[] | undefined = undefined>(
  x: X,
  dim?: rule.Chk<rule.Reduce<'sum', X['shape'], D, false>, D>,
) => Shaped<rule.Sh<rule.Reduce<'sum', X['shape'], D, false>>>;

declare const reshape: <X extends Shaped, const T extends number[]>(
  x: X,
  shape: rule.Chk<rule.Reshape<X['shape'], T>, readonly [...T]>,
) => Shaped<rule.Sh<rule.Reshape<X['shape'], T>>>;

declare const permute: <X extends Shaped, const P extends readonly number[]>(
  x: X,
  dims: rule.Chk<rule.Permute<X['shape'], P>, P>,
) => Shaped<rule.Sh<rule.Permute<X['shape'], P>>>;

type ShapesOf<L extends readonly Shaped[]> = { [K in keyof L]: L[K]['shape'] };
declare const cat: <const L extends readonly Shaped[], D extends number = 0>(
  list: rule.Chk<rule.CatAll<ShapesOf<L>, D>, L>,
  dim?: D,
) => Shaped<rule.Sh<rule.CatAll<ShapesOf<L>, D>>>;

declare const select: <X extends Shaped, D extends number, I extends number>(
  x: X,
  dim: D,
  index: rule.Chk<rule.Select<X['shape'], D, I>, I>,
) => Shaped<rule.Sh<rule.Select<X['shape'], D, I>>>;

declare const at: <X extends Shaped, const I extends readonly unknown[]>(
  x: X,
  ...indices: { readonly [K in keyof I]: rule.Chk<rule.Index<X['shape'], I>, I[K]> }
) => Shaped<rule.Sh<rule.Index<X['shape'], I>>>;

declare const linear: <X extends Shaped>(x: rule.Chk<rule.LastDim<'linear', X['shape'], 3, 8>, X>) => Shaped;

declare const x: Shaped<[14, 3]>;
declare const unknown: Shaped;
declare const size: number;
declare const batch: rule.NamedDim<'batch'>;
declare const time: rule.NamedDim<'time'>;

// What fits compiles, with sizes known at run time too.
add(x, of([3]));
add(x, unknown);
add(of([size, 3]), x);
matmul(x, of([size, 4]));
sum(x, size);
sum(unknown, 5);
reshape(x, [size, 6]);
at(x, size, [0, 2]);
at(x, unknown, 0, 0, 0);
add(of([batch, 3]), of([size, 3]));

add(x, of([3, 4])); //~ parameter of type '"shapes [14, 3] and [3, 4] do not broadcast: 3 vs 4"'
add(of([batch, 3]), of([time, 3])); //~ "shapes [batch, 3] and [time, 3] do not broadcast: batch vs time"
matmul(x, of([4, 4])); //~ "matmul: inner dimensions differ, 3 vs 4, in [14, 3] @ [4, 4]"
matmul(of([8, 5, 6]), of([3, 6, 7])); //~ "matmul: batch dims of [8, 5, 6] @ [3, 6, 7] do not broadcast: 8 vs 3"
matmul(of([size, 3]), of([4, size])); //~ "matmul: inner dimensions differ, 3 vs 4, in [?, 3] @ [4, ?]"
sum(x, 2); //~ Argument of type '2' is not assignable to parameter of type '"sum: dim 2 is out of range for shape [14, 3]"'
sum(x, [0, 3]); //~ "sum: dim 3 is out of range for shape [14, 3]"
sum(x, [1, -1]); //~ "sum: dim -1 is repeated in [1, -1]"
reshape(x, [4, 2]); //~ "reshape: [14, 3] has 42 elements, [4, 2] has 8"
reshape(x, [4, -1]); //~ "reshape: [14, 3] has 42 elements, which [4, -1] does not divide"
permute(x, [0, 0]); //~ "permute: dim 0 is repeated in [0, 0]"
permute(x, [0]); //~ "permute: 1 dims given for shape [14, 3]"
cat([x, of([3, 4])]); //~ "cat: shapes [14, 3] and [3, 4] differ in dim 1: 3 vs 4"
cat([x, x], 2); //~ "cat: dim 2 is out of range for shape [14, 3]"
select(x, 0, 14); //~ "select: index 14 is out of range for dim 0 of size 14"
at(x, 0, 3); //~ "at: index 3 is out of range for size 3 in shape [14, 3]"
at(x, 0, 1, 2); //~ "at: too many indices for shape [14, 3]"
linear(of([14, 4])); //~ "linear: last dim of x [14, 4] is 4, expected 3"
sum(matmul(x, of([4, 4])), 7); //~ "matmul: inner dimensions differ, 3 vs 4, in [14, 3] @ [4, 4]"
