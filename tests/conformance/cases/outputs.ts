import { noGrad, type Tensor, zeros } from 'tapegrad';
import { type Case, program, pure, script } from '../case.ts';

export const outputCases: Case[] = [
  pure(
    'an argument as the result',
    (x: Tensor) => x,
    draw => [draw.normal(2, 3)],
    { closeness: 'bits' },
  ),
  pure(
    'arguments as results, in another order and one of them twice',
    (x: Tensor, y: Tensor, z: Tensor) => [z, x, y, x],
    draw => [draw.normal(2), draw.ids(0, 9, 3), draw.mask(4)],
    { closeness: 'bits' },
  ),
  pure(
    'an argument beside what is made of it',
    (x: Tensor) => ({ before: x, after: x.mul(2) }),
    draw => [draw.normal(5)],
  ),
  pure(
    'one tensor as several results',
    (x: Tensor) => {
      const y = x.exp();
      return [y, y, { again: y }];
    },
    draw => [draw.normal(3)],
  ),
  pure(
    'views of an argument as results',
    (x: Tensor) => [x.t(), x.slice(1, 1), x.select(0, -1), x.flip(0), x.expand([2, 3, 4]), x.reshape([-1]), x.detach()],
    draw => [draw.normal(3, 4)],
    { closeness: 'bits' },
  ),
  pure(
    'views of one result as results',
    (x: Tensor) => {
      const y = x.exp();
      return [y.t(), y.slice(0, 1), y, y.select(1, 0), y.select(1, 0).flip(0)];
    },
    draw => [draw.normal(3, 4)],
  ),
  pure(
    'results that are expanded, flipped and have gaps',
    (x: Tensor) => [x.exp().expand([3, 4]), x.exp().flip(0), x.exp().slice(0, 0, undefined, 2), x.sum().expand([2, 2])],
    draw => [draw.normal(4)],
  ),
  pure(
    'no results',
    () => [],
    draw => [draw.normal(2)],
  ),
  pure(
    'results that are null',
    (x: Tensor) => ({ loss: x.sum(), weights: null, more: [null] }),
    draw => [draw.normal(2)],
  ),
  pure(
    'results nested in arrays and objects',
    (x: Tensor) => ({ a: [x.neg(), { b: x.abs(), c: [[x.exp()]] }], d: {}, e: [] }),
    draw => [draw.normal(3)],
  ),
  pure(
    'arguments nested in arrays and objects',
    ({ x, rest: [y, { z }] }: { x: Tensor; rest: [Tensor, { z: Tensor }] }, [w]: Tensor[]) => x.mul(y).add(z).sub(w),
    draw => [{ x: draw.normal(3), rest: [draw.normal(3), { z: draw.normal(3) }] }, [draw.normal(3)]],
  ),
  pure(
    'arguments that are not used',
    (_: Tensor, y: Tensor) => y.neg(),
    draw => [draw.normal(9), draw.normal(3), draw.normal(2)],
  ),
  pure(
    'the same tensor as two arguments',
    (x: Tensor, y: Tensor) => [x.mul(y), x.sub(y)],
    draw => {
      const x = draw.normal(4);
      return [x, x];
    },
  ),
  pure(
    'arguments that overlap in memory',
    (x: Tensor, y: Tensor) => [x.mul(y), x.add(1)],
    draw => {
      const whole = draw.normal(6);
      return [whole.slice(0, 0, 4), whole.slice(0, 2)];
    },
  ),
  pure(
    'work whose result nobody sees',
    (x: Tensor) => {
      x.exp().matmul(x.t()).sum();
      return x.neg();
    },
    draw => [draw.normal(3, 3)],
  ),
  pure(
    'a constant as the result',
    () => zeros([2, 2]),
    () => [],
    { closeness: 'bits' },
  ),
  program(
    'a closed-over tensor and a view of it as results, which stay what they were',
    draw => {
      const w = draw.normal(2, 3);
      return { fn: (x: Tensor) => [w, w.t(), w.select(0, 1), x.neg()], inputs: d => [d.normal(2)], state: w };
    },
    { closeness: 'bits' },
  ),
  pure(
    'shapes that are others in every call',
    (x: Tensor) => [x.exp().sum(0), x.t().matmul(x), x.softmax(1)],
    (draw, call) => [draw.normal(2 + call, 5 - call)],
  ),
  pure(
    'shapes that come back',
    (x: Tensor) => x.mul(x.sum()).cumsum(0),
    (draw, call) => [draw.normal(call === 1 ? 3 : 8)],
  ),
  pure(
    'a number of dims that is another in every call',
    (x: Tensor) => x.mean(-1).add(1),
    (draw, call) => [draw.normal(...[2, 3, 4].slice(call))],
  ),
  pure(
    'dtypes that are others in every call',
    (x: Tensor) => [x.add(1), x.gt(0), x.sum()],
    (draw, call) => [[draw.normal(4), draw.ids(-3, 3, 4), draw.mask(4)][call]],
  ),
  script('results that are the arguments of the next call', (compiled, draw) => {
    const step = compiled((x: Tensor, v: Tensor) => [x.add(v.mul(0.1)), v.sub(x.mul(0.1))]);
    let [x, v] = [draw.normal(3), draw.normal(3)];
    const path = [];
    for (let i = 0; i < 6; i++) {
      [x, v] = step(x, v);
      path.push(x, v);
    }
    return path;
  }),
  script('results that are kept over many calls', (compiled, draw) => {
    const fn = compiled((x: Tensor) => [x.exp(), x.exp().t()]);
    return Array.from({ length: 12 }, () => fn(draw.normal(2, 3)));
  }),
  script('a compiled function that is called in a compiled function', (compiled, draw) => {
    const inner = compiled((x: Tensor) => x.tanh().mul(2));
    const outer = compiled((x: Tensor) => inner(inner(x)).add(x));
    return [outer(draw.normal(4)), inner(draw.normal(4)), outer(draw.normal(4))];
  }),
  script('calls under noGrad and outside of it in turn', (compiled, draw) => {
    const w = draw.leaf(3);
    const fn = compiled((x: Tensor) => x.mul(w).sum());
    return [noGrad(() => fn(draw.normal(3))), fn(draw.normal(3)).detach(), noGrad(() => fn(draw.normal(3)))];
  }),
  script('arguments that require a gradient in some calls and not in others', (compiled, draw) => {
    const fn = compiled((x: Tensor) => {
      const y: Tensor = x.square().sum();
      if (x.requiresGrad) y.backward();
      return y.detach();
    });
    const xs = [draw.normal(3), draw.leaf(3), draw.normal(3), draw.leaf(3)];
    return { values: xs.map(x => fn(x)), gradients: xs.map(x => x.grad) };
  }),
];
