import { arange, randn, type Tensor, tensor, zeros } from '@tapegrad/autograd';
import { DataLoader, type Dataset, TensorDataset } from '@tapegrad/data';
import {
  ArgumentError,
  defaultGenerator,
  FormatError,
  Generator,
  IndexError,
  manualSeed,
  ShapeError,
} from '@tapegrad/tensor';
import { describe, expect, test, vi } from 'vitest';
import { is } from '../types/equal.ts';

const numbers = (n: number) => new TensorDataset(arange(n, { dtype: 'int32' }));

/** The examples of one epoch, batch by batch. */
const epoch = (loader: Iterable<readonly Tensor[]>): number[][] => Array.from(loader, ([x]) => x.toArray());

describe('a TensorDataset', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const y = tensor([10, 20, 30], { dtype: 'int32' });

  test('gives position i of each tensor as example i', () => {
    const dataset = new TensorDataset(x, y);
    expect(dataset.length).toBe(3);
    const [input, target] = dataset.get(1);
    is<Tensor<[2]>>()(input);
    is<Tensor<[]>>()(target);
    expect(input.toArray()).toEqual([3, 4]);
    expect(target.item()).toBe(20);
  });

  test('gives batches by ids, repeats and all', () => {
    const [inputs, targets] = new TensorDataset(x, y).batch(tensor(Int32Array.of(2, 0, 2)));
    is<Tensor<[number, 2]>>()(inputs);
    is<Tensor<[number]>>()(targets);
    expect(inputs.toArray()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
    expect(targets.toArray()).toEqual([30, 10, 30]);
    expect(targets.dtype).toBe('int32');
  });

  test('refuses tensors of different first dims, naming all shapes, and scalars', () => {
    expect(() => new TensorDataset(x, zeros([2, 3]), y)).toThrow(
      new ShapeError('TensorDataset: expected tensors of the same first dim, got shapes [3, 2], [2, 3], [3]'),
    );
    expect(() => new TensorDataset(tensor(1))).toThrow(ShapeError);
    expect(() => new TensorDataset()).toThrow(
      new ArgumentError('TensorDataset: expected at least one tensor, got none'),
    );
    expect(() => new TensorDataset([1, 2] as never)).toThrow('expected argument 0 to be a tensor, got object');
  });

  test('refuses examples and ids that it does not have', () => {
    const dataset = new TensorDataset(x);
    for (const i of [-1, 3, 0.5, Number.NaN]) expect(() => dataset.get(i)).toThrow(IndexError);
    expect(() => dataset.get(3)).toThrow('get: expected an example in 0..2, got 3');
    expect(() => dataset.batch(tensor(Int32Array.of(3)))).toThrow(IndexError);
  });
});

