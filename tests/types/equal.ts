/** True when A and B are the same type; unlike assignability this tells `any`, `number` and literals apart. */
export type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when the value's type is exactly `Expected`: `is<Tensor<[14, 4]>>()(x.matmul(w))`. */
export function is<Expected>() {
  return <Actual>(_actual: Actual, ..._: Eq<Actual, Expected> extends true ? [] : [actual: Actual]): void => {};
}

/** True when the types are the same, else an error at `Expected` that shows what `Actual` is. For members of `All`. */
export type Is<Actual, Expected extends Eq<Actual, Expected> extends true ? unknown : [actual: Actual]> = Eq<
  Actual,
  Expected
>;

/** Compiles only when all of its members are true: `type Sums = All<[Is<Add<1, 2>, 3>, …]>`. */
export type All<T extends readonly true[]> = T;
