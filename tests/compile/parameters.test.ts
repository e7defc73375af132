import { compile, nn, noGrad, ones, optim, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { counted } from './counting.ts';

/** A leaf w of three ones, a function that gives the gradient 2 w x, and one that takes a step along it. */
function quadratic() {
  const w = ones([3], { requiresGrad: true });
  return {
    w,
    gradient: (x: Tensor): Tensor[] => {
      w.zeroGrad();
      w.square().mul(x).sum().backward();
      return [];
    },
    gather: (x: Tensor): Tensor[] => {
      w.mul(x).sum().backward();
      return [];
    },
    halve: (): Tensor[] => {
      noGrad(() => w.assign(w.mul(0.5)));
      return [];
    },
  };
}

describe('parameters', () => {
  test('stay the objects that they were, and are read and written where they are', () => {
    const { w, halve } = quadratic();
    const run = compile(halve);
    const values = Array.from({ length: 3 }, () => {
      run();
      return w.toArray()[0];
    });
    expect(values).toEqual([0.5, 0.25, 0.125]);
    noGrad(() => w.assign(8));
    run();
    expect(w.toArray()).toEqual([4, 4, 4]);
    expect(w.requiresGrad && w.isLeaf).toBe(true);
  });

  test('that eager code writes to are seen by the next call', () => {
    const w = ones([2]);
    const { run, recordings } = counted((x: Tensor) => w.mul(x));
    run(ones([2]));
    w.assign(tensor([3, 4]));
    expect(run(ones([2])).toArray()).toEqual([3, 4]);
    w.select(0, 1).assign(9);
    expect(run(ones([2])).toArray()).toEqual([3, 9]);
    expect(recordings()).toBe(1);
  });

  test('are seen through views, detached tensors and state dicts that were taken before', () => {
    const layer = new nn.Linear(2, 2);
    const views = [layer.weight.detach().t(), layer.stateDict().weight, layer.weight.detach().select(0, 1)];
    const run = compile(() => {
      noGrad(() => layer.weight.assign(layer.weight.add(1)));
      return [];
    });
    const before = layer.weight.toArray();
    for (let i = 0; i < 3; i++) run();
    const after = layer.weight.toArray();
    expect(after[0][0]).toBeCloseTo(before[0][0] + 3, 5);
    expect(views.map(view => view.toArray())).toEqual([
      [
        [after[0][0], after[1][0]],
        [after[0][1], after[1][1]],
      ],
      after,
      after[1],
    ]);
  });

  test('show in `data` what is in them now, and the array that was read before stays valid', () => {
    const { w, halve } = quadratic();
    const run = compile(halve);
    run();
    const data = w.data;
    run();
    run();
    expect(Array.from(w.data)).toEqual([0.125, 0.125, 0.125]);
    expect(Array.from(data)).toEqual([0.125, 0.125, 0.125]);
    data[0] = 16;
    run();
    expect(w.toArray()).toEqual([8, 0.0625, 0.0625]);
  });

  test('are shared by two compiled functions, in either executor, and eager code', () => {
    const { w, halve } = quadratic();
    const runs = [compile(halve), compile(halve, { executor: 'javascript' }), halve];
    for (let i = 0; i < 9; i++) runs[i % 3]();
    expect(w.toArray()).toEqual([2 ** -9, 2 ** -9, 2 ** -9]);
  });

  test('that were overwritten can no longer be walked back to, as in eager code', () => {
    const { w, halve } = quadratic();
    const run = compile(halve);
    run();
    const loss = w.square().sum();
    run();
    expect(() => loss.backward()).toThrow(/^backward: input 0 of square, of shape \[3\], was overwritten by assign/);
  });

  test('are found by an optimiser that eager code steps', () => {
    const { w, gradient } = quadratic();
    const run = compile(gradient);
    const optimizer = new optim.SGD([w], { lr: 0.25 });
    for (let i = 0; i < 3; i++) {
      run(ones([3]));
      optimizer.step();
    }
    expect(w.toArray()).toEqual([0.125, 0.125, 0.125]);
  });
});

describe('gradients', () => {
  test('are there after a call, read or not', () => {
    const { w, gradient } = quadratic();
    const run = compile(gradient);
    run(ones([3]));
    run(ones([3]));
    run(tensor([1, 2, 3]));
    expect(w.grad?.toArray()).toEqual([2, 4, 6]);
    expect(w.grad).toBe(w.grad);
  });

  test('stay what they were when they were read, when the next call comes', () => {
    const { w, gradient } = quadratic();
    const run = compile(gradient);
    const seen: Tensor[] = [];
    for (const x of [1, 2, 3, 4]) {
      run(tensor([x, x, x]));
      seen.push(w.grad!);
    }
    expect(seen.map(g => g.toArray()[0])).toEqual([2, 4, 6, 8]);
    seen[3].assign(0);
    run(ones([3]));
    expect(w.grad?.toArray()).toEqual([2, 2, 2]);
  });

  test('add up over calls, and start anew where eager code sets them to null', () => {
    const { w, gather } = quadratic();
    const { run, recordings } = counted(gather);
    const add = (x: number): unknown => {
      run(tensor([x, x, x]));
      return w.grad?.toArray()[0];
    };
    expect([1, 2, 4].map(add)).toEqual([1, 3, 7]);
    w.zeroGrad();
    expect([1, 2, 4].map(add)).toEqual([1, 3, 7]);
    // Once for no gradient before the call, once for one.
    expect(recordings()).toBe(2);
  });

  test('add up over calls between which nobody reads them', () => {
    const { w, gather } = quadratic();
    const run = compile(gather);
    for (const x of [1, 2, 4, 8, 16]) run(tensor([x, x, x]));
    expect(w.grad?.toArray()).toEqual([31, 31, 31]);
  });

  test('add to what eager code left, and eager code adds to them', () => {
    const { w, gather } = quadratic();
    const run = compile(gather);
    for (let i = 0; i < 3; i++) {
      gather(ones([3]));
      run(ones([3]));
    }
    w.grad = zeros([3]).add(100);
    run(ones([3]));
    expect(w.grad.toArray()).toEqual([101, 101, 101]);
    gather(ones([3]));
    expect(w.grad?.toArray()).toEqual([102, 102, 102]);
  });

  test('of two functions that leave one in turn are those of the last', () => {
    const { w, gradient, gather } = quadratic();
    const [first, second] = [compile(gradient), compile(gather)];
    first(ones([3]));
    second(ones([3]));
    first(ones([3]));
    second(tensor([1, 2, 3]));
    expect(w.grad?.toArray()).toEqual([3, 4, 5]);
    first(tensor([1, 2, 3]));
    expect(w.grad?.toArray()).toEqual([2, 4, 6]);
  });

  test('that a function sets to null are null', () => {
    const { w } = quadratic();
    const run = compile(() => {
      w.zeroGrad();
      return [];
    });
    for (let i = 0; i < 2; i++) {
      w.grad = ones([3]);
      run();
      expect(w.grad).toBeNull();
    }
  });

  test('of arguments are given to the tensor of the call', () => {
    const run = compile((x: Tensor) => {
      x.square().sum().backward();
      return [];
    });
    const xs = [1, 2, 3].map(x => tensor([x, x], { requiresGrad: true }));
    for (const x of xs) run(x);
    expect(xs.map(x => x.grad?.toArray())).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ]);
  });

  test('that are clipped and used up within a call are those that are left', () => {
    const model = new nn.Linear(3, 2);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const run = compile((x: Tensor) => {
      optimizer.zeroGrad();
      model.forward(x).square().sum().backward();
      const norm = optim.clipGradNorm(model.parameters(), 0.5);
      optimizer.step();
      return norm;
    });
    for (let i = 0; i < 3; i++) expect(run(randn([4, 3])).item()).toBeGreaterThan(0.5);
    const squares = model.parameters().map(p => p.grad!.square().sum().item());
    expect(Math.sqrt(squares[0] + squares[1])).toBeCloseTo(0.5, 4);
  });
});
