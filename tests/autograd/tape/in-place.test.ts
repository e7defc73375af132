import { apply, type Computed, cat, grad, observe, primitives, randn, type Tensor, tensor } from '@tapegrad/autograd';
import { Generator, type NdArray } from '@tapegrad/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// Gradients that arrive at a tensor are added up in the buffer of the first wherever the walk owns that. With createGraph it
// owns none, and every sum is a new tensor: the slow twin.

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

interface Addition {
  readonly op: string;
  /** Where the result went, if into the first input. */
  readonly reused: NdArray | null;
}

/** The additions that `fn` does, and whether each wrote into its first input. */
function additionsOf(fn: () => unknown): Addition[] {
  const seen: Addition[] = [];
  const additions: unknown[] = [primitives.add, primitives.sliceAdd, primitives.indexAdd, primitives.scatterAdd];
  observe(
    {
      applied(op, [into], _attrs, { value }) {
        if (additions.includes(op)) seen.push({ op: op.name, reused: value === into.value ? value : null });
      },
    },
    fn,
  );
  return seen;
}

const inPlace = ({ reused }: Addition): boolean => reused !== null;

describe('the gradients of', () => {
  test('a tensor used many times are added up in one buffer', () => {
    const x = leaf([1, 2]);
    const y = cat([x.mul(1), x.mul(2), x.mul(3), x.mul(4)]).sum();
    const additions = additionsOf(() => y.backward());
    expect(additions.map(inPlace)).toEqual([true, true, true]);
    expect(new Set(additions.map(a => a.reused))).toEqual(new Set([x.grad?.value]));
    expect(x.grad?.toArray()).toEqual([10, 10]);
  });

  test('parts of a tensor are written into one buffer of its size', () => {
    const x = leaf([1, 2, 3, 4]);
    const ids = tensor([0, 0, 3], { dtype: 'int32' });
    const parts = [x.slice(0, 1, 3), x.select(0, 2), x.indexSelect(0, ids), x.gather(0, ids)];
    const y = parts.map(part => part.sum()).reduce((a, b) => a.add(b));
    const additions = additionsOf(() => y.backward());
    expect(additions.map(a => a.op)).toEqual(['scatterAdd', 'indexAdd', 'sliceAdd', 'sliceAdd']);
    expect(additions.map(a => a.reused)).toEqual(Array(4).fill(x.grad?.value));
    expect(x.grad?.toArray()).toEqual([4, 1, 2, 2]);
  });

  test('the same graph are added up in new buffers with createGraph', () => {
    const x = leaf([1, 2]);
    const y = cat([x.slice(0, 1), x.mul(1), x.mul(2)]).sum();
    const additions = additionsOf(() => grad(y, x, { createGraph: true }));
    expect(additions.map(inPlace)).toEqual([false, false]);
  });

  test('a sum x + x are not added into the gradient that both terms share', () => {
    const x = leaf([1, 2]);
    const seed = tensor([5, 6]);
    const y = x.add(x);
    const additions = additionsOf(() => y.backward(seed));
    expect(additions.map(inPlace)).toEqual([false]);
    expect(seed.toArray()).toEqual([5, 6]);
    expect(x.grad?.toArray()).toEqual([10, 12]);
  });
});

describe('a gradient rule of an operation made by hand', () => {
  const square = primitives.square;

  test('may give back a value that the tape keeps, which is then not overwritten', () => {
    const asInput: Computed<undefined> = { ...square, gradients: [(_g, { inputs: [x] }) => x] };
    const asOutput: Computed<undefined> = { ...square, gradients: [(_g, { output }) => output], keeps: [['output']] };
    for (const op of [asInput, asOutput]) {
      const x = leaf([2, 3]);
      const y = apply(op, [x], undefined);
      const [before, g] = [y.toArray(), op === asInput ? [2, 3] : [4, 9]];
      x.mul(0).add(y).sum().backward();
      y.sum().backward();
      expect(x.grad?.toArray()).toEqual(g.map(a => 2 * a));
      x.zeroGrad();
      y.sum().backward();
      x.grad?.assign(0);
      expect([x.toArray(), y.toArray()]).toEqual([[2, 3], before]);
    }
  });

  test('may leave the total as it is, which is then not lent any more', () => {
    const op: Computed<undefined> = { ...square, gradients: [{ addTo: total => total }] };
    const x = leaf([2, 3]);
    apply(op, [x], undefined).sum().backward();
    x.grad?.add(1);
    expect(x.grad?.toArray()).toEqual([0, 0]);
  });
});

test('an operation on a gradient by who listens does not write into the buffer lent to the addition', () => {
  const x = leaf([1, 2]);
  const y = cat([x.mul(1), x.mul(2), x.mul(3)]).sum();
  let busy = false;
  observe(
    {
      applied(_op, _inputs, _attrs, output) {
        if (busy) return;
        busy = true;
        output.add(100);
        busy = false;
      },
    },
    () => y.backward(),
  );
  expect(x.grad?.toArray()).toEqual([6, 6]);
});

