import { arange, cat, grad, stack, type Tensor, tensor } from 'tapegrad';
import { type Case, program, pure } from '../case.ts';

const ids = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });

/** A function of floats and ids with the gradient of the floats. */
const differentiated =
  (fn: (x: Tensor, ...rest: Tensor[]) => Tensor) =>
  (x: Tensor, ...rest: Tensor[]): (Tensor | null)[] => {
    const y = fn(x, ...rest);
    y.square().sum().backward();
    return [y.detach(), x.grad];
  };

export const pickingCases: Case[] = [
  pure(
    'rows by ids that repeat',
    differentiated((x, i) => x.indexSelect(0, i)),
    draw => [draw.leaf(5, 3), draw.ids(0, 5, 9)],
  ),
  pure(
    'columns by ids that repeat',
    differentiated((x, i) => x.indexSelect(1, i)),
    draw => [draw.leaf(3, 5), draw.ids(0, 5, 4)],
  ),
  pure(
    'the middle dim by ids',
    differentiated((x, i) => x.indexSelect(1, i)),
    draw => [draw.leaf(2, 4, 3), draw.ids(0, 4, 6)],
  ),
  pure(
    'no rows at all',
    differentiated((x, i) => x.indexSelect(0, i)),
    draw => [draw.leaf(5, 3), draw.ids(0, 5, 0)],
  ),
  pure(
    'one id at every place',
    differentiated((x, i) => x.gather(1, i)),
    draw => [draw.leaf(4, 5), draw.ids(0, 5, 4, 7)],
  ),
  pure(
    'ids for fewer places than there are',
    differentiated((x, i) => x.gather(0, i)),
    draw => [draw.leaf(4, 5), draw.ids(0, 4, 2, 3)],
  ),
  pure(
    'elements by their number',
    differentiated((x, i) => x.take(i)),
    draw => [draw.leaf(3, 4), draw.ids(0, 12, 2, 5)],
  ),
  pure(
    'an embedding of a matrix of ids',
    (i: Tensor, w: Tensor) => {
      const y = i.embedding(w);
      y.square().sum().backward();
      return [y.detach(), w.grad];
    },
    draw => [draw.ids(0, 6, 3, 4), draw.leaf(6, 5)],
  ),
  pure(
    'ids as rows of zeros and a one',
    (i: Tensor) => [i.oneHot(5), i.oneHot(7).sum(0)],
    draw => [draw.ids(0, 5, 3, 2)],
  ),
  pure(
    'scattered rows, of which the last stays where ids repeat',
    (x: Tensor, i: Tensor, y: Tensor) => {
      const z = x.scatter(0, i, y);
      z.square().sum().backward();
      return [z.detach(), x.grad, y.grad];
    },
    draw => [draw.leaf(4, 3), draw.ids(0, 4, 6, 3), draw.leaf(6, 3)],
  ),
  pure(
    'a number that is scattered, and added where ids repeat',
    (x: Tensor, i: Tensor) => [x.scatter(1, i, 7), x.scatterAdd(1, i, 0.5)],
    draw => [draw.normal(3, 5), draw.ids(0, 5, 3, 8)],
  ),
  pure(
    'scattered sums',
    (x: Tensor, i: Tensor, y: Tensor) => {
      const z = x.scatterAdd(1, i, y);
      z.square().sum().backward();
      return [z.detach(), x.grad, y.grad];
    },
    draw => [draw.leaf(3, 4), draw.ids(0, 4, 3, 9), draw.leaf(3, 9)],
  ),
  pure(
    'a scattered source that is larger than the ids',
    (x: Tensor, i: Tensor, y: Tensor) => x.scatterAdd(0, i, y),
    draw => [draw.normal(4, 4), draw.ids(0, 4, 2, 3), draw.normal(3, 4)],
  ),
  pure(
    'rows that are added at ids, some of them twice',
    (x: Tensor, i: Tensor, y: Tensor) => x.indexAdd(0, i, y),
    draw => [draw.normal(4, 3), draw.ids(0, 4, 7), draw.normal(7, 3)],
  ),
  pure(
    'columns that are added at ids',
    (x: Tensor, i: Tensor, y: Tensor) => x.indexAdd(1, i, y),
    draw => [draw.normal(3, 4), draw.ids(0, 4, 6), draw.normal(3, 6)],
  ),
  pure(
    'a slice that something is added to',
    (x: Tensor, y: Tensor) => x.sliceAdd(y, { dim: 1, start: 1, length: 2, step: 2 }),
    draw => [draw.normal(3, 5), draw.normal(3, 2)],
  ),
  pure(
    'int32 that is scattered and picked',
    (x: Tensor, i: Tensor) => [x.scatterAdd(0, i, x), x.gather(0, i), x.take(i)],
    draw => [draw.ids(-9, 9, 6), draw.ids(0, 6, 6)],
  ),
  pure(
    'bools that are picked',
    (m: Tensor, i: Tensor) => [m.indexSelect(0, i), m.select(0, 1), m.flip(1)],
    draw => [draw.mask(4, 3), draw.ids(0, 4, 6)],
  ),
  pure(
    'ids that are computed on the way',
    (x: Tensor) => {
      const best = x.argmax(1, { keepdim: true });
      return [x.gather(1, best), x.indexSelect(0, x.select(1, 0).argsort()), best.squeeze(1).oneHot(4)];
    },
    draw => [draw.distinct(5, 4)],
  ),
  program('closed-over ids', draw => {
    const rows = draw.ids(0, 5, 6);
    const places = draw.ids(0, 3, 5, 2);
    return {
      fn: (x: Tensor) => {
        const y = x.indexSelect(0, rows).sum(0).add(x.gather(1, places).sum());
        return [y, rows.add(1), places.mul(2).sum()];
      },
      inputs: d => [d.normal(5, 3)],
      state: [rows, places],
    };
  }),
  program('closed-over ids that change between the calls', draw => {
    const rows = draw.ids(0, 5, 4);
    return {
      fn: (x: Tensor) => x.indexSelect(0, rows),
      inputs: d => [d.normal(5, 2)],
      before: call => rows.assign(ids([call, 4 - call, 0, 2])),
      state: rows,
    };
  }),
  pure(
    'positions, slices, new axes and the rest',
    differentiated(x => x.at(0, [1], null, '...', -1).add(x.at(1, [undefined, 2], null, '...', 0))),
    draw => [draw.leaf(2, 3, 4)],
  ),
  pure(
    'a tensor of ids as an index, some counted from the end',
    differentiated((x, i) => x.at([], i)),
    draw => [draw.leaf(3, 5), draw.ids(-5, 5, 2, 3)],
  ),
  pure(
    'two tensors of ids as indices',
    differentiated((x, i, j) => x.at(i, [], j)),
    draw => [draw.leaf(4, 2, 5), draw.ids(0, 4, 3, 1), draw.ids(-5, 5, 2)],
  ),
  pure(
    'slices with steps, from the end and out of bounds',
    differentiated(x => cat([x.slice(0, -3, -1), x.slice(0, 1, 99, 3), x.slice(0, 0, 0), x.narrow(0, 2, 4)])),
    draw => [draw.leaf(8, 2)],
  ),
  pure(
    'overlapping slices',
    differentiated(x =>
      x
        .slice(0, 0, 5)
        .mul(x.slice(0, 2, 7))
        .add(x.slice(0, 1, 6)),
    ),
    draw => [draw.leaf(8)],
  ),
  pure(
    'one position used many times',
    differentiated(x => stack([0, 1, 0, 2, 0].map(i => x.select(0, i)))),
    draw => [draw.leaf(3, 4)],
  ),
  pure(
    'parts that are worked on one by one and joined',
    differentiated(x => {
      const [a, b, c] = x.split([2, 1, 3], 1);
      return cat([c.tanh(), a.mul(2), b.expand([4, 3]).neg()], 1);
    }),
    draw => [draw.leaf(4, 6)],
  ),
  pure(
    'chunks of different activations, as gates have them',
    differentiated(x => {
      const [i, f, g, o] = x.chunk(4, -1);
      return o.sigmoid().mul(f.sigmoid().add(i.sigmoid().mul(g.tanh())).tanh());
    }),
    draw => [draw.leaf(3, 20)],
  ),
  pure(
    'steps along the first dim, stacked again',
    differentiated(x => {
      let h = x.select(0, 0).mul(0);
      return stack(x.unbind(0).map(step => (h = h.mul(0.5).add(step).tanh())));
    }),
    draw => [draw.leaf(6, 3)],
  ),
  pure(
    'tensors stacked along every dim',
    (x: Tensor, y: Tensor) => [0, 1, 2, -1].map(dim => stack([x, y, x], dim)),
    draw => [draw.normal(2, 3), draw.normal(2, 3)],
    { closeness: 'bits' },
  ),
  pure(
    'tensors joined along every dim',
    (x: Tensor, y: Tensor) => [0, 1, 2].map(dim => cat([x, y.flip(0), x.exp()], dim)),
    draw => [draw.normal(2, 3, 2), draw.normal(2, 3, 2)],
  ),
  pure(
    'padding by reflection, and its gradient',
    differentiated(x => x.pad([2, 1, 1, 2], { mode: 'reflect' })),
    draw => [draw.leaf(3, 4)],
  ),
  pure(
    'positions of a grid',
    (x: Tensor) => x.add(arange(3).unsqueeze(1).mul(10)).add(arange(4)),
    draw => [draw.normal(3, 4)],
  ),
  pure(
    'gradients of several picks of one table',
    (x: Tensor, i: Tensor, j: Tensor) => {
      const y = x.indexSelect(0, i).mul(x.indexSelect(0, j)).sum().add(x.select(1, 0).square().sum());
      return grad(y, [x]);
    },
    draw => [draw.leaf(4, 3), draw.ids(0, 4, 6), draw.ids(0, 4, 6)],
  ),
];
