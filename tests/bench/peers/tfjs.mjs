// TensorFlow.js on its WebAssembly backend: each workload in the fastest form that was found.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { run } from './measure.mjs';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
setThreadsCount(1);
await tf.setBackend('wasm');

const tensorOf = ({ data, shape }) => tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');

/** A step that keeps the loss and lets go of the rest. */
const training = (optimizer, loss) => () => [tf.tidy(() => optimizer.minimize(loss, true))];

const adam = () => tf.train.adam(1e-3, 0.9, 0.999, 1e-8);

/** The weights of layers, which are [out, in], as [in, out]; tables of rows as they are. */
const oriented = (name, x) => (x.rank === 2 && !/^[A-Z]|embedding|characters|places/.test(name) ? tf.transpose(x) : x);

const variables = weights =>
  Object.fromEntries(
    Object.entries(weights).map(([name, array]) => [name, tf.variable(oriented(name, tensorOf(array)))]),
  );

/** [n] ids as rows of zeros with a one: gathering rows has no gradient on this backend, a product has. */
const oneHot = ({ data }, n) => tf.oneHot(tf.tensor1d(data, 'int32'), n).cast('float32');

/** The mean of -log softmax at the ones. */
const crossEntropy = (logits, ones) => tf.logSumExp(logits, 1).sub(logits.mul(ones).sum(1)).mean();

/**
 * x @ weight + bias of matrices. Its gradient transposes before it multiplies: the backend is ten times slower when it is
 * asked to multiply by a transposed matrix, and wrong when there is an activation too.
 */
const linear = tf.customGrad((x, weight, bias, save) => {
  save([x, weight]);
  const gradFunc = (dy, [x, weight]) => [
    tf.matMul(dy, tf.transpose(weight)),
    tf.matMul(tf.transpose(x), dy),
    dy.sum(0),
  ];
  return { value: tf.fused.matMul({ a: x, b: weight, bias }), gradFunc };
});

/** a @ b, of matrices or batches of them, with such a gradient; who multiplies by one b again and again gives b's transpose. */
const product = (a, b, bT = turned(b)) =>
  tf.customGrad((a, b, save) => {
    save([a, bT]);
    const gradFunc = (dy, [a, bT]) => [tf.matMul(dy, bT), tf.matMul(turned(a), dy)];
    return { value: tf.matMul(a, b), gradFunc };
  })(a, b);

/** The last two dims exchanged. */
const turned = x => {
  const dims = x.shape.map((_, d) => d);
  return tf.transpose(x, [...dims.slice(0, -2), x.rank - 1, x.rank - 2]);
};

/** The ids of each step, as ids and as rows of zeros with a one. */
const steps = ({ data, shape: [T, B] }, V) =>
  Array.from({ length: T }, (_, t) => {
    const ids = data.subarray(t * B, (t + 1) * B);
    return { ids: tf.tensor1d(ids, 'int32'), ones: tf.keep(oneHot({ data: ids }, V)) };
  });

/** The rows of a table that a step's ids name; on this backend gathering has no gradient of its own. */
const rows = (table, { ids, ones }) =>
  tf.customGrad(table => ({ value: tf.gather(table, ids), gradFunc: dy => tf.matMul(turned(ones), dy) }))(table);

/** Matrices above each other. The gradient gathers, for slicing copies all that it slices from. */
const concat = tf.customGrad((...args) => {
  const [save, parts] = [args.at(-1), args.slice(0, -1)];
  save([]);
  const [B, H] = parts[0].shape;
  const gradFunc = dy => {
    const blocks = dy.reshape([parts.length, B, H]);
    return parts.map((_, t) => tf.gather(blocks, t));
  };
  return { value: tf.concat(parts), gradFunc };
});

function elman({ weights, inputs: [x, y] }) {
  const { Wxh, Whh, bh, Why, by } = variables(weights);
  const [V, H] = Wxh.shape;
  const read = steps(x, V);
  const foreseen = oneHot(y, V);
  const h0 = tf.zeros([x.shape[1], H]);
  return training(tf.train.sgd(0.01), () => {
    const WhhT = turned(Whh);
    let h = h0;
    const states = read.map(ids => {
      h = tf.tanh(
        rows(Wxh, ids)
          .add(product(h, Whh, WhhT))
          .add(bh),
      );
      return h;
    });
    return crossEntropy(linear(concat(...states), Why, by), foreseen);
  });
}

function lstm({ weights, inputs: [x, y] }) {
  const w = variables(weights);
  const [V, H] = w['embedding.weight'].shape;
  const read = steps(x, V);
  const foreseen = oneHot(y, V);
  const zero = tf.zeros([x.shape[1], H]);
  return training(adam(), () => {
    const [Wih, Whh] = [w['rnn.weight_ih_l0'], w['rnn.weight_hh_l0']];
    const [WihT, WhhT] = [turned(Wih), turned(Whh)];
    const bias = w['rnn.bias_ih_l0'].add(w['rnn.bias_hh_l0']);
    let [h, c] = [zero, zero];
    const states = read.map(ids => {
      const embedded = rows(w['embedding.weight'], ids);
      const gates = product(embedded, Wih, WihT)
        .add(product(h, Whh, WhhT))
        .add(bias);
      const [i, f, g, o] = tf.split(gates, 4, 1);
      c = tf
        .sigmoid(f)
        .mul(c)
        .add(tf.sigmoid(i).mul(tf.tanh(g)));
      h = tf.sigmoid(o).mul(tf.tanh(c));
      return h;
    });
    return crossEntropy(linear(concat(...states), w['head.weight'], w['head.bias']), foreseen);
  });
}