describe('a DataLoader', () => {
  test('goes through the examples in order, the last batch with what is left', () => {
    const loader = new DataLoader(numbers(7), { batchSize: 3 });
    expect(loader.length).toBe(3);
    expect(epoch(loader)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(epoch(loader)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  test('has batches of one example by default', () => {
    expect(epoch(new DataLoader(numbers(2)))).toEqual([[0], [1]]);
  });

  test('leaves out a last batch that is not full with dropLast', () => {
    const loader = new DataLoader(numbers(7), { batchSize: 3, dropLast: true });
    expect(loader.length).toBe(2);
    expect(epoch(loader)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(epoch(new DataLoader(numbers(6), { batchSize: 3, dropLast: true })).length).toBe(2);
  });

  test('of nothing has no batches', () => {
    const loader = new DataLoader(numbers(0), { batchSize: 3, shuffle: true, seed: 1 });
    expect(loader.length).toBe(0);
    expect(epoch(loader)).toEqual([]);
  });

  test('gives batches of the types of its dataset', () => {
    const dataset = new TensorDataset(zeros([6, 2]), zeros([6], { dtype: 'int32' }));
    for (const [x, y] of new DataLoader(dataset, { batchSize: 4, dropLast: true })) {
      is<Tensor<[number, 2]>>()(x);
      is<Tensor<[number]>>()(y);
      expect([x.shape, y.shape, y.dtype]).toEqual([[4, 2], [4], 'int32']);
    }
  });

  test('stacks the examples of any dataset with a length and get(i)', () => {
    const squares = { length: 5, get: (i: number): [Tensor<[2]>, Tensor<[]>] => [tensor([i, -i]), tensor(i * i)] };
    const batches = [...new DataLoader(squares, { batchSize: 3 })];
    is<[Tensor<[number, 2]>, Tensor<[number]>][]>()(batches);
    expect(batches.map(([, y]) => y.toArray())).toEqual([
      [0, 1, 4],
      [9, 16],
    ]);
    expect(batches[1][0].toArray()).toEqual([
      [3, -3],
      [4, -4],
    ]);
  });

  test('asks a dataset that has a batch for it, which gives what its examples stacked do', () => {
    const dataset = new TensorDataset(randn([7, 3], { generator: new Generator(1) }), arange(7, { dtype: 'int32' }));
    const options = { batchSize: 3, shuffle: true, seed: 1 };
    const get = vi.spyOn(dataset, 'get');
    const batched = [...new DataLoader(dataset, options)];
    expect(get).not.toHaveBeenCalled();
    const stacked = [...new DataLoader({ length: 7, get: (i: number) => dataset.get(i) }, options)];
    expect(get).toHaveBeenCalledTimes(7);
    expect(batched.map(batch => batch.map(String))).toEqual(stacked.map(batch => batch.map(String)));
  });

  test('stacks examples that are bare tensors to bare tensors', () => {
    const batches = [...new DataLoader({ length: 3, get: (i: number) => tensor([i]) }, { batchSize: 2 })];
    is<Tensor<[number, 1]>[]>()(batches);
    expect(batches.map(b => b.toArray())).toEqual([[[0], [1]], [[2]]]);
  });

  test('says so when examples are no tensors or do not fit together', () => {
    const bad = (get: (i: number) => unknown) => () => [
      ...new DataLoader({ length: 2, get } as Dataset, { batchSize: 2 }),
    ];
    expect(bad(i => i)).toThrow(
      new ArgumentError('DataLoader: expected get(i) to return a tensor or a tuple of tensors, got number'),
    );
    expect(bad(() => [1])).toThrow('expected get(i) to return a tensor or a tuple of tensors, got number');
    expect(bad(i => Array(i + 1).fill(tensor(0)))).toThrow(
      'DataLoader: expected examples of 1 tensors like the first of the batch, got another at place 1 of it',
    );
    expect(bad(i => zeros([i]))).toThrow(ShapeError);
  });

  test('refuses options that make no sense', () => {
    for (const batchSize of [0, -1, 1.5, Number.NaN, Infinity])
      expect(() => new DataLoader(numbers(3), { batchSize })).toThrow(
        new ArgumentError(`DataLoader: expected a batchSize that is a whole number from 1, got ${batchSize}`),
      );
    expect(() => new DataLoader(numbers(3), { seed: 1, generator: new Generator(1) })).toThrow(
      new ArgumentError('DataLoader: expected a seed or a generator, got both'),
    );
    expect(() => new DataLoader(numbers(3), { seed: Number.NaN })).toThrow(ArgumentError);
    expect(() => new DataLoader([1, 2] as never)).toThrow('DataLoader: expected a dataset with a length and get(i)');
  });
});

describe('the order of a loader that shuffles', () => {
  const shuffled = (seed: number | string, batchSize = 4) =>
    new DataLoader(numbers(10), { batchSize, shuffle: true, seed });

  test('has every example once', () => {
    const order = epoch(shuffled(1)).flat();
    expect(order).not.toEqual([...Array(10).keys()]);
    expect(order.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
  });

  test('is the same for the same seed, another for another seed and another in every epoch', () => {
    const [a, b] = [shuffled(1), shuffled(1)];
    const epochs = [epoch(a), epoch(a), epoch(a)];
    expect([epoch(b), epoch(b), epoch(b)]).toEqual(epochs);
    expect(new Set([...epochs, epoch(shuffled(2)), epoch(shuffled('x'))].map(e => e.join())).size).toBe(5);
  });

  test('is the same whatever the batch size', () => {
    expect(epoch(shuffled(3, 1)).flat()).toEqual(epoch(shuffled(3, 7)).flat());
  });

  test('is not disturbed by other loaders, whose iterations may interleave', () => {
    const expected = [epoch(shuffled(1)), epoch(shuffled(2))];
    const iterators = [shuffled(1)[Symbol.iterator](), shuffled(2)[Symbol.iterator]()];
    const seen: number[][][] = [[], []];
    for (let round = 0; round < 3; round++)
      for (const k of [0, 1]) seen[k].push(iterators[k].next().value[0].toArray());
    expect(seen).toEqual(expected);
  });

  test('is that of the next epoch after an iteration that was broken off', () => {
    const [whole, broken] = [shuffled(1), shuffled(1)];
    epoch(whole);
    for (const _ of broken) break;
    expect(broken.epoch).toBe(1);
    expect(epoch(broken)).toEqual(epoch(whole));
  });

  test('is that of an epoch of its own for each of two iterations at once', () => {
    const [loader, again] = [shuffled(1), shuffled(1)];
    const both = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
    const first = both.map(iterator => iterator.next().value[0].toArray());
    expect(first).toEqual([epoch(again)[0], epoch(again)[0]]);
  });

  test('follows from manualSeed or from a generator where no seed is given', () => {
    const fromDefault = () => {
      manualSeed(7);
      return epoch(new DataLoader(numbers(10), { shuffle: true }));
    };
    expect(fromDefault()).toEqual(fromDefault());
    const from = (generator: Generator) => epoch(new DataLoader(numbers(10), { shuffle: true, generator }));
    expect(from(new Generator(7))).toEqual(from(new Generator(7)));
    const generator = new Generator(7);
    expect(from(generator)).not.toEqual(from(generator));
  });

  test('draws nothing from the default generator when the loader does not shuffle or has a seed', () => {
    const before = manualSeed(7).state();
    epoch(new DataLoader(numbers(3)));
    epoch(shuffled(1));
    expect(defaultGenerator().state()).toBe(before);
  });
});

describe('the state of a loader', () => {
  const make = () => new DataLoader(numbers(10), { batchSize: 3, shuffle: true, seed: 'run' });

  test('is the seed, the epoch and the next batch', () => {
    const loader = make();
    expect(loader.state()).toEqual({ seed: 'run', epoch: 0, batch: 0 });
    for (const _ of loader) {
      expect(loader.state()).toEqual({ seed: 'run', epoch: 0, batch: 1 });
      expect(loader.epoch).toBe(0);
      break;
    }
    expect(loader.state()).toEqual({ seed: 'run', epoch: 1, batch: 0 });
    expect(new DataLoader(numbers(3)).state()).toEqual({ seed: null, epoch: 0, batch: 0 });
  });

  test('lets another loader go on exactly, from any batch of any epoch, through JSON', () => {
    const loader = make();
    const batches: number[][] = [];
    const states: string[] = [JSON.stringify(loader.state())];
    for (let e = 0; e < 3; e++)
      for (const [x] of loader) {
        batches.push(x.toArray());
        states.push(JSON.stringify(loader.state()));
      }
    for (const [k, state] of states.entries()) {
      const resumed = new DataLoader(numbers(10), { batchSize: 3, shuffle: true }).loadState(JSON.parse(state));
      const rest: number[][] = [];
      while (resumed.epoch < 3) rest.push(...epoch(resumed));
      expect(rest).toEqual(batches.slice(k));
    }
    expect(states.length).toBe(13);
  });

  test('that is something else is refused, and changes nothing', () => {
    const loader = make();
    const good = { seed: 1, epoch: 2, batch: 3 };
    const refused: [unknown, string][] = [
      [null, 'loadState: expected a seed that is a finite number, a string or null, got undefined'],
      [{ ...good, seed: null }, 'loadState: expected the state of a loader that shuffles, got one without a seed'],
      [{ ...good, epoch: -1 }, 'loadState: expected epoch and batch to be whole numbers from 0, got -1 and 3'],
      [{ ...good, batch: 0.5 }, 'loadState: expected epoch and batch to be whole numbers from 0, got 2 and 0.5'],
      [{ ...good, batch: 5 }, 'loadState: expected a batch within the 4 of an epoch, got 5'],
    ];
    for (const [state, message] of refused)
      expect(() => loader.loadState(state as never)).toThrow(new FormatError(message));
    expect(loader.state()).toEqual({ seed: 'run', epoch: 0, batch: 0 });
  });
});
