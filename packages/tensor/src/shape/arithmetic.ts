/**
 * Arithmetic on literal numbers, in types.
 *
 * Whole numbers of any length are added, subtracted, multiplied and divided as one learns it at school: digit by digit,
 * with a carry. A size that is not a literal (`number`, a named dim) makes the result `number`.
 */

/** As many zeros as the digit says: the length of such a tuple is how types count. */
interface Zeros {
  0: [];
  1: [0];
  2: [0, 0];
  3: [0, 0, 0];
  4: [0, 0, 0, 0];
  5: [0, 0, 0, 0, 0];
  6: [0, 0, 0, 0, 0, 0];
  7: [0, 0, 0, 0, 0, 0, 0];
  8: [0, 0, 0, 0, 0, 0, 0, 0];
  9: [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Digit = keyof Zeros;
type Ten = [...Zeros[9], 0];

/** True for a literal whole number that is not negative. */
export type IsNatural<N extends number> = number extends N
  ? false
  : N extends object
    ? false
    : `${N}` extends `${string}${'-' | '.' | 'e'}${string}`
      ? false
      : true;

/** True for two of them. */
type AreNatural<A extends number, B extends number> =
  IsNatural<A> extends true ? (IsNatural<B> extends true ? true : false) : false;

type ToNumber<Text extends string> = Text extends `${infer N extends number}` ? N : number;

type Reverse<Text extends string, Done extends string = ''> = Text extends `${infer First}${infer Rest}`
  ? Reverse<Rest, `${First}${Done}`>
  : Done;

/** A + B. */
export type Add<A extends number, B extends number> = B extends 0
  ? A
  : A extends 0
    ? B
    : AreNatural<A, B> extends true
      ? ToNumber<Reverse<AddDigits<Reverse<`${A}`>, Reverse<`${B}`>>>>
      : number;

/** The sum of two numbers written backwards, units first. */
type AddDigits<
  A extends string,
  B extends string,
  Carry extends Digit = 0,
  Sum extends string = '',
> = A extends `${infer X extends Digit}${infer As}`
  ? B extends `${infer Y extends Digit}${infer Bs}`
    ? AddColumn<X, Y, Carry> extends [infer C extends Digit, infer S extends string]
      ? AddDigits<As, Bs, C, `${Sum}${S}`>
      : never
    : Carry extends 0
      ? `${Sum}${A}`
      : AddDigits<A, '1', 0, Sum>
  : B extends ''
    ? Carry extends 0
      ? Sum
      : `${Sum}1`
    : AddDigits<B, '', Carry, Sum>;

/** One column of a sum: [carry, digit]. */
type AddColumn<X extends Digit, Y extends Digit, Carry extends Digit> = [
  ...Zeros[X],
  ...Zeros[Y],
  ...Zeros[Carry],
] extends [...Ten, ...infer Over]
  ? [1, `${Over['length'] & number}`]
  : [0, `${[...Zeros[X], ...Zeros[Y], ...Zeros[Carry]]['length'] & number}`];

/** A - B; `never` when that is negative. */
export type Sub<A extends number, B extends number> = B extends 0
  ? A
  : AreNatural<A, B> extends true
    ? SubDigits<Reverse<`${A}`>, Reverse<`${B}`>> extends infer Difference extends string
      ? ToNumber<WithoutLeadingZeros<Reverse<Difference>>>
      : never
    : number;

type WithoutLeadingZeros<Text extends string> = Text extends `0${infer Rest}`
  ? Rest extends ''
    ? Text
    : WithoutLeadingZeros<Rest>
  : Text;

/** The difference of two numbers written backwards; `undefined` when it is negative. */
type SubDigits<
  A extends string,
  B extends string,
  Borrow extends Digit = 0,
  Difference extends string = '',
> = A extends `${infer X extends Digit}${infer As}`
  ? B extends `${infer Y extends Digit}${infer Bs}`
    ? SubColumn<X, Y, Borrow> extends [infer C extends Digit, infer D extends string]
      ? SubDigits<As, Bs, C, `${Difference}${D}`>
      : never
    : Borrow extends 0
      ? `${Difference}${A}`
      : SubDigits<A, '1', 0, Difference>
  : B extends ''
    ? Borrow extends 0
      ? Difference
      : undefined
    : undefined;

/** One column of a difference: [borrow, digit]. */
type SubColumn<X extends Digit, Y extends Digit, Borrow extends Digit> = Zeros[X] extends [
  ...Zeros[Y],
  ...Zeros[Borrow],
  ...infer Left,
]
  ? [0, `${Left['length'] & number}`]
  : [...Ten, ...Zeros[X]] extends [...Zeros[Y], ...Zeros[Borrow], ...infer Left]
    ? [1, `${Left['length'] & number}`]
    : never;

/** A * B. */
export type Mul<A extends number, B extends number> = A extends 0
  ? 0
  : B extends 0
    ? 0
    : A extends 1
      ? B
      : B extends 1
        ? A
        : AreNatural<A, B> extends true
          ? ToNumber<Reverse<MulDigits<Reverse<`${A}`>, `${B}`>>>
          : number;

/** A is written backwards, B forwards: for every digit of B, ten times what there is, and A times the digit. */
type MulDigits<
  A extends string,
  B extends string,
  Product extends string = '',
> = B extends `${infer Y extends Digit}${infer Bs}`
  ? MulDigits<A, Bs, AddDigits<`0${Product}`, MulDigit<A, Y>>>
  : Product;

/** A, written backwards, times a digit. */
type MulDigit<
  A extends string,
  Y extends Digit,
  Carry extends Digit = 0,
  Product extends string = '',
> = A extends `${infer X extends Digit}${infer As}`
  ? MulColumn<X, Y, Carry> extends [infer C extends Digit, infer P extends Digit]
    ? MulDigit<As, Y, C, `${Product}${P}`>
    : never
  : Carry extends 0
    ? Product
    : `${Product}${Carry}`;

/** One column of a product: [carry, digit]. */
type MulColumn<
  X extends Digit,
  Y extends Digit,
  Carry extends Digit,
> = `${[...Repeat<Zeros[X]>[Y], ...Zeros[Carry]]['length'] & number}` extends infer P
  ? P extends `${infer Tens extends Digit}${infer Ones extends Digit}`
    ? [Tens, Ones]
    : P extends `${infer Ones extends Digit}`
      ? [0, Ones]
      : never
  : never;

/** A tuple as often as the digit says. */
interface Repeat<T extends 0[]> {
  0: [];
  1: T;
  2: [...T, ...T];
  3: [...T, ...T, ...T];
  4: [...T, ...T, ...T, ...T];
  5: [...T, ...T, ...T, ...T, ...T];
  6: [...T, ...T, ...T, ...T, ...T, ...T];
  7: [...T, ...T, ...T, ...T, ...T, ...T, ...T];
  8: [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
  9: [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
}

/** The number that is written as N followed by a digit. */
type Append<N extends number, D extends string> = N extends 0 ? ToNumber<D> : ToNumber<`${N}${D}`>;

/** A / B, rounded down; `number` for a division by 0. */
export type FloorDiv<A extends number, B extends number> =
  DivMod<A, B> extends [infer Quotient, number] ? Quotient : never;

/** A / B when it is a whole number; `never` when it is not. */
export type ExactDiv<A extends number, B extends number> =
  DivMod<A, B> extends [infer Quotient extends number, infer Remainder extends number]
    ? Remainder extends 0
      ? Quotient
      : number extends Remainder
        ? number
        : never
    : never;

/** [quotient, remainder] */
type DivMod<A extends number, B extends number> = B extends 1
  ? [A, 0]
  : B extends 0
    ? [number, number]
    : AreNatural<A, B> extends true
      ? DivDigits<`${A}`, B>
      : [number, number];

/** Long division: bring down a digit, count how often B goes in, carry on with the remainder. */
type DivDigits<
  A extends string,
  B extends number,
  Remainder extends number = 0,
  Quotient extends number = 0,
> = A extends `${infer X}${infer As}`
  ? GoesIn<Append<Remainder, X>, B> extends [infer Times extends number, infer Left extends number]
    ? DivDigits<As, B, Left, Append<Quotient, `${Times}`>>
    : never
  : [Quotient, Remainder];

/** How often B goes into A, and what is left. */
type GoesIn<A extends number, B extends number, Times extends 0[] = []> = [Sub<A, B>] extends [never]
  ? [Times['length'], A]
  : GoesIn<Sub<A, B>, B, [...Times, 0]>;

/** The product of all sizes of a shape, its number of elements. */
export type Prod<S extends readonly number[], Product extends number = 1> = number extends S['length']
  ? number
  : S extends readonly [infer N extends number, ...infer Rest extends readonly number[]]
    ? Prod<Rest, Mul<Product, N>>
    : Product;