function mlp({ weights, inputs: [x, y] }) {
  const w = variables(weights);
  const input = tensorOf(x);
  const classes = oneHot(y, w['4.bias'].shape[0]);
  return training(adam(), () => {
    const first = linear(input, w['0.weight'], w['0.bias']).relu();
    const second = linear(first, w['2.weight'], w['2.bias']).relu();
    return crossEntropy(linear(second, w['4.weight'], w['4.bias']), classes);
  });
}

/**
 * A convolution of pictures [batch, height, width, channels] with kernels [height, width, in, out]. The backend has no gradient of
 * kernels: it is a convolution of the pictures with the gradient, channels in the place of the batch.
 */
const convolve = (x, kernel, padding) =>
  tf.customGrad((x, kernel, save) => {
    save([x, kernel]);
    const padded = [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ];
    const gradFunc = (dy, [x, kernel]) => {
      const turned = tf.transpose(padding === 0 ? x : tf.pad(x, padded), [3, 1, 2, 0]);
      const found = tf.conv2d(turned, tf.transpose(dy, [1, 2, 0, 3]), 1, 'valid');
      return [tf.conv2dTranspose(dy, kernel, x.shape, 1, padding), tf.transpose(found, [1, 2, 0, 3])];
    };
    return { value: tf.conv2d(x, kernel, 1, padding), gradFunc };
  })(x, kernel);

const pooled = x => tf.maxPool(x, 2, 2, 'valid');

function lenet({ weights, inputs: [x, y] }) {
  const w = variables(weights);
  for (const name of ['0.weight', '3.weight']) w[name] = tf.variable(tf.transpose(w[name], [2, 3, 1, 0]));
  const [out] = weights['7.weight'].shape;
  w['7.weight'] = tf.variable(
    tf.transpose(tensorOf(weights['7.weight']).reshape([out, 16, 5, 5]), [2, 3, 1, 0]).reshape([400, out]),
  );
  const input = tf.transpose(tensorOf(x), [0, 2, 3, 1]);
  const classes = oneHot(y, w['11.bias'].shape[0]);
  const seen = (h, name, padding) => pooled(tf.relu(convolve(h, w[`${name}.weight`], padding).add(w[`${name}.bias`])));
  const layer = (h, name) => linear(h, w[`${name}.weight`], w[`${name}.bias`]);
  return training(adam(), () => {
    const features = seen(seen(input, '0', 2), '3', 0).reshape([-1, 400]);
    return crossEntropy(layer(layer(layer(features, '7').relu(), '9').relu(), '11'), classes);
  });
}

const heads = 4;

function transformer({ weights, inputs: [x, y] }) {
  const w = variables(weights);
  const [B, T] = x.shape;
  const [V, D] = w['characters.weight'].shape;
  const size = D / heads;
  const read = oneHot(x, V);
  const foreseen = oneHot(y, V);
  const hidden = tf.tensor2d(
    Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0)),
    [T, T],
  );
  const norm = (h, name) => {
    const centered = h.sub(h.mean(-1, true));
    const scale = centered.square().mean(-1, true).add(1e-5).rsqrt();
    return centered.mul(scale).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
  };
  const layer = (h, name) => linear(h, w[`${name}.weight`], w[`${name}.bias`]);
  const attention = (h, name) => {
    const projected = layer(h, `${name}.project`).reshape([B, T, 3, heads, size]).transpose([2, 0, 3, 1, 4]);
    const [q, k, v] = tf.unstack(projected);
    const scores = product(q, turned(k))
      .mul(1 / Math.sqrt(size))
      .add(hidden);
    const mixed = product(tf.softmax(scores), v);
    return layer(mixed.transpose([0, 2, 1, 3]).reshape([B * T, D]), `${name}.out`);
  };
  return training(adam(), () => {
    const embedded = product(read, w['characters.weight']).reshape([B, T, D]).add(w['places.weight']);
    let h = embedded.reshape([B * T, D]);
    for (const name of ['blocks.0', 'blocks.1']) {
      h = h.add(attention(norm(h, `${name}.norm1`), `${name}.attention`));
      h = h.add(layer(layer(norm(h, `${name}.norm2`), `${name}.linear1`).relu(), `${name}.linear2`));
    }
    return crossEntropy(layer(norm(h, 'norm'), 'head'), foreseen);
  });
}

const activate = (x, a, b) => tf.tanh(a.mul(x).add(b));

function chain({ inputs }) {
  const [x, a, b] = inputs.map(tensorOf);
  return () => [tf.tidy(() => activate(x, a, b))];
}

function chainGradient({ inputs }) {
  const [x, a, b] = inputs.map(tensorOf);
  const valueAndGrads = tf.valueAndGrads((a, b) => activate(x, a, b).sum());
  return () =>
    tf.tidy(() => {
      const { value, grads } = valueAndGrads([a, b]);
      return [value, ...grads];
    });
}

await run(
  `TensorFlow.js ${tf.version.tfjs}, ${tf.getBackend()}`,
  {
    'elman-a': elman,
    'elman-b': elman,
    'elman-c': elman,
    lstm,
    mlp,
    lenet,
    transformer,
    chain,
    'chain-gradient': chainGradient,
  },
  results => results.map(t => t.dataSync()),
  results => {
    for (const t of results) t.dispose();
  },
);
