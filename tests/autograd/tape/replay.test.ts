import {
  bernoulli,
  checkpoint,
  detectAnomaly,
  type Observer,
  observe,
  ones,
  rand,
  randint,
  randLike,
  randn,
  randperm,
  type Tensor,
  tensor,
  zeros,
} from '@tapegrad/autograd';
import { type DType, Generator, IndexError, manualSeed, type TypedArray } from '@tapegrad/tensor';
import { describe, expect, test } from 'vitest';
import { record } from './replay.ts';

const ids = (...data: number[]): Tensor => tensor(data, { dtype: 'int32' });
const nobody: Observer = { applied: () => {} };

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
