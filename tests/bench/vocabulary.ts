import * as tapegrad from 'tapegrad';
import { Generator, type Tensor, where } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

type Numbers = Float32Array | Int32Array | Uint8Array;
type Loop = (...arrays: Numbers[]) => unknown;
type Entry = readonly [operation: () => unknown, loop: Loop, arrays: readonly Tensor[]];

const n = 1_000_000;
/** Rows and columns of a matrix of so many elements. */
const side = 1000;

/** A loop of its own for each expression, as somebody writes it by hand: compiled for nothing else. */
const write = (parameters: string, body: string): Loop => new Function(...parameters.split(' '), body) as Loop;

const each = (expression: string, kind = 'Float32Array'): Loop =>
  write(
    'a b',
    `const n = ${n}, o = new ${kind}(n); for (let i = 0; i < n; i++) { const x = a[i]; o[i] = ${expression}; } return o;`,
  );

const eachOfTwo = (expression: string, kind = 'Float32Array'): Loop =>
  write(
    'a b',
    `const n = ${n}, o = new ${kind}(n); for (let i = 0; i < n; i++) { const x = a[i], y = b[i]; o[i] = ${expression}; } return o;`,
  );

/** A fold of each row, to be finished by an expression of it. */
const rows = (start: string, step: string, finish = 's'): Loop =>
  write(
    'a b',
    `const o = new Float32Array(${side}); for (let i = 0, p = 0; i < ${side}; i++) { let s = ${start};
     for (let j = 0; j < ${side}; j++, p++) { const x = a[p]; s = ${step}; } o[i] = ${finish}; } return o;`,
  );

/** The mean, and the deviation from it, of every row: o[p] = expression of x, mean and scale. */
const normalised = (rowsOf: number, expression: string): Loop =>
  write(
    'a b c',
    `const o = new Float32Array(${n}), w = ${n} / ${rowsOf};
     for (let i = 0; i < ${rowsOf}; i++) {
       let s = 0, v = 0; const from = i * w, to = from + w;
       for (let p = from; p < to; p++) s += a[p];
       const mean = s / w;
       for (let p = from; p < to; p++) { const d = a[p] - mean; v += d * d; }
       const scale = 1 / Math.sqrt(v / w + 1e-5);
       for (let p = from; p < to; p++) { const x = a[p], j = p - from; o[p] = ${expression}; }
     } return o;`,
  );

const SIGMOID = '1 / (1 + Math.exp(-x))';
const ERF = `(() => { const t = 1 / (1 + 0.3275911 * Math.abs(x));
  return Math.sign(x) * (1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x)); })()`;

