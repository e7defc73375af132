import { ArgumentError, ShapeError } from '../errors.ts';
import { type Shape, showShape } from './shape.ts';
import type { Show, ShowDim, Unknown } from './types.ts';

/** What a specification of einsum says of its operands. */
export interface EinsumLabels {
  /** The labels of each operand's dims: letters, and `...1`, `...2` for the dims of an ellipsis, counted from its end. */
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** The size of each label: that of the dims that are not 1, if there are any. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** What a specification says of operands of `shapes`, all of which must fit. */
export function einsumLabels(spec: string, shapes: readonly Shape[]): EinsumLabels {
  const { inputs, given } = specOf(spec);
  if (inputs.length !== shapes.length)
    throw new ArgumentError(`einsum: '${spec}' is for ${count(inputs.length, 'operand')}, got ${shapes.length}`);
  const operands = inputs.map((tokens, i) => expandEllipsis(spec, tokens, shapes[i], i));
  const sizes = sizesOf(spec, operands, shapes);
  const output = given === undefined ? implicitOutput(operands) : given.flatMap(ellipsisOf(sizes));
  checkOutput(spec, output, sizes);
  return { operands, output, sizes };
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** A specification, operand by operand: letters, and '...' where that stands. */
interface Spec {
  readonly inputs: readonly (readonly string[])[];
  /** What follows '->'. */
  readonly given: readonly string[] | undefined;
}

/** Programs use few specifications, often: to read one takes longer than a small product. */
const known = new Map<string, Spec>();
const mostKnown = 1000;

function specOf(spec: string): Spec {
  const before = known.get(spec);
  if (before !== undefined) return before;
  if (known.size >= mostKnown) known.clear();
  const read = readSpec(spec);
  known.set(spec, read);
  return read;
}

function readSpec(spec: string): Spec {
  const [input, output, ...more] = spec.split('->');
  if (more.length > 0) throw new ArgumentError(`einsum: expected at most one '->', got '${spec}'`);
  const inputs = input.split(',').map(part => tokensOf(spec, part));
  return { inputs, given: output === undefined ? undefined : tokensOf(spec, output) };
}

const lettersAndEllipsis = /^ *(?:[a-zA-Z] *)*(?:\.\.\. *(?:[a-zA-Z] *)*)?$/;

/** The letters of one operand, or of the output, and '...' where that stands. */
function tokensOf(spec: string, part: string): string[] {
  if (!lettersAndEllipsis.test(part))
    throw new ArgumentError(`einsum: expected letters, and '...' at most once, got '${part}' in '${spec}'`);
  return part.match(/[a-zA-Z]|\.\.\./g) ?? [];
}

/** The labels of an operand's dims, those of the ellipsis among them. */
function expandEllipsis(spec: string, tokens: readonly string[], shape: Shape, operand: number): readonly string[] {
  const at = tokens.indexOf('...');
  const letters = at < 0 ? tokens.length : tokens.length - 1;
  const rest = shape.length - letters;
  if (at < 0 ? rest !== 0 : rest < 0)
    throw new ShapeError(
      `einsum: '${tokens.join('')}' is for ${count(letters, 'dim')}${at < 0 ? '' : ' or more'}, operand ${operand} has shape ${showShape(shape)}, in '${spec}'`,
    );
  return at < 0 ? tokens : tokens.flatMap(token => (token === '...' ? ellipsis(rest) : [token]));
}

/** The labels of an ellipsis of `n` dims. */
const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, i) => `...${n - i}`);

/** What a token of the output stands for: a letter itself, an ellipsis the longest one of the operands. */
const ellipsisOf = (sizes: ReadonlyMap<string, number>): ((token: string) => string[]) => {
  let n = 0;
  while (sizes.has(`...${n + 1}`)) n++;
  return token => (token === '...' ? ellipsis(n) : [token]);
};

