import { arange, noGrad, type Tensor, zeros } from 'tapegrad';
import { type Case, program, pure, script } from '../case.ts';
import type { Draw } from '../draw.ts';

/** A program that closes over one [3, 4] tensor and takes another. */
const onState = (name: string, fn: (state: Tensor, x: Tensor) => any): Case =>
  program(name, draw => {
    const state = draw.normal(3, 4);
    return { fn: (x: Tensor) => fn(state, x), inputs: d => [d.normal(3, 4)], state };
  });

const matrix = (draw: Draw): Tensor[] => [draw.normal(3, 4)];

export const assignCases: Case[] = [
  onState('a closed-over tensor is overwritten', (s, x) => {
    s.assign(x);
    return [];
  }),
  onState('a closed-over tensor is overwritten and read afterwards', (s, x) => {
    s.assign(s.mul(0.5).add(x));
    return s.sum(0);
  }),
  onState('a closed-over tensor is read before and after it is overwritten', (s, x) => {
    const before = s.mul(2);
    s.assign(x);
    return [before, s.mul(2), before.sub(s)];
  }),
  onState('what is read of a tensor before it is overwritten is used only afterwards', (s, x) => {
    const before = s.exp();
    s.assign(x.exp());
    return before.div(s);
  }),
  onState('a tensor is overwritten twice in one call', (s, x) => {
    s.assign(x);
    const between = s.sum();
    s.assign(s.mul(2).add(1));
    return [between, s.sum()];
  }),
  onState('a tensor is overwritten with what nobody reads, and then again', (s, x) => {
    s.assign(x.exp());
    s.assign(x.neg());
    return [];
  }),
  onState('a tensor is overwritten with a number', (s, x) => {
    const sum = s.add(x).sum();
    s.assign(7);
    return sum;
  }),
  onState('a tensor is overwritten with a row that broadcasts', (s, x) => {
    s.assign(x.select(0, 1));
    return s.mul(2);
  }),
  onState('a tensor is overwritten with a column that broadcasts', (s, x) => {
    s.assign(x.sum(1, { keepdim: true }));
    return s.add(1);
  }),
  onState('a tensor is overwritten with itself', (s, x) => {
    s.assign(s);
    return s.add(x);
  }),
  onState('one row is overwritten through a view', (s, x) => {
    s.select(0, 1).assign(x.select(0, 0));
    return s.mul(1);
  }),
  onState('every other column is overwritten through a view', (s, x) => {
    s.slice(1, 0, undefined, 2).assign(x.slice(1, 1, undefined, 2));
    return s.sum(0);
  }),
  onState('a tensor is overwritten through its transpose', (s, x) => {
    s.t().assign(x.t().mul(3));
    return s.add(0);
  }),
  onState('a tensor is overwritten through a flipped and sliced view', (s, x) => {
    s.flip(1)
      .narrow(1, 0, 2)
      .assign(x.narrow(1, 0, 2));
    return s.exp();
  }),
  onState('a tensor is overwritten with its own reflection', (s, x) => {
    s.assign(s.flip(0).flip(1));
    return s.add(x);
  }),
  onState('a part is overwritten with a part that overlaps it', (s, x) => {
    s.narrow(0, 1, 2).assign(s.narrow(0, 0, 2));
    return s.mul(x);
  }),
  onState('two parts are overwritten one after the other, and overlap', (s, x) => {
    s.narrow(1, 0, 3).assign(x.narrow(1, 0, 3));
    s.narrow(1, 2, 2).assign(x.narrow(1, 0, 2).neg());
    return s.clone();
  }),
  onState('a view taken before shows what was assigned to its base', (s, x) => {
    const [row, transposed, same] = [s.select(0, 2), s.t(), s.detach()];
    s.assign(x);
    return [row.mul(2), transposed.sum(0), same.neg()];
  }),
  onState('a view taken before shows what was assigned to another view', (s, x) => {
    const column = s.select(1, 0);
    s.select(0, 0).assign(x.select(0, 0));
    return [column.add(1), s.sum()];
  }),
  onState('the result is the overwritten tensor itself', (s, x) => s.assign(s.add(x)).clone()),
  onState('a tensor made inside of the function is overwritten in parts', (_, x) => {
    const table = zeros([3, 4]);
    for (let i = 0; i < 3; i++) table.select(0, i).assign(x.select(0, 2 - i).mul(i + 1));
    return table;
  }),
  onState('the result of an operation is overwritten in a part', (_, x) => {
    const y = x.exp();
    const before = y.sum();
    y.select(1, 1).assign(0);
    return [before, y, y.sum()];
  }),
  pure(
    'an argument is overwritten',
    (x: Tensor) => {
      const before = x.mul(2);
      x.assign(x.neg());
      return [before, x.add(1)];
    },
    matrix,
  ),
  pure(
    'a part of an argument is overwritten through a view',
    (x: Tensor) => {
      x.select(0, 0).assign(x.select(0, 1));
      return x.sum(0);
    },
    matrix,
  ),
  pure(
    'an argument that is a view is overwritten',
    (x: Tensor) => {
      x.assign(x.mul(10));
      return x.sum();
    },
    draw => [draw.normal(4, 6).t().slice(0, 1, 5)],
  ),
  script('what lies around an overwritten view that is an argument stays', (compiled, draw) => {
    const zero = compiled((x: Tensor) => {
      x.assign(0);
      return x.clone();
    });
    const whole = draw.normal(4, 5);
    return [zero(whole.select(1, 2)), zero(whole.narrow(0, 1, 2)), whole];
  }),
  program('a counter of int32 and a flag of bool are overwritten', () => {
    const [count, flag] = [zeros([], { dtype: 'int32' }), zeros([2], { dtype: 'bool' })];
    return {
      fn: (x: Tensor) => {
        count.assign(count.add(1));
        flag.assign(x.gt(0));
        return [count.mul(10), flag.logicalNot()];
      },
      inputs: d => [d.normal(2)],
      state: [count, flag],
    };
  }),
  program('what is assigned is cast to the dtype of the target', draw => {
    const targets = [zeros([4], { dtype: 'int32' }), zeros([4], { dtype: 'bool' }), zeros([4], { dtype: 'float64' })];
    return {
      fn: (x: Tensor) => {
        for (const target of targets) target.assign(x);
        return targets.map(target => target.add(target));
      },
      inputs: d => [d.distinct(4).mul(3)],
      state: [...targets, draw.normal(1)],
    };
  }),
  program('two tensors change places', draw => {
    const [a, b] = [draw.normal(3), draw.normal(3)];
    return {
      fn: () => {
        const old = a.clone();
        a.assign(b);
        b.assign(old);
        return a.sub(b);
      },
      state: [a, b],
    };
  }),
  program('two closed-over views of one tensor, one written and one read', draw => {
    const whole = draw.normal(2, 4);
    const [left, right] = [whole.narrow(1, 0, 3), whole.narrow(1, 2, 2)];
    return {
      fn: (x: Tensor) => {
        left.assign(x);
        return right.mul(2);
      },
      inputs: d => [d.normal(2, 3)],
      state: [whole, left, right],
    };
  }),
  program('a ring of the last values', draw => {
    const ring = draw.normal(4, 2);
    return {
      fn: (x: Tensor) => {
        ring.narrow(0, 1, 3).assign(ring.narrow(0, 0, 3));
        ring.select(0, 0).assign(x);
        return ring.mean(0);
      },
      inputs: d => [d.normal(2)],
      state: ring,
    };
  }),
  program('a parameter is overwritten under noGrad, after its gradient was taken', draw => {
    const w = draw.leaf(4);
    return {
      fn: (x: Tensor) => {
        w.zeroGrad();
        w.mul(x).square().sum().backward();
        noGrad(() => w.assign(w.sub(w.grad!.mul(0.1))));
        return w.mul(x).detach();
      },
      inputs: d => [d.normal(4)],
      state: w,
    };
  }),
  program('a running mean and variance', draw => {
    const [mean, variance] = [draw.of([0, 0, 0]), draw.of([1, 1, 1])];
    return {
      fn: (x: Tensor) => {
        mean.assign(mean.mul(0.9).add(x.mean(0).mul(0.1)));
        variance.assign(variance.mul(0.9).add(x.variance(0).mul(0.1)));
        return x.sub(mean).div(variance.add(1e-5).sqrt());
      },
      inputs: d => [d.normal(6, 3)],
      state: [mean, variance],
    };
  }),
  script('a tensor that eager code overwrites between the calls', (compiled, draw) => {
    const w = draw.normal(3);
    const fn = compiled((x: Tensor) => w.mul(x));
    const first = fn(draw.normal(3));
    w.assign(arange(3));
    const second = fn(draw.normal(3));
    w.select(0, 1).assign(-5);
    return [first, second, fn(draw.normal(3)), w];
  }),
  script('eager code that reads between the calls what was overwritten', (compiled, draw) => {
    const w = draw.normal(3);
    const double = compiled(() => w.assign(w.mul(2)).clone());
    const seen = [w.clone(), double(), w.clone(), w.select(0, 1).clone(), double(), w.add(1)];
    return [...seen, w];
  }),
];