/** Every operation of the vocabulary that has a loop of its own, on 1e6 elements. */
function entries(): Record<string, Entry> {
  const generator = new Generator(3);
  const options = { generator };
  const x: Tensor = tapegrad.rand([n], options).mul(1.8).sub(0.9);
  const y: Tensor = tapegrad.rand([n], options).mul(1.8).sub(0.9);
  const positive: Tensor = tapegrad.rand([n], options).add(0.1);
  const above: Tensor = tapegrad.rand([n], options).add(1.1);
  const matrix: Tensor = x.reshape([side, side]);
  const other: Tensor = y.reshape([side, side]);
  const mask: Tensor = x.gt(0);
  const flags: Tensor = y.gt(0);
  const weight: Tensor = tapegrad.rand([side], options);
  const ids: Tensor = tapegrad.randint(0, side, [side, side], options);
  const classes: Tensor = tapegrad.randint(0, side, [side], options);
  const planes: Tensor = x.reshape([1, 1, side, side]);
  const channels: Tensor = tapegrad.rand([10, 10, 100, 100], options);
  const perChannel: Tensor = tapegrad.rand([10], options);
  const probabilities: Tensor = tapegrad.rand([n], options).mul(0.98).add(0.01);
  const one = (operation: (x: Tensor) => unknown, expression: string, of: Tensor = x, kind?: string): Entry => [
    () => operation(of),
    each(expression, kind),
    [of, of],
  ];
  const two = (
    operation: (x: Tensor, y: Tensor) => unknown,
    expression: string,
    kind?: string,
    a = x,
    b = y,
  ): Entry => [() => operation(a, b), eachOfTwo(expression, kind), [a, b]];
  const fold = (operation: (x: Tensor) => unknown, ...args: Parameters<typeof rows>): Entry => [
    () => operation(matrix),
    rows(...args),
    [matrix, matrix],
  ];
  const copied = (operation: (x: Tensor) => unknown, place: string): Entry => [
    () => operation(matrix),
    write(
      'a b',
      `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++, p++) o[p] = a[${place}]; return o;`,
    ),
    [matrix, matrix],
  ];
  const loss = (operation: (x: Tensor, y: Tensor) => unknown, expression: string, a = x, b = y): Entry => [
    () => operation(a, b),
    write(
      'a b',
      `let s = 0; for (let i = 0; i < ${n}; i++) { const x = a[i], y = b[i]; s += ${expression}; } return s / ${n};`,
    ),
    [a, b],
  ];
  const window = (start: string, step: string, finish: string): Loop =>
    write(
      'a b',
      `const o = new Float32Array(250000); let q = 0;
       for (let i = 0; i < 500; i++) for (let j = 0; j < 500; j++) { let s = ${start};
         for (let k = 0; k < 2; k++) for (let l = 0; l < 2; l++) { const x = a[(2 * i + k) * 1000 + 2 * j + l]; s = ${step}; }
         o[q++] = ${finish}; } return o;`,
    );
  return {
    add: two((x, y) => x.add(y), 'x + y'),
    sub: two((x, y) => x.sub(y), 'x - y'),
    mul: two((x, y) => x.mul(y), 'x * y'),
    div: two((x, y) => x.div(y), 'x / y'),
    pow: two((x, y) => x.pow(y), 'x ** y', undefined, positive),
    'pow 2.5': one(x => x.pow(2.5), 'x ** 2.5', positive),
    maximum: two((x, y) => x.maximum(y), 'Math.max(x, y)'),
    minimum: two((x, y) => x.minimum(y), 'Math.min(x, y)'),
    atan2: two((x, y) => x.atan2(y), 'Math.atan2(x, y)'),
    remainder: two(
      (x, y) => x.remainder(y),
      '(() => { const m = x % y; return m !== 0 && m < 0 !== y < 0 ? m + y : m; })()',
      undefined,
      positive,
      above,
    ),
    eq: two((x, y) => x.eq(y), 'x === y ? 1 : 0', 'Uint8Array'),
    lt: two((x, y) => x.lt(y), 'x < y ? 1 : 0', 'Uint8Array'),
    logicalAnd: two((x, y) => x.logicalAnd(y), 'x !== 0 && y !== 0 ? 1 : 0', 'Uint8Array', mask, flags),
    logicalNot: one(x => x.logicalNot(), 'x === 0 ? 1 : 0', mask, 'Uint8Array'),
    neg: one(x => x.neg(), '-x'),
    abs: one(x => x.abs(), 'Math.abs(x)'),
    sign: one(x => x.sign(), 'Math.sign(x)'),
    square: one(x => x.square(), 'x * x'),
    sqrt: one(x => x.sqrt(), 'Math.sqrt(x)', positive),
    rsqrt: one(x => x.rsqrt(), '1 / Math.sqrt(x)', positive),
    reciprocal: one(x => x.reciprocal(), '1 / x'),
    exp: one(x => x.exp(), 'Math.exp(x)'),
    expm1: one(x => x.expm1(), 'Math.expm1(x)'),
    log: one(x => x.log(), 'Math.log(x)', positive),
    log1p: one(x => x.log1p(), 'Math.log1p(x)'),
    log2: one(x => x.log2(), 'Math.log2(x)', positive),
    log10: one(x => x.log10(), 'Math.log10(x)', positive),
    sin: one(x => x.sin(), 'Math.sin(x)'),
    cos: one(x => x.cos(), 'Math.cos(x)'),
    tan: one(x => x.tan(), 'Math.tan(x)'),
    asin: one(x => x.asin(), 'Math.asin(x)'),
    acos: one(x => x.acos(), 'Math.acos(x)'),
    atan: one(x => x.atan(), 'Math.atan(x)'),
    sinh: one(x => x.sinh(), 'Math.sinh(x)'),
    cosh: one(x => x.cosh(), 'Math.cosh(x)'),
    tanh: one(x => x.tanh(), 'Math.tanh(x)'),
    asinh: one(x => x.asinh(), 'Math.asinh(x)'),
    acosh: one(x => x.acosh(), 'Math.acosh(x)', above),
    atanh: one(x => x.atanh(), 'Math.atanh(x)'),
    erf: one(x => x.erf(), ERF),
    sigmoid: one(x => x.sigmoid(), SIGMOID),
    softplus: one(x => x.softplus(), 'Math.log1p(Math.exp(x))'),
    softsign: one(x => x.softsign(), 'x / (1 + Math.abs(x))'),
    relu: one(x => x.relu(), 'Math.max(x, 0)'),
    leakyRelu: one(x => x.leakyRelu(), 'x > 0 ? x : 0.01 * x'),
    elu: one(x => x.elu(), 'x > 0 ? x : Math.expm1(x)'),
    selu: one(x => x.selu(), '1.0507 * (x > 0 ? x : 1.6733 * Math.expm1(x))'),
    gelu: one(x => x.gelu(), `0.5 * x * (1 + ${ERF})`),
    'gelu tanh': one(
      x => x.gelu({ approximate: 'tanh' }),
      '0.5 * x * (1 + Math.tanh(0.79788 * (x + 0.044715 * x * x * x)))',
    ),
    silu: one(x => x.silu(), 'x / (1 + Math.exp(-x))'),
    mish: one(x => x.mish(), 'x * Math.tanh(Math.log1p(Math.exp(x)))'),
    hardtanh: one(x => x.hardtanh(), 'x < -1 ? -1 : x > 1 ? 1 : x'),
    hardsigmoid: one(x => x.hardsigmoid(), 'x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6'),
    hardswish: one(x => x.hardswish(), 'x * (x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6)'),
    floor: one(x => x.floor(), 'Math.floor(x)'),
    ceil: one(x => x.ceil(), 'Math.ceil(x)'),
    round: one(x => x.round(), 'Math.round(x)'),
    trunc: one(x => x.trunc(), 'Math.trunc(x)'),
    clamp: one(x => x.clamp(-0.5, 0.5), 'Math.min(Math.max(x, -0.5), 0.5)'),
    isNaN: one(x => x.isNaN(), 'x !== x ? 1 : 0', x, 'Uint8Array'),
    isFinite: one(x => x.isFinite(), 'x - x === 0 ? 1 : 0', x, 'Uint8Array'),
    isInf: one(x => x.isInf(), 'Math.abs(x) === Infinity ? 1 : 0', x, 'Uint8Array'),
    where: [
      () => where(mask, x, y),
      write(
        'a b c',
        `const o = new Float32Array(${n}); for (let i = 0; i < ${n}; i++) o[i] = c[i] !== 0 ? a[i] : b[i]; return o;`,
      ),
      [x, y, mask],
    ],
    maskedFill: [
      () => x.maskedFill(mask, 2),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0; i < ${n}; i++) o[i] = b[i] !== 0 ? 2 : a[i]; return o;`,
      ),
      [x, mask],
    ],
    'to int32': one(x => x.to('int32'), 'x', x, 'Int32Array'),
    'to float64': one(x => x.to('float64'), 'x', x, 'Float64Array'),
    sum: fold(x => x.sum(1), '0', 's + x'),
    mean: fold(x => x.mean(1), '0', 's + x', `s / ${side}`),
    prod: fold(x => x.prod(1), '1', 's * x'),
    amax: fold(x => x.amax(1), '-Infinity', 'Math.max(s, x)'),
    max: fold(x => x.max(1), '-Infinity', 'x > s ? x : s'),
    argmax: [
      () => matrix.argmax(1),
      write(
        'a b',
        `const o = new Int32Array(${side}); for (let i = 0; i < ${side}; i++) { let best = 0; for (let j = 1; j < ${side}; j++) if (a[i * ${side} + j] > a[i * ${side} + best]) best = j; o[i] = best; } return o;`,
      ),
      [matrix, matrix],
    ],
    variance: [
      () => matrix.variance(1),
      write(
        'a b',
        `const o = new Float32Array(${side}); for (let i = 0; i < ${side}; i++) { let s = 0, v = 0; const p = i * ${side};
         for (let j = 0; j < ${side}; j++) s += a[p + j]; s /= ${side};
         for (let j = 0; j < ${side}; j++) { const d = a[p + j] - s; v += d * d; } o[i] = v / ${side - 1}; } return o;`,
      ),
      [matrix, matrix],
    ],
    norm: fold(x => x.norm(2, 1), '0', 's + x * x', 'Math.sqrt(s)'),
    'norm 1': fold(x => x.norm(1, 1), '0', 's + Math.abs(x)'),
    'norm 3': fold(x => x.norm(3, 1), '0', 's + Math.abs(x) ** 3', 's ** (1 / 3)'),
    logsumexp: [
      () => matrix.logsumexp(1),
      write(
        'a b',
        `const o = new Float32Array(${side}); for (let i = 0; i < ${side}; i++) { let m = -Infinity, s = 0; const p = i * ${side};
         for (let j = 0; j < ${side}; j++) m = Math.max(m, a[p + j]);
         for (let j = 0; j < ${side}; j++) s += Math.exp(a[p + j] - m); o[i] = m + Math.log(s); } return o;`,
      ),
      [matrix, matrix],
    ],
    all: fold(x => x.all(1), '1', 'x !== 0 ? s : 0'),
    any: fold(x => x.any(1), '0', 'x !== 0 ? 1 : s'),
    cumsum: [
      () => matrix.cumsum(1),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) { let s = 0; for (let j = 0; j < ${side}; j++, p++) o[p] = s += a[p]; } return o;`,
      ),
      [matrix, matrix],
    ],
    cumprod: [
      () => matrix.cumprod(1),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) { let s = 1; for (let j = 0; j < ${side}; j++, p++) o[p] = s *= a[p]; } return o;`,
      ),
      [matrix, matrix],
    ],
    sort: [
      () => matrix.sort(1),
      write(
        'a b',
        `const o = new Float32Array(${n}), k = new Int32Array(${n});
         for (let i = 0; i < ${side}; i++) { const p = i * ${side};
           const ids = Int32Array.from({ length: ${side} }, (_, j) => j).sort((u, v) => a[p + u] - a[p + v]);
           for (let j = 0; j < ${side}; j++) { k[p + j] = ids[j]; o[p + j] = a[p + ids[j]]; } } return [o, k];`,
      ),
      [matrix, matrix],
    ],
    topk: [
      () => matrix.topk(5, 1),
      write(
        'a b',
        `const o = new Float32Array(5 * ${side}), k = new Int32Array(5 * ${side});
         for (let i = 0; i < ${side}; i++) { const p = i * ${side}, q = 5 * i; let filled = 0;
           for (let j = 0; j < ${side}; j++) { const v = a[p + j];
             if (filled < 5 || v > o[q + 4]) { let t = filled < 5 ? filled++ : 4;
               while (t > 0 && o[q + t - 1] < v) { o[q + t] = o[q + t - 1]; k[q + t] = k[q + t - 1]; t--; } o[q + t] = v; k[q + t] = j; } } } return [o, k];`,
      ),
      [matrix, matrix],
    ],
    dot: loss((x, y) => x.dot(y), 'x * y'),
    outer: [
      () => weight.outer(weight),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++) o[p++] = a[i] * b[j]; return o;`,
      ),
      [weight, weight],
    ],
    tril: copied(x => x.tril(), `j > i ? ${n - 1} : p`),
    triu: copied(x => x.triu(), `j < i ? ${n - 1} : p`),
    'flip, copied': copied(x => x.flip([1]).clone(), `i * ${side} + ${side - 1} - j`),
    roll: copied(x => x.roll(3, 1), `i * ${side} + (j + ${side - 3}) % ${side}`),
    'permute, copied': copied(x => x.permute([1, 0]).clone(), `j * ${side} + i`),
    'expand, copied': [
      () => weight.expand([side, side]).clone(),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++) o[p++] = a[j]; return o;`,
      ),
      [weight, weight],
    ],
    tile: [
      () => weight.tile([side, 1]),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++) o[p++] = a[j]; return o;`,
      ),
      [weight, weight],
    ],
    'cat, dim 1': [
      () => tapegrad.cat([matrix, other], 1),
      write(
        'a b',
        `const o = new Float32Array(2 * ${n}); for (let i = 0, p = 0; i < ${side}; i++) { for (let j = 0; j < ${side}; j++) o[p++] = a[i * ${side} + j]; for (let j = 0; j < ${side}; j++) o[p++] = b[i * ${side} + j]; } return o;`,
      ),
      [matrix, other],
    ],
    'stack, dim 2': [
      () => tapegrad.stack([matrix, other], 2),
      write(
        'a b',
        `const o = new Float32Array(2 * ${n}); for (let i = 0; i < ${n}; i++) { o[2 * i] = a[i]; o[2 * i + 1] = b[i]; } return o;`,
      ),
      [matrix, other],
    ],
    'slice by 2, copied': [
      () => matrix.slice(1, 0, side, 2).clone(),
      write(
        'a b',
        `const o = new Float32Array(${n / 2}); for (let i = 0; i < ${n / 2}; i++) o[i] = a[2 * i]; return o;`,
      ),
      [matrix, matrix],
    ],
    gather: [
      () => matrix.gather(1, ids),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++, p++) o[p] = a[i * ${side} + b[p]]; return o;`,
      ),
      [matrix, ids],
    ],
    scatter: [
      () => matrix.scatter(1, ids, other),
      write(
        'a b c',
        `const o = a.slice(); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++, p++) o[i * ${side} + b[p]] = c[p]; return o;`,
      ),
      [matrix, ids, other],
    ],
    scatterAdd: [
      () => matrix.scatterAdd(1, ids, other),
      write(
        'a b c',
        `const o = a.slice(); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++, p++) o[i * ${side} + b[p]] += c[p]; return o;`,
      ),
      [matrix, ids, other],
    ],
    take: [
      () => x.take(ids),
      write('a b', `const o = new Float32Array(${n}); for (let i = 0; i < ${n}; i++) o[i] = a[b[i]]; return o;`),
      [x, ids],
    ],
    'indexSelect, dim 1': [
      () => matrix.indexSelect(1, classes),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0, p = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++) o[p++] = a[i * ${side} + b[j]]; return o;`,
      ),
      [matrix, classes],
    ],
    oneHot: [
      () => classes.oneHot(side),
      write(
        'a b',
        `const o = new Int32Array(${n}); for (let i = 0; i < ${side}; i++) o[i * ${side} + a[i]] = 1; return o;`,
      ),
      [classes, classes],
    ],
    pad: [
      () => matrix.pad([1, 1, 1, 1]),
      write(
        'a b',
        `const o = new Float32Array(1002 * 1002); for (let i = 0; i < ${side}; i++) for (let j = 0; j < ${side}; j++) o[(i + 1) * 1002 + j + 1] = a[i * ${side} + j]; return o;`,
      ),
      [matrix, matrix],
    ],
    'pad, reflected': [
      () => matrix.pad([2, 2], { mode: 'reflect' }),
      write(
        'a b',
        `const o = new Float32Array(1004000); for (let i = 0, p = 0; i < ${side}; i++) for (let j = -2; j < ${side + 2}; j++) o[p++] = a[i * ${side} + (j < 0 ? -j : j >= ${side} ? ${2 * side - 2} - j : j)]; return o;`,
      ),
      [matrix, matrix],
    ],
    softmax: [
      () => matrix.softmax(1),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0; i < ${side}; i++) { let m = -Infinity, s = 0; const p = i * ${side}; for (let j = 0; j < ${side}; j++) m = Math.max(m, a[p + j]); for (let j = 0; j < ${side}; j++) s += o[p + j] = Math.exp(a[p + j] - m); for (let j = 0; j < ${side}; j++) o[p + j] /= s; } return o;`,
      ),
      [matrix, matrix],
    ],
    logSoftmax: [
      () => matrix.logSoftmax(1),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0; i < ${side}; i++) { let m = -Infinity, s = 0; const p = i * ${side}; for (let j = 0; j < ${side}; j++) m = Math.max(m, a[p + j]); for (let j = 0; j < ${side}; j++) s += Math.exp(a[p + j] - m); s = m + Math.log(s); for (let j = 0; j < ${side}; j++) o[p + j] = a[p + j] - s; } return o;`,
      ),
      [matrix, matrix],
    ],
    maxPool2d: [() => planes.maxPool2d(2), window('-Infinity', 'Math.max(s, x)', 's'), [planes, planes]],
    avgPool2d: [() => planes.avgPool2d(2), window('0', 's + x', 's / 4'), [planes, planes]],
    layerNorm: [
      () => matrix.layerNorm(side, weight, weight),
      normalised(side, '(x - mean) * scale * b[j] + c[j]'),
      [matrix, weight, weight],
    ],
    rmsNorm: [
      () => matrix.rmsNorm(side, weight),
      write(
        'a b',
        `const o = new Float32Array(${n}); for (let i = 0; i < ${side}; i++) { let v = 0; const p = i * ${side}; for (let j = 0; j < ${side}; j++) v += a[p + j] * a[p + j]; const scale = 1 / Math.sqrt(v / ${side} + 1e-7); for (let j = 0; j < ${side}; j++) o[p + j] = a[p + j] * scale * b[j]; } return o;`,
      ),
      [matrix, weight],
    ],
    groupNorm: [
      () => channels.groupNorm(5, perChannel, perChannel),
      normalised(
        50,
        '(x - mean) * scale * b[(2 * i + (j >= 10000 ? 1 : 0)) % 10] + c[(2 * i + (j >= 10000 ? 1 : 0)) % 10]',
      ),
      [channels, perChannel, perChannel],
    ],
    batchNorm: [
      () => channels.batchNorm(null, null, perChannel, perChannel, { training: true }),
      write(
        'a b c',
        `const o = new Float32Array(${n});
         for (let k = 0; k < 10; k++) { let s = 0, v = 0;
           for (let i = 0; i < 10; i++) for (let p = (i * 10 + k) * 10000, e = p + 10000; p < e; p++) s += a[p];
           const mean = s / 100000;
           for (let i = 0; i < 10; i++) for (let p = (i * 10 + k) * 10000, e = p + 10000; p < e; p++) { const d = a[p] - mean; v += d * d; }
           const scale = b[k] / Math.sqrt(v / 100000 + 1e-5), shift = c[k];
           for (let i = 0; i < 10; i++) for (let p = (i * 10 + k) * 10000, e = p + 10000; p < e; p++) o[p] = (a[p] - mean) * scale + shift;
         } return o;`,
      ),
      [channels, perChannel, perChannel],
    ],
    dropout: one(x => x.dropout(0.5, options), 'Math.random() < 0.5 ? 0 : 2 * x'),
    crossEntropy: [
      () => matrix.crossEntropy(classes),
      write(
        'a b',
        `let t = 0; for (let i = 0; i < ${side}; i++) { let m = -Infinity, s = 0; const p = i * ${side}; for (let j = 0; j < ${side}; j++) m = Math.max(m, a[p + j]); for (let j = 0; j < ${side}; j++) s += Math.exp(a[p + j] - m); t += m + Math.log(s) - a[p + b[i]]; } return t / ${side};`,
      ),
      [matrix, classes],
    ],
    mseLoss: loss((x, y) => x.mseLoss(y), '(x - y) * (x - y)'),
    l1Loss: loss((x, y) => x.l1Loss(y), 'Math.abs(x - y)'),
    smoothL1Loss: loss(
      (x, y) => x.smoothL1Loss(y),
      'Math.abs(x - y) < 1 ? 0.5 * (x - y) * (x - y) : Math.abs(x - y) - 0.5',
    ),
    huberLoss: loss(
      (x, y) => x.huberLoss(y, { delta: 0.5 }),
      'Math.abs(x - y) < 0.5 ? 0.5 * (x - y) * (x - y) : 0.5 * (Math.abs(x - y) - 0.25)',
    ),
    binaryCrossEntropy: loss(
      (x, y) => x.binaryCrossEntropy(y),
      '-(y * Math.log(x) + (1 - y) * Math.log1p(-x))',
      probabilities,
      probabilities,
    ),
    binaryCrossEntropyWithLogits: loss(
      (x, y) => x.binaryCrossEntropyWithLogits(y),
      'Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x)))',
      x,
      probabilities,
    ),
    klDiv: loss((x, y) => x.klDiv(y), 'y * (Math.log(y) - x)', x, probabilities),
    cosineSimilarity: [
      () => matrix.cosineSimilarity(other),
      write(
        'a b',
        `const o = new Float32Array(${side}); for (let i = 0, p = 0; i < ${side}; i++) { let s = 0, u = 0, v = 0; for (let j = 0; j < ${side}; j++, p++) { const x = a[p], y = b[p]; s += x * y; u += x * x; v += y * y; } o[i] = s / Math.sqrt(u * v); } return o;`,
      ),
      [matrix, other],
    ],
  };
}

/** Every operation on 1e6 elements beside the loop that one would write by hand, which makes its result too. */
export function vocabularyTable(): Table {
  const measured = Object.entries(entries()).map(
    ([name, [operation, loop, arrays]]): [string, number, number, number] => {
      // Two sets of arrays in turn: a loop over one and the same would be compiled for just these arrays, bounds and all.
      const sets = [0, 1].map(() => arrays.map(({ data }) => data.slice() as Numbers));
      let turn = 0;
      const plainLoop = (): unknown => loop(...sets[(turn ^= 1)]);
      const { op, plain } = compare({ op: operation, plain: plainLoop }, { warmUp: 100, rounds: 15, budget: 800 });
      return [name, op / 1000, plain / 1000, op / plain];
    },
  );
  const slow = measured.filter(([, , , ratio]) => ratio > 2);
  return {
    title: 'The vocabulary on 1e6 elements beside plain loops: ms, and the ratio (target: at most 2)',
    columns: ['operation', 'tapegrad', 'plain loop', 'ratio'],
    rows: measured,
    write: x => x.toFixed(2),
    notes: [
      `${measured.length - slow.length} of ${measured.length} within twice the loop; not: ${slow.map(([name]) => name).join(', ') || 'none'}`,
    ],
  };
}