function sizesOf(spec: string, operands: EinsumLabels['operands'], shapes: readonly Shape[]): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => {
    labels.forEach((label, d) => {
      const first = labels.indexOf(label);
      const [n, before] = [shapes[i][d], sizes.get(label)];
      if (first !== d && shapes[i][first] !== n) throw clash(spec, label, shapes[i][first], n, shapes);
      if (before !== undefined && before !== n && before !== 1 && n !== 1) throw clash(spec, label, before, n, shapes);
      if (before === undefined || before === 1) sizes.set(label, n);
    });
  });
  return sizes;
}

function clash(spec: string, label: string, a: number, b: number, shapes: readonly Shape[]): ShapeError {
  const what = label.startsWith('...') ? "a dim of '...'" : `label ${label}`;
  const all = shapes.map(showShape);
  const last = all.pop();
  const shown = all.length === 0 ? last : `${all.join(', ')} and ${last}`;
  return new ShapeError(`einsum: ${what} has sizes ${a} and ${b}, in '${spec}' with ${shown}`);
}

/** The dims of the ellipsis, then the letters that stand once, capitals first. */
function implicitOutput(operands: EinsumLabels['operands']): string[] {
  const all = operands.flat();
  const letters = all.filter(label => !label.startsWith('...'));
  const once = letters.filter(label => letters.indexOf(label) === letters.lastIndexOf(label));
  return [...ellipsis(new Set(all).size - new Set(letters).size), ...once.sort()];
}

function checkOutput(spec: string, output: readonly string[], sizes: ReadonlyMap<string, number>): void {
  output.forEach((label, i) => {
    if (!sizes.has(label)) throw new ArgumentError(`einsum: output label ${label} is that of no operand, in '${spec}'`);
    if (output.indexOf(label) !== i) throw new ArgumentError(`einsum: output label ${label} is repeated, in '${spec}'`);
  });
}

/** The shape of einsum, for literal specifications without an ellipsis. L are the shapes of the operands. */
export type Einsum<Spec extends string, L extends readonly Shape[]> = string extends Spec
  ? Unknown
  : Spec extends `${string}.${string}`
    ? Unknown
    : number extends L['length']
      ? Unknown
      : WithoutSpaces<Spec> extends `${infer Input}->${infer Output}`
        ? Explicit<Spec, L, Input, Output>
        : Explicit<Spec, L, WithoutSpaces<Spec>, ImplicitOutput<WithoutSpaces<Spec>>>;

type WithoutSpaces<Text extends string> = Text extends `${infer A} ${infer B}` ? WithoutSpaces<`${A}${B}`> : Text;

type Parts<Text extends string> = Text extends `${infer First},${infer Rest}` ? [First, ...Parts<Rest>] : [Text];

type Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The letters that stand in Text once, in alphabetical order. */
type ImplicitOutput<
  Text extends string,
  Letters extends string = Alphabet,
  Out extends string = '',
> = Letters extends `${infer Letter}${infer Rest}`
  ? Text extends `${string}${Letter}${infer Behind}`
    ? ImplicitOutput<Text, Rest, Behind extends `${string}${Letter}${string}` ? Out : `${Out}${Letter}`>
    : ImplicitOutput<Text, Rest, Out>
  : Out;

type Explicit<
  Spec extends string,
  L extends readonly Shape[],
  Input extends string,
  Output extends string,
> = Parts<Input>['length'] extends L['length']
  ? SizesOf<Spec, L, Parts<Input>, L> extends infer Sizes
    ? Sizes extends string
      ? Sizes
      : OutputShape<Spec, Output, Sizes>
    : never
  : `einsum: '${Spec}' is for ${Count<Parts<Input>['length'], 'operand'>}, got ${L['length']}`;

type Count<N extends number, Noun extends string> = `${N} ${Noun}${N extends 1 ? '' : 's'}`;

/** The sizes of all labels, by their letters, or a message. */
type SizesOf<
  Spec extends string,
  L extends readonly Shape[],
  Labels extends readonly string[],
  Left extends readonly Shape[],
  Sizes = unknown,
  Operands extends 0[] = [],
