import {
  arange,
  bernoulli,
  checkpoint,
  dependOn,
  detectAnomaly,
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
  randLike,
  randn,
  randperm,
  type Tensor,
  tensor,
  zeros,
} from '@tapegrad/autograd';
import { type DType, Generator, GradError, IndexError, manualSeed, type TypedArray } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { record } from './replay.ts';

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

describe('a tensor that was drawn', () => {
  const p: Tensor = tensor([0.2, 0.8, 0.5, 1, 0]);
  type Draw = (generator: Generator) => Tensor;

  test.each<[string, Draw]>([
    ['rand', generator => rand([5], { generator })],
    ['rand of float64', generator => rand([5], { generator, dtype: 'float64' })],
    // An odd number, so that the polar method's second normal waits for the next draw.
    ['randn', generator => randn([5], { generator })],
    ['randint', generator => randint(-4, 9, [5], { generator })],
    ['randint of float32', generator => randint(0, 9, [5], { generator, dtype: 'float32' })],
    ['randperm', generator => randperm(5, { generator })],
    ['randLike', generator => randLike(p, { generator })],
    ['bernoulli', generator => bernoulli(p, { generator })],
    ['dropout', generator => p.dropout(0.4, { generator })],
    ['dropout with probability 1', generator => p.dropout(1, { generator })],
  ])('by %s is drawn anew as eager draws next', (_name, draw) => {
    const [ours, theirs] = [new Generator(7), new Generator(7)];
    const { result, again } = record(() => draw(ours));
    expect(result.toArray()).toEqual(draw(theirs).toArray());
    for (let i = 0; i < 3; i++) {
      again();
      expect(result.toArray()).toEqual(draw(theirs).toArray());
    }
    expect(ours.state()).toBe(theirs.state());
  });

  test('from the default generator follows a new seed', () => {
    manualSeed(1);
    const { result, again } = record(() => randn([4]));
    manualSeed(5);
    again();
    manualSeed(5);
    expect(result.toArray()).toEqual(randn([4]).toArray());
  });

  test('fills any array of its size and dtype', () => {
    const redraws: ((data: TypedArray) => void)[] = [];
    const generator = new Generator(3);
    observe({ ...nobody, made: (_t, redraw) => void redraws.push(redraw!) }, () => rand([2], { generator }));
    const data = new Float32Array(2);
    redraws[0](data);
    const other = new Generator(3);
    rand([2], { generator: other });
    expect(Array.from(data)).toEqual(rand([2], { generator: other }).toArray());
  });
});

