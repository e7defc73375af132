import { Generator, randn, type Tensor } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

/** Operations on small tensors, which cost more to call than to compute. */
export function overheadTable(): Table {
  const generator = new Generator(2);
  const x: Tensor = randn([14, 4], { generator });
  const [y, w, b]: Tensor[] = [randn([14, 4], { generator }), randn([4, 4], { generator }), randn([4], { generator })];
  const leaf: Tensor = x.clone();
  leaf.requiresGrad = true;
  const times = compare({
    'x + y': () => x.add(y),
    'x + y, recorded': () => leaf.add(y),
    'x + row': () => x.add(b),
    'x * 2': () => x.mul(2),
    'relu x': () => x.relu(),
    'tanh x': () => x.tanh(),
    'x @ w': () => x.matmul(w),
    'sum x': () => x.sum(),
    'sum x, dim 0': () => x.sum(0),
    'x transposed': () => x.t(),
    'x[1]': () => x.select(0, 1),
  });
  return {
    title: 'One operation on 14x4, arithmetic included: µs (target: 1 for what is not the arithmetic)',
    columns: ['operation', 'µs'],
    rows: Object.entries(times),
    write: us => us.toFixed(2),
  };
}
