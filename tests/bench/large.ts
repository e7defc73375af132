import { Generator, rand, randint, type Tensor, where } from 'tapegrad';
import { compare, table } from './measure.ts';

/** Operations on 1e6 elements beside the loop one would write by hand, which allocates its result too. */
export function largeOps(): void {
  const n = 1_000_000;
  const generator = new Generator(3);
  const x: Tensor = rand([n], { generator });
  const y: Tensor = rand([n], { generator });
  const matrix: Tensor = rand([1000, 1000], { generator });
  const row: Tensor = rand([1000], { generator });
  const column: Tensor = rand([1000, 1], { generator });
  const ids = randint(0, 1000, [1000], { generator });
  const [a, b, m, r] = [x.data, y.data, matrix.data, row.data];
  const c = column.data;
  const k = ids.data;
  const mask: Tensor = x.gt(0.5);
  const chosen = mask.data;
  const fresh = (): Float32Array => new Float32Array(n);
  const cases: Record<string, [operation: () => unknown, loop: () => unknown]> = {
    'x + y': [
      () => x.add(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] + b[i];
        return o;
      },
    ],
    'x - y': [
      () => x.sub(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] - b[i];
        return o;
      },
    ],
    'x * y': [
      () => x.mul(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] * b[i];
        return o;
      },
    ],
    'x / y': [
      () => x.div(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] / b[i];
        return o;
      },
    ],
    'x * 2': [
      () => x.mul(2),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] * 2;
        return o;
      },
    ],
    'max(x, y)': [
      () => x.maximum(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.max(a[i], b[i]);
        return o;
      },
    ],
    'x ** y': [
      () => x.pow(y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = a[i] ** b[i];
        return o;
      },
    ],
    'x > y': [
      () => x.gt(y),
      () => {
        const o = new Uint8Array(n);
        for (let i = 0; i < n; i++) o[i] = a[i] > b[i] ? 1 : 0;
        return o;
      },
    ],
    'matrix + row': [
      () => matrix.add(row),
      () => {
        const o = fresh();
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + r[j];
        return o;
      },
    ],
    'matrix + column': [
      () => matrix.add(column),
      () => {
        const o = fresh();
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + c[i];
        return o;
      },
    ],
    'matrix + transposed': [
      () => matrix.add(matrix.t()),
      () => {
        const o = fresh();
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[p] + m[j * 1000 + i];
        return o;
      },
    ],
    'neg x': [
      () => x.neg(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = -a[i];
        return o;
      },
    ],
    'abs x': [
      () => x.abs(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]);
        return o;
      },
    ],
    'sqrt x': [
      () => x.sqrt(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.sqrt(a[i]);
        return o;
      },
    ],
    'exp x': [
      () => x.exp(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.exp(a[i]);
        return o;
      },
    ],
    'log x': [
      () => x.log(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.log(a[i]);
        return o;
      },
    ],
    'tanh x': [
      () => x.tanh(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.tanh(a[i]);
        return o;
      },
    ],
    'sigmoid x': [
      () => x.sigmoid(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = 1 / (1 + Math.exp(-a[i]));
        return o;
      },
    ],
    'relu x': [
      () => x.relu(),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = Math.max(a[i], 0);
        return o;
      },
    ],
    'where(mask, x, y)': [
      () => where(mask, x, y),
      () => {
        const o = fresh();
        for (let i = 0; i < n; i++) o[i] = chosen[i] !== 0 ? a[i] : b[i];
        return o;
      },
    ],
    sum: [
      () => x.sum(),
      () => {
        let s = 0;
        for (let i = 0; i < n; i++) s += a[i];
        return s;
      },
    ],
    'sum, dim 0': [
      () => matrix.sum(0),
      () => {
        const o = new Float64Array(1000);
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[j] += m[p];
        return Float32Array.from(o);
      },
    ],
    'sum, dim 1': [
      () => matrix.sum(1),
      () => {
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
      () => {
        let s = -Infinity;
        for (let i = 0; i < n; i++) s = Math.max(s, a[i]);
        return s;
      },
    ],
    'argmax, dim 1': [
      () => matrix.argmax(1),
      () => {
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
      () => {
        const o = fresh();
        let s = 0;
        for (let i = 0; i < n; i++) o[i] = s += a[i];
        return o;
      },
    ],
    'softmax, dim 1': [
      () => matrix.softmax(1),
      () => {
        const o = fresh();
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
      () => {
        const o = fresh();
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0; j < 1000; j++, p++) o[p] = m[j * 1000 + i];
        return o;
      },
    ],
    'rows by ids': [
      () => matrix.indexSelect(0, ids),
      () => {
        const o = fresh();
        for (let i = 0, p = 0; i < 1000; i++) for (let j = 0, q = k[i] * 1000; j < 1000; j++) o[p++] = m[q++];
        return o;
      },
    ],
    'matmul 100x100': [() => matmulA.matmul(matmulB), () => plainMatmul(matmulA.data, matmulB.data, 100)],
    'matmul, b transposed': [() => matmulA.matmul(matmulB.t()), () => plainMatmul(matmulA.data, matmulB.data, 100)],
  };
  const matmulA: Tensor = rand([100, 100], { generator });
  const matmulB: Tensor = rand([100, 100], { generator });
  const rows = Object.entries(cases).map(([name, [operation, loop]]) => {
    const { op, plain } = compare({ op: operation, plain: loop }, { warmUp: 150, rounds: 25 });
    return [name, (op / 1000).toFixed(2), (plain / 1000).toFixed(2), (op / plain).toFixed(2)];
  });
  console.log(
    '\nOperations on 1e6 elements (or 1e6 products) beside a plain loop: ms, and the ratio (target: below 2)',
  );
  console.log(table([['operation', 'tapegrad', 'plain loop', 'ratio'], ...rows]));
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
