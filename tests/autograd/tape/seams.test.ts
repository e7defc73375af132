import {
  arange,
  bernoulli,
  dependOn,
  eye,
  full,
  isObserved,
  jacobian,
  linspace,
  type Observer,
  observe,
  ones,
  onesLike,
  rand,
  randint,
  randn,
  randperm,
  type Tensor,
  tensor,
  zeros,
} from '@tapegrad/autograd';
import { GradError } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';

const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });
const ids = (...data: number[]): Tensor => tensor(data, { dtype: 'int32' });
const nobody: Observer = { applied: () => {} };

/** What an observer is told while `fn` runs, as text in order. */
function told(fn: () => unknown): string[] {
  const events: string[] = [];
  observe(
    {
      applied: op => events.push(op.name),
      made: (x, redraw) => events.push(`${redraw === null ? 'made' : 'drawn'} ${x.dtype} [${x.shape}]`),
      read: (_x, how) => events.push(`read ${how}`),
      gradRead: () => events.push('gradRead'),
      gradSet: () => events.push('gradSet'),
      depends: fact => events.push(`depends ${fact()}`),
    },
    fn,
  );
  return events;
}

describe('made', () => {
  test.each<[string, () => Tensor, string]>([
    ['tensor', () => tensor([[1, 2]]), 'made float32 [1,2]'],
    ['zeros', () => zeros([2]), 'made float32 [2]'],
    ['ones', () => ones([], { dtype: 'float64' }), 'made float64 []'],
    ['full', () => full([2], true), 'made bool [2]'],
    ['eye', () => eye(2), 'made float32 [2,2]'],
    ['arange', () => arange(3), 'made float32 [3]'],
    ['linspace', () => linspace(0, 1, 5), 'made float32 [5]'],
    ['rand', () => rand([2]), 'drawn float32 [2]'],
    ['randn', () => randn([2], { dtype: 'float64' }), 'drawn float64 [2]'],
    ['randint', () => randint(0, 9, [2]), 'drawn int32 [2]'],
    ['randperm', () => randperm(4), 'drawn int32 [4]'],
  ])('tells of what %s gives, once', (_name, make, event) => {
    expect(told(make)).toEqual([event]);
  });

  const x: Tensor = ones([2, 3]);
  test.each<[string, () => unknown, string[]]>([
    ['a number as an operand', () => x.add(1), ['made float32 []', 'add']],
    ['the mask of a triangle', () => x.tril(), ['made bool [2,3]', 'made float32 []', 'where']],
    ['the ids of a diagonal', () => x.diagonal(), ['permute', 'reshape', 'made int32 [2]', 'indexSelect']],
    ['the mask of dropout', () => x.dropout(0.5), ['drawn float32 [2,3]', 'mul']],
    ['zeros that take after another tensor', () => onesLike(x), ['made float32 [2,3]']],
    [
      'the gradient of a loss with respect to itself',
      () => leaf([1]).backward(),
      ['made float32 [1]', 'made float32 [1]'],
    ],
  ])('tells of %s', (_name, fn, events) => {
    expect(told(fn).slice(0, events.length)).toEqual(events);
  });

  test('is told of a tensor that is finished: its elements and requiresGrad are there', () => {
    const seen: [number[], boolean][] = [];
    const made = (t: Tensor): void => void seen.push([Array.from(t.value.buffer), t.requiresGrad]);
    observe({ ...nobody, made }, () => {
      leaf([1, 2]);
      ones([2, 2]).triu();
    });
    expect(seen).toEqual([
      [[1, 2], true],
      [[1, 1, 1, 1], false],
      [[0, 0, 1, 0], false],
      [[0], false],
    ]);
  });

  test('is told of the seeds of a jacobian with their one in place', () => {
    const seen: number[][] = [];
    observe({ ...nobody, made: t => seen.push(Array.from(t.value.buffer)) }, () => jacobian(x => x.neg(), ones([2])));
    expect(seen).toContainEqual([1, 0]);
    expect(seen).toContainEqual([0, 1]);
  });

  test('is not told of what operations make, nor of detached tensors', () => {
    const t: Tensor = ones([2, 3]);
    expect(told(() => t.t().detach().exp().clone())).toEqual(['permute', 'exp', 'clone']);
  });
});