/** One step of a random program: an operation on earlier results of shape [3, 4] that gives another one. */
interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly i: number;
}

const ids = (...list: number[]): Tensor => tensor(list, { dtype: 'int32' });

type Operation = (a: Tensor, b: Tensor, i: number) => Tensor;

const operations: readonly Operation[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b).tanh(),
  (a, b) => a.matmul(b.transpose(0, 1)).matmul(a).tanh(),
  (a, b, i) => cat([a.slice(0, 0, i), b.slice(0, i)], 0),
  (a, b, i) => a.select(0, i).add(b),
  (a, b, i) => a.select(1, i).unsqueeze(1).mul(b),
  (a, _b, i) => a.slice(0, i, i + 1).expand([3, 4]),
  (a, _b, i) => a.indexSelect(0, ids(i, i, 2 - i)),
  (a, b, i) => a.indexSelect(1, ids(i, 3, i, i)).add(b.sum(0)),
  (a, _b, i) =>
    a.gather(
      1,
      tensor(
        [
          [i, i, 0, 1],
          [3, 2, i, i],
          [0, 0, 0, i],
        ],
        { dtype: 'int32' },
      ),
    ),
  (a, b, i) => cat([a, b], 1).slice(1, i % 2, 8, 2),
  a => a.transpose(0, 1).reshape([3, 4]),
  (a, _b, i) => a.flip(i % 2).clone(),
  (a, b) => cat([...a].reverse().map(row => row.unsqueeze(0))).sub(b),
  (a, b) => a.sum(1, { keepdim: true }).add(b).add(b.mean()),
];

const steps = fc.array(
  fc.record<Step>({
    op: fc.nat({ max: operations.length - 1 }),
    a: fc.nat({ max: 1000 }),
    b: fc.nat({ max: 1000 }),
    i: fc.nat({ max: 2 }),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Runs a program on three leaves; each step reads any two of what there is, and the root is the sum of it all. */
function run(program: readonly Step[]): { leaves: Tensor[]; all: Tensor[]; root: Tensor } {
  const generator = new Generator(7);
  const leaves: Tensor[] = [1, 2, 3].map(() => randn([3, 4], { generator, dtype: 'float64', requiresGrad: true }));
  const all = [...leaves];
  for (const { op, a, b, i } of program) all.push(operations[op](all[a % all.length], all[b % all.length], i));
  return { leaves, all, root: all.reduce((sum, t) => sum.add(t)) };
}

const seedFor = (shape: number[]): Tensor => randn(shape, { generator: new Generator(8), dtype: 'float64' });

const copyOf = (t: Tensor): number[] => Array.from(t.data);

function expectClose(got: Tensor | null, expected: Tensor | null): void {
  const [a, b] = [got, expected].map(t => (t === null ? [] : copyOf(t)));
  expect(a.length).toBe(b.length);
  for (let k = 0; k < a.length; k++) expect(Math.abs(a[k] - b[k])).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(b[k])));
}

describe('on random graphs', () => {
  const check = (property: (program: Step[]) => void): void =>
    fc.assert(fc.property(steps, property), { numRuns: 150, seed: 5 });

  test('adding in place and adding in new buffers give the same gradients', () => {
    let reused = 0;
    check(program => {
      const { leaves, root } = run(program);
      const seed = seedFor(root.shape);
      const slow = grad(root, leaves, { gradOutputs: seed, createGraph: true, allowUnused: true });
      reused += additionsOf(() => root.backward(seed)).filter(inPlace).length;
      leaves.forEach((x, i) => {
        expectClose(x.grad, slow[i]);
      });
    });
    expect(reused).toBeGreaterThan(500);
  });

  test('no value of the forward pass, no seed and no gradient that a hook kept is overwritten', () => {
    check(program => {
      const { all, root } = run(program);
      const held: [Tensor, number[]][] = all.map(t => [t, copyOf(t)]);
      const seed = seedFor(root.shape);
      held.push([seed, copyOf(seed)]);
      for (const t of all)
        t.registerHook(g => {
          held.push([g, copyOf(g)]);
        });
      root.backward(seed);
      root.backward(seed);
      for (const [t, values] of held) expect(copyOf(t)).toEqual(values);
    });
  });

  test('every grad has a buffer of its own', () => {
    check(program => {
      const { leaves, all, root } = run(program);
      for (const t of all) t.retainGrad();
      root.backward(seedFor(root.shape));
      const bases = all.flatMap(t => (t.grad === null ? [] : [t.grad.value.base]));
      const values = new Set(all.map(t => t.value.base));
      expect(new Set(bases).size).toBe(bases.length);
      expect(bases.some(base => values.has(base))).toBe(false);
      for (const x of leaves) if (x.grad !== null) expect(x.grad.value.base).toBe(x.grad.value);
    });
  });
});
