import { type Observer, observe, type Primitive, primitives, Tensor } from '@tapegrad/autograd';
import { beforeAll, expect, test } from 'vitest';
import { cases } from './cases/index.ts';
import { Draw } from './draw.ts';

const all = Object.values(cases).flat();
const applied = new Set<Primitive<any>>();
const names = new Set<string>();
const called = new Set<string>();

/** The classes that a tensor's methods come from. */
const prototypes: object[] = [];
for (let p: object = Tensor.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) prototypes.push(p);

/** Every method of tensors, by the class that it is in. */
const methods = prototypes.flatMap(prototype =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [{ prototype, name, method: value }] : [],
  ),
);

/** Runs `fn` while methods of tensors write down that they were called. */
function watching(fn: () => void): void {
  const replace = ({ prototype, name }: (typeof methods)[number], value: unknown): unknown =>
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  for (const entry of methods)
    replace(entry, function (this: Tensor, ...args: unknown[]) {
      called.add(entry.name);
      return entry.method.apply(this, args);
    });
  try {
    fn();
  } finally {
    for (const entry of methods) replace(entry, entry.method);
  }
}

beforeAll(() => {
  const observer: Observer = {
    applied: op => {
      applied.add(op);
      names.add(op.name);
    },
  };
  const play = (c: (typeof all)[number]): unknown => c.play(fn => fn, new Draw(1));
  watching(() =>
    observe(observer, () => {
      for (const c of all) play(c);
    }),
  );
});

test('the list has more than two thousand cases, each with a name of its own in its theme', () => {
  expect(all.length).toBeGreaterThan(2000);
  for (const [theme, list] of Object.entries(cases)) {
    const seen = list.map(({ name }) => name);
    expect(
      seen.filter((name, i) => seen.indexOf(name) !== i),
      theme,
    ).toEqual([]);
  }
});

test('the cases apply every primitive, assign, and operations that are custom', () => {
  const missing = Object.entries(primitives).filter(([, op]) => !applied.has(op as Primitive<any>));
  expect(missing.map(([name]) => name)).toEqual([]);
  expect(['assign', 'cube'].filter(name => !names.has(name))).toEqual([]);
});

test('the cases call every method of tensors but those that print, take elements out or serve others', () => {
  const outside = ['item', 'toArray', 'toString', 'toJSON', 'castInPlace', 'setLazyGrad'];
  const missing = methods.map(({ name }) => name).filter(name => !called.has(name) && !outside.includes(name));
  expect(missing).toEqual([]);
});