> = Labels extends readonly [infer First extends string, ...infer Rest extends readonly string[]]
  ? Left extends readonly [infer S extends Shape, ...infer Others extends readonly Shape[]]
    ? number extends S['length']
      ? SizesOf<Spec, L, Rest, Others, AnyOf<Letters<First>[number], Sizes>, [...Operands, 0]>
      : Letters<First>['length'] extends S['length']
        ? AddOperand<Spec, L, Letters<First>, S, Sizes> extends infer Next
          ? Next extends string
            ? Next
            : SizesOf<Spec, L, Rest, Others, Next, [...Operands, 0]>
          : never
        : `einsum: '${First}' is for ${Count<Letters<First>['length'], 'dim'>}, operand ${Operands['length']} has shape ${Show<S>}, in '${Spec}'`
    : never
  : Sizes;

type Letters<Text extends string, Out extends string[] = []> = Text extends `${infer First}${infer Rest}`
  ? Letters<Rest, [...Out, First]>
  : Out;

/** The sizes with those labels that they do not have as `number`. */
type AnyOf<Names extends string, Sizes> = Sizes & { [K in Exclude<Names, keyof Sizes>]: number };

/** The sizes with those of an operand S; Own are those of the dims of S that have been read. */
type AddOperand<
  Spec extends string,
  L extends readonly Shape[],
  Labels extends readonly string[],
  S extends Shape,
  Sizes,
  Own = unknown,
> = Labels extends readonly [infer Label extends string, ...infer Rest extends readonly string[]]
  ? S extends readonly [infer N extends number, ...infer Others extends Shape]
    ? [SizeIn<Own, Label, number> & N] extends [never]
      ? Clash<Spec, L, Label, SizeIn<Own, Label, number>, N>
      : [Merged<SizeIn<Sizes, Label, N>, N>] extends [never]
        ? Clash<Spec, L, Label, SizeIn<Sizes, Label, N>, N>
        : AddOperand<
            Spec,
            L,
            Rest,
            Others,
            Put<Sizes, Label, Merged<SizeIn<Sizes, Label, N>, N>>,
            Put<Own, Label, SizeIn<Own, Label, number> & N>
          >
    : never
  : Sizes;

type SizeIn<Sizes, Label extends string, Default extends number> = Label extends keyof Sizes
  ? Sizes[Label] & number
  : Default;

type Put<Sizes, Label extends string, N extends number> = {
  [K in keyof Sizes | Label]: K extends Label ? N : K extends keyof Sizes ? Sizes[K] : never;
};

/** A size of 1 becomes the other one. */
type Merged<M extends number, N extends number> = M extends 1 ? N : N extends 1 ? M : M & N;

type Clash<
  Spec extends string,
  L extends readonly Shape[],
  Label extends string,
  M extends number,
  N extends number,
> = `einsum: label ${Label} has sizes ${ShowDim<M>} and ${ShowDim<N>}, in '${Spec}' with ${ShowAll<L>}`;

type ShowAll<L extends readonly Shape[]> = L extends readonly [infer A extends Shape]
  ? Show<A>
  : L extends readonly [infer A extends Shape, infer B extends Shape]
    ? `${Show<A>} and ${Show<B>}`
    : L extends readonly [infer A extends Shape, ...infer Rest extends readonly Shape[]]
      ? `${Show<A>}, ${ShowAll<Rest>}`
      : never;

type OutputShape<
  Spec extends string,
  Output extends string,
  Sizes,
  Seen extends string = never,
  Out extends number[] = [],
> = Output extends `${infer Label}${infer Rest}`
  ? Label extends keyof Sizes
    ? Label extends Seen
      ? `einsum: output label ${Label} is repeated, in '${Spec}'`
      : OutputShape<Spec, Rest, Sizes, Seen | Label, [...Out, Sizes[Label] & number]>
    : `einsum: output label ${Label} is that of no operand, in '${Spec}'`
  : Out;