describe('bernoulli', () => {
  test('asks of each uniform number whether it lies below p', () => {
    const p: Tensor = tensor([0.1, 0.5, 0.9, 0.7], { dtype: 'float64' });
    const drawn = bernoulli(p, { generator: new Generator(4) }).toArray();
    const generator = new Generator(4);
    expect(drawn).toEqual([0.1, 0.5, 0.9, 0.7].map(chance => Number(generator.uniform() < chance)));
  });

  test('is made of operations, so that probabilities may be computed', () => {
    const x: Tensor = zeros([200]);
    const { result, again } = record(() => bernoulli(x.sigmoid(), { generator: new Generator(1) }));
    x.assign(100);
    again();
    expect(result.sum().item()).toBe(200);
  });

  test.each<DType>(['float32', 'float64', 'int32', 'bool'])('gives %s when asked to', dtype => {
    const drawn = bernoulli(tensor([0, 1]), { dtype });
    expect(drawn.dtype).toBe(dtype);
    expect(Array.from(drawn.data)).toEqual([0, 1]);
  });

  test('may require a gradient', () => {
    const drawn = bernoulli(tensor([0, 1]), { requiresGrad: true });
    expect([drawn.requiresGrad, drawn.isLeaf]).toEqual([true, true]);
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

describe('what is repeated on other values', () => {
  const logits: Tensor = tensor([
    [1, 2, 0],
    [0, 3, 1],
  ]);

  test('counts a class out that is ignored, though the first targets had none of it', () => {
    const targets: Tensor = ids(1, 2);
    const { result, again } = record(() => logits.crossEntropy(targets, { ignoreIndex: 0 }));
    targets.assign(ids(0, 2));
    again();
    expect(result.item()).toBe(logits.crossEntropy(ids(0, 2), { ignoreIndex: 0 }).item());
  });

  test('counts targets in again that were ignored', () => {
    const targets: Tensor = ids(-100, 2);
    const { result, again } = record(() => logits.crossEntropy(targets));
    targets.assign(ids(1, 2));
    again();
    expect(result.item()).toBe(logits.crossEntropy(ids(1, 2)).item());
  });

  test.each<[string, (t: Tensor) => Tensor, Tensor]>([
    ['a target that is no class', t => logits.crossEntropy(t), ids(1, 3)],
    ['a target that is ignored, where none was', t => logits.crossEntropy(t), ids(1, -100)],
    ['an id without a row', t => t.embedding(logits), ids(0, 2)],
    ['an id without a class in oneHot', t => t.oneHot(2), ids(0, 2)],
    ['an id before the first in at', t => logits.at(t), ids(0, -3)],
    ['an id behind the last in at', t => logits.at(t), ids(2, 0)],
    [
      'one of several ids in at, in the place of an element of the row before',
      t => logits.at(ids(1, 1), t),
      ids(-4, 1),
    ],
    ['one of several ids in at, in the place of an element of the next row', t => logits.at(ids(0, 0), t), ids(3, 0)],
  ])('finds %s', (_name, fn, wrong) => {
    const given: Tensor = ids(0, 1);
    const { again } = record(() => fn(given));
    expect(again).not.toThrow();
    given.assign(wrong);
    expect(again).toThrow(IndexError);
  });

  test('takes negative ids in at, though the first ones were positive', () => {
    const [rows, columns]: Tensor[] = [ids(0, 1), ids(2, 0)];
    const one = record(() => logits.at(rows));
    const two = record(() => logits.at(rows, columns));
    rows.assign(ids(-1, 0));
    columns.assign(ids(-1, -3));
    one.again();
    two.again();
    expect(one.result.toArray()).toEqual(logits.at(ids(1, 0)).toArray());
    expect(two.result.toArray()).toEqual([1, 1]);
  });

  test('costs at nothing where nobody records', () => {
    const names: string[] = [];
    const at = (...indices: Tensor[]): Tensor =>
      observe({ applied: op => names.push(op.name) }, () => logits.at(...indices));
    at(ids(1, 0));
    expect(names.splice(0)).toEqual(['indexSelect']);
    at(ids(1, 0), ids(2, 2));
    expect(names).not.toContain('where');
    expect(at(ids(-1, 0), ids(2, -2)).toArray()).toEqual([1, 2]);
  });

  test('finds ones elsewhere in oneHot', () => {
    const given: Tensor = ids(0, 1);
    const { result, again } = record(() => given.oneHot(3));
    given.assign(ids(2, 0));
    again();
    expect(result.toArray()).toEqual(ids(2, 0).oneHot(3).toArray());
  });

  test('draws the numbers once in a checkpoint, as eager does', () => {
    const run = (w: Tensor): void => {
      w.zeroGrad();
      checkpoint((x: Tensor) => x.mul(w).dropout(0.5), ones([8]))
        .sum()
        .backward();
    };
    const [w, v]: Tensor[] = [ones([8]), ones([8])];
    for (const t of [w, v]) t.requiresGrad = true;
    manualSeed(2);
    run(v);
    run(v);
    manualSeed(2);
    const { again } = record(() => run(w));
    again();
    expect(w.grad?.toArray()).toEqual(v.grad?.toArray());
  });
});

describe('what cannot be repeated', () => {
  test('is refused: a search for anomalies, which would hide the operations', () => {
    expect(() => record(() => detectAnomaly(() => ones([1]).exp()))).toThrow(
      'detectAnomaly: cannot be recorded, because it looks at every result; call it around the function before that is compiled',
    );
  });

  test('may still be done where who listens does not record', () => {
    expect(observe(nobody, () => detectAnomaly(() => zeros([1]).exp().item()))).toBe(1);
  });
});