describe('read', () => {
  const x: Tensor = tensor([1.5]);
  test.each<[string, () => unknown, string]>([
    ['data', () => x.data, 'data'],
    ['item', () => x.item(), 'item()'],
    ['toArray', () => x.toArray(), 'toArray()'],
    ['toString', () => x.toString(), 'toString()'],
    ['a template', () => `${x}`, 'toString()'],
    ['a comparison', () => (x as unknown as number) < 2, 'item()'],
    ['JSON', () => JSON.stringify(x), 'toArray()'],
    ['console.log', () => (x as any)[Symbol.for('nodejs.util.inspect.custom')](), 'toString()'],
  ])('is called once by %s', (_name, fn, how) => {
    expect(told(fn)).toEqual([`read ${how}`]);
  });

  test('comes first, so that it may forbid reading', () => {
    const read = (): never => {
      throw new GradError('not now');
    };
    for (const fn of [() => x.data, () => x.item(), () => x.toArray(), () => `${x}`])
      expect(() => observe({ ...nobody, read }, fn)).toThrow('not now');
  });

  test('is called for a mask in at, and for ids whose largest says how many classes there are', () => {
    expect(told(() => x.at(tensor([true])))).toContain('read data');
    expect(told(() => ids(1, 0).oneHot())).toContain('read data');
  });

  test('is not called where values are only checked', () => {
    const logits: Tensor = leaf([1, 2, 3, 4]).reshape([2, 2]);
    const weight: Tensor = ones([2]);
    const fn = (): void => {
      logits.crossEntropy(ids(0, -100), { weight, labelSmoothing: 0.1 }).backward();
      logits.crossEntropy(ids(0, 1), { ignoreIndex: 1 });
      logits.at(ids(0, -1), ids(1, 1));
      logits.gather(1, ids(0, 1).unsqueeze(1));
      ids(1, 0).embedding(logits);
      ids(1, 0).oneHot(3);
      bernoulli(tensor([0.5]));
      logits.tril().dropout(0.5).softmax(0).topk(1);
      jacobian(v => v.square(), ones([2]));
    };
    expect(told(fn).filter(event => event.startsWith('read'))).toEqual([]);
  });
});

describe('grad', () => {
  test('tells that it is read before it is, and that it is set after it was', () => {
    const w: Tensor = leaf([1, 2]);
    const seen: unknown[] = [];
    const look = (what: string) => (t: Tensor) => seen.push([what, t === w, observe(null, () => t.grad !== null)]);
    const g: Tensor = ones([2]);
    observe({ ...nobody, gradRead: look('read'), gradSet: look('set') }, () => {
      w.grad = g;
      expect(w.grad).toBe(g);
      w.zeroGrad();
    });
    expect(seen).toEqual([
      ['set', true, true],
      ['read', true, true],
      ['set', true, false],
    ]);
  });

  test('is read and set once by backward', () => {
    const w: Tensor = leaf([1, 2]);
    const y = w.sum();
    expect(told(() => y.backward()).filter(event => event.startsWith('grad'))).toEqual(['gradRead', 'gradSet']);
  });

  test('may be made when it is read, and is kept from then on', () => {
    const w: Tensor = leaf([1, 2]);
    let made = 0;
    const make = (): Tensor => {
      made++;
      return tensor([3, 4]);
    };
    w.setLazyGrad(make);
    expect(w.lazyGrad).toBe(make);
    expect(made).toBe(0);
    const first = w.grad;
    expect(first?.toArray()).toEqual([3, 4]);
    expect(w.grad).toBe(first);
    expect([made, w.lazyGrad]).toEqual([1, null]);
  });

  test('that was not made yet goes when another one is set', () => {
    const w: Tensor = leaf([1, 2]);
    const never = (): never => {
      throw new Error('nobody reads this');
    };
    w.setLazyGrad(never);
    w.zeroGrad();
    expect([w.lazyGrad, w.grad]).toEqual([null, null]);
    w.setLazyGrad(never);
    w.grad = ones([2]);
    expect(w.lazyGrad).toBeNull();
    expect(w.grad.toArray()).toEqual([1, 1]);
  });

  test('that is made when it is read is what backward adds to', () => {
    const w: Tensor = leaf([1, 2]);
    w.setLazyGrad(() => tensor([10, 20]));
    w.square().sum().backward();
    expect(w.grad?.toArray()).toEqual([12, 24]);
  });

  test('tells that it was set where it is to be made later', () => {
    const w: Tensor = leaf([1]);
    expect(told(() => w.setLazyGrad(() => w))).toEqual(['gradSet']);
  });
});

describe('dependOn', () => {
  test('passes a fact on, which may be asked again', () => {
    let answer = 1;
    const facts: (() => unknown)[] = [];
    observe({ ...nobody, depends: fact => facts.push(fact) }, () => dependOn(() => answer));
    answer = 2;
    expect(facts.map(fact => fact())).toEqual([2]);
  });

  test('asks nothing where nobody listens', () => {
    const fact = (): never => {
      throw new Error('asked');
    };
    dependOn(fact);
    observe(nobody, () => dependOn(fact));
  });
});

test('isObserved says whether anybody listens', () => {
  expect([isObserved(), observe(nobody, isObserved), observe(nobody, () => observe(null, isObserved))]).toEqual([
    false,
    true,
    false,
  ]);
});
