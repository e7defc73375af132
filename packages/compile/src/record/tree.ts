import { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';

/**
 * How arrays and plain objects with tensors in them are nested, with the tensors taken out: numbered leaves stand in their
 * places. Everything else (numbers, strings, functions, objects of classes, lists of numbers) is part of the tree as it is.
 */
export type Tree =
  | { readonly kind: 'tensor'; readonly index: number }
  | { readonly kind: 'array'; readonly items: readonly Tree[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [key: string, item: Tree])[] }
  | { readonly kind: 'other'; readonly value: unknown };

/** The tree of a value, and its tensors in order; one that comes several times is one leaf each time. */
export function flatten(value: unknown): { readonly tree: Tree; readonly tensors: Tensor[] } {
  const tensors: Tensor[] = [];
  const around = new Set<unknown>();
  const visit = (part: unknown): Tree => {
    if (part instanceof Tensor) return { kind: 'tensor', index: tensors.push(part) - 1 };
    if (!isNested(part)) return { kind: 'other', value: part };
    if (around.has(part))
      throw new ArgumentError('compile: expected nested arrays and objects, got one that holds itself');
    around.add(part);
    const tree: Tree = Array.isArray(part)
      ? { kind: 'array', items: part.map(visit) }
      : { kind: 'object', entries: Object.entries(part).map(([key, item]) => [key, visit(item)] as const) };
    around.delete(part);
    return holdsTensors(tree) ? tree : { kind: 'other', value: part };
  };
  return { tree: visit(value), tensors };
}

const holdsTensors = (tree: Tree): boolean =>
  tree.kind === 'array'
    ? tree.items.some(({ kind }) => kind !== 'other')
    : tree.kind === 'object' && tree.entries.some(([, { kind }]) => kind !== 'other');

/** The value that a tree describes, with these tensors at its leaves. */
export function unflatten(tree: Tree, tensors: readonly Tensor[]): unknown {
  switch (tree.kind) {
    case 'tensor':
      return tensors[tree.index];
    case 'array':
      return tree.items.map(item => unflatten(item, tensors));
    case 'object':
      return Object.fromEntries(tree.entries.map(([key, item]) => [key, unflatten(item, tensors)]));
    case 'other':
      return tree.value;
  }
}

const isNested = (value: unknown): value is object =>
  Array.isArray(value) || (typeof value === 'object' && value !== null && isPlain(value));

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Where two trees differ in the way they are nested, and what each has there; undefined where they do not. */
export function findDifference(expected: Tree, got: Tree, path = ''): string | undefined {
  if (expected.kind !== got.kind) return `expected ${nameOf(expected)} at ${path}, got ${nameOf(got)}`;
  if (expected.kind === 'array' && got.kind === 'array') {
    if (expected.items.length !== got.items.length)
      return path === ''
        ? `expected ${count(expected.items.length, 'argument')}, got ${got.items.length}`
        : `expected ${count(expected.items.length, 'item')} at ${path}, got ${got.items.length}`;
    return first(expected.items, (item, i) =>
      findDifference(item, got.items[i], path === '' ? `argument ${i}` : `${path}[${i}]`),
    );
  }
  if (expected.kind === 'object' && got.kind === 'object') {
    const keys = (entries: typeof expected.entries): string[] => entries.map(([key]) => key);
    const items = new Map(got.entries);
    if (expected.entries.length !== items.size || !expected.entries.every(([key]) => items.has(key)))
      return `expected the keys ${keys(expected.entries).join(', ')} at ${path}, got ${keys(got.entries).join(', ')}`;
    return first(expected.entries, ([key, item]) => findDifference(item, items.get(key)!, `${path}.${key}`));
  }
  return undefined;
}

/** Whether two values that hold no tensors are the same, arrays and plain objects item by item. */
export function sameConstant(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isNested(a) || !isNested(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([key, item]) => sameConstant(item, (b as typeof a)[key as keyof typeof a]))
  );
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function first<T>(list: readonly T[], find: (item: T, i: number) => string | undefined): string | undefined {
  for (let i = 0; i < list.length; i++) {
    const found = find(list[i], i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(tree: Tree): string {
  if (tree.kind === 'tensor') return 'a tensor';
  if (tree.kind === 'array') return 'an array';
  if (tree.kind === 'object') return 'an object';
  if (tree.value === null || tree.value === undefined) return String(tree.value);
  return typeof tree.value === 'object' ? `a ${tree.value.constructor.name}` : `a ${typeof tree.value}`;
}
