import { Generator, rand, randint, type Tensor, where } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

type Numbers = { [i: number]: number };

/** What the plain loops run over. */
interface Arrays {
  readonly a: Numbers;
  readonly b: Numbers;
  readonly m: Numbers;
  readonly r: Numbers;
  readonly c: Numbers;
  readonly k: Numbers;
  readonly chosen: Numbers;
  readonly A: ArrayLike<number>;
  readonly B: ArrayLike<number>;
  readonly n: number;
}

/** Operations on 1e6 elements beside the loop one would write by hand, which allocates its result too. */
export function largeTable(): Table {
  const n = 1_000_000;
  const generator = new Generator(3);
  const x: Tensor = rand([n], { generator });
  const y: Tensor = rand([n], { generator });
  const matrix: Tensor = rand([1000, 1000], { generator });
  const row: Tensor = rand([1000], { generator });
  const column: Tensor = rand([1000, 1], { generator });
  const ids = randint(0, 1000, [1000], { generator });
  const mask: Tensor = x.gt(0.5);
  const [A, B]: Tensor[] = [rand([100, 100], { generator }), rand([100, 100], { generator })];
  const arrays = (): Arrays => ({
    a: x.data.slice(),
    b: y.data.slice(),
    m: matrix.data.slice(),
    r: row.data.slice(),
    c: column.data.slice(),
    k: ids.data.slice(),
    chosen: mask.data.slice(),
    A: A.data.slice(),
    B: B.data.slice(),
    n,
  });
  const cases: Record<string, [operation: () => unknown, loop: (arrays: Arrays) => unknown]> = {
    'x + y': [
      () => x.add(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] + b[i];
        return o;
      },
    ],
    'x - y': [
      () => x.sub(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] - b[i];
        return o;
      },
    ],
    'x * y': [
      () => x.mul(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] * b[i];
        return o;
      },
    ],
    'x / y': [
      () => x.div(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] / b[i];
        return o;
      },
    ],
    'x * 2': [
      () => x.mul(2),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] * 2;
        return o;
      },
    ],
    'max(x, y)': [
      () => x.maximum(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.max(a[i], b[i]);
        return o;
      },
    ],
    'x ** y': [
      () => x.pow(y),
      ({ a, b, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] ** b[i];
        return o;
      },
    ],
    'x > y': [
      () => x.gt(y),
      ({ a, b, n }) => {
        const o = new Uint8Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] > b[i] ? 1 : 0;
        return o;
      },
    ],
    'matrix + row': [
      () => matrix.add(row),
      ({ m, n, r }) => {
        const o = new Float32Array(n);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + r[j];
        return o;
      },
    ],
    'matrix + column': [
      () => matrix.add(column),
      ({ c, m, n }) => {
        const o = new Float32Array(n);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + c[i];
        return o;
      },
    ],
    'matrix + transposed': [
      () => matrix.add(matrix.t()),
      ({ m, n }) => {
        const o = new Float32Array(n);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + m[j * 1000 + i];
        return o;
      },
    ],
    'neg x': [
      () => x.neg(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = -a[i];
        return o;
      },
    ],
    'abs x': [
      () => x.abs(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]);
        return o;
      },
    ],
    'sqrt x': [
      () => x.sqrt(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.sqrt(a[i]);
        return o;
      },
    ],
    'exp x': [
      () => x.exp(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.exp(a[i]);
        return o;
      },
    ],
    'log x': [
      () => x.log(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.log(a[i]);
        return o;
      },
    ],
    'tanh x': [
      () => x.tanh(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.tanh(a[i]);
        return o;
      },
    ],
    'sigmoid x': [
      () => x.sigmoid(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = 1 / (1 + Math.exp(-a[i]));
        return o;
      },
    ],
    'relu x': [
      () => x.relu(),
      ({ a, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = Math.max(a[i], 0);
        return o;
      },
    ],
    'where(mask, x, y)': [
      () => where(mask, x, y),
      ({ a, b, n, chosen }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < n; i++) o[i] = chosen[i] !== 0 ? a[i] : b[i];
        return o;
      },
    ],
    sum: [
      () => x.sum(),
      ({ a, n }) => {
        let s = 0;
        for (let i = 0; i < n; i++) s += a[i];
        return s;
      },
    ],
    'sum, dim 0': [
      () => matrix.sum(0),
      ({ m }) => {
        const o = new Float64Array(1000);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[j] += m[p];
        return Float32Array.from(o);
      },
    ],
    'sum, dim 1': [
      () => matrix.sum(1),
      ({ m }) => {
        const o = new Float32Array(1000);
        for (let i = 0, p = 0; i < 1000; i++) {
          let s = 0;
          for (let j = 0; j < 1000; j++, p++) s += m[p];
          o[i] = s;
        }
        return o;
      },
    ],
    max: [
      () => x.max(),
      ({ a, n }) => {
        let s = -Infinity;
        for (let i = 0; i < n; i++) s = Math.max(s, a[i]);
        return s;
      },
    ],
    'argmax, dim 1': [
      () => matrix.argmax(1),
      ({ m }) => {
        const o = new Int32Array(1000);
        for (let i = 0; i < 1000; i++) {
          let best = 0;
          for (let j = 1; j < 1000; j++) if (m[i * 1000 + j] > m[i * 1000 + best]) best = j;
          o[i] = best;
        }
        return o;
      },
    ],
    cumsum: [
      () => x.cumsum(0),
      ({ a, n }) => {
        const o = new Float32Array(n);
        let s = 0;
        for (let i = 0; i < n; i++) o[i] = s += a[i];
        return o;
      },
    ],
    'softmax, dim 1': [
      () => matrix.softmax(1),
      ({ m, n }) => {
        const o = new Float32Array(n);
        for (let i = 0; i < 1000; i++) {
          const p = i * 1000;
          let top = -Infinity;
          for (let j = 0; j < 1000; j++) top = Math.max(top, m[p + j]);
          let s = 0;
          for (let j = 0; j < 1000; j++) s += o[p + j] = Math.exp(m[p + j] - top);
          for (let j = 0; j < 1000; j++) o[p + j] /= s;
        }
        return o;
      },
    ],
    'transposed copy': [
      () => matrix.t().clone(),
      ({ m, n }) => {
        const o = new Float32Array(n);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[j * 1000 + i];
        return o;
      },
    ],
    'rows by ids': [
      () => matrix.indexSelect(0, ids),
      ({ k, m, n }) => {
        const o = new Float32Array(n);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0, q = k[i] * 1000; j < 1000; j++) o[p++] = m[q++];
        return o;
      },
    ],
    'matmul 100x100': [() => A.matmul(B), arrays => plainMatmul(arrays.A, arrays.B, 100)],
    'matmul, b transposed': [() => A.matmul(B.t()), arrays => plainMatmul(arrays.A, arrays.B, 100)],
  };
  // Two sets of arrays in turn: a loop over one and the same would be compiled for just these arrays, bounds and all.
  const sets = [arrays(), arrays()];
  const rows = Object.entries(cases).map(([name, [operation, loop]]): [string, number, number, number] => {
    let turn = 0;
    const plainLoop = (): unknown => loop(sets[(turn ^= 1)]);
    const { op, plain } = compare({ op: operation, plain: plainLoop }, { warmUp: 150, rounds: 25 });
    return [name, op / 1000, plain / 1000, op / plain];
  });
  return {
    title: 'Operations on 1e6 elements (or 1e6 products) beside a plain loop: ms, and the ratio (target: below 2)',
    columns: ['operation', 'tapegrad', 'plain loop', 'ratio'],
    rows,
    write: x => x.toFixed(2),
  };
}

function plainMatmul(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float32Array {
  const o = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let s = 0;
      for (let k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
      o[i * n + j] = s;
    }
  return o;
}
