// jax-js on its WebAssembly backend: the whole step, gradient and update included, is one compiled function.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { run, versionOf } from './measure.mjs';

await init('wasm');
defaultDevice('wasm');

const arrayOf = ({ data, shape }) => np.array(data).reshape(shape);

const arraysOf = weights => Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, arrayOf(w)]));

const map = (fn, ...trees) => tree.map(fn, ...trees);

/** A training step by gradient descent: the loss of weights and inputs, and how to go down. */
function descent(loss, weights, inputs, lr) {
  const step = jit((w, ...inputs) => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(w), ...inputs);
    return [value, map((p, g) => p.sub(g.mul(lr)), w, gradient)];
  });
  let w = weights;
  return () => {
    let value;
    [value, w] = step(w, ...tree.ref(inputs));
    return [value];
  };
}

/** A training step by Adam, of lr 1e-3. */
function adam(loss, weights, inputs) {
  const step = jit((state, ...inputs) => {
    const { w, m, v, power1, power2 } = state;
    const [value, gradient] = valueAndGrad(loss)(tree.ref(w), ...inputs);
    const next1 = power1.mul(0.9);
    const next2 = power2.mul(0.999);
    const nextM = map((m, g) => m.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradient));
    const nextV = map((v, g) => v.mul(0.999).add(g.ref.mul(g).mul(0.001)), v, gradient);
    const rate = np.array(1e-3).div(np.array(1).sub(next1.ref));
    const scale = np.sqrt(np.array(1).sub(next2.ref));
    const move = (p, m, v) => p.sub(m.mul(rate.ref).div(np.sqrt(v).div(scale.ref).add(1e-8)));
    const nextW = map(move, w, tree.ref(nextM), tree.ref(nextV));
    rate.dispose();
    scale.dispose();
    return [value, { w: nextW, m: nextM, v: nextV, power1: next1, power2: next2 }];
  });
  const zeros = () => map(w => np.zerosLike(w), tree.ref(weights));
  let state = { w: weights, m: zeros(), v: zeros(), power1: np.array(1), power2: np.array(1) };
  return () => {
    let value;
    [value, state] = step(state, ...tree.ref(inputs));
    return [value];
  };
}

const oneHot = ({ data }, n) => nn.oneHot(np.array(data), n).astype(np.float32);

/** The mean of -log softmax at the ones. */
const crossEntropy = (logits, ones) => nn.logSoftmax(logits).mul(ones).sum(-1).mean().neg();

/** x @ weight^T + bias. */
const linear = (x, weight, bias) => np.matmul(x, weight.transpose()).add(bias);

function elman({ weights, inputs: [x, y] }) {
  const [T, B] = x.shape;
  const [V, H] = weights.Wxh.shape;
  const loss = ({ Wxh, Whh, bh, Why, by }, read, foreseen) => {
    const embedded = np.matmul(read, Wxh).add(bh).reshape([T, B, H]);
    let h = np.zeros([B, H]);
    const states = np.split(embedded, T).map(e => {
      h = np.tanh(e.reshape([B, H]).add(np.matmul(h, Whh.ref)));
      return h.ref;
    });
    h.dispose();
    Whh.dispose();
    return crossEntropy(np.matmul(np.concatenate(states), Why).add(by), foreseen);
  };
  return descent(loss, arraysOf(weights), [oneHot(x, V), oneHot(y, V)], 0.01);
}

function lstm({ weights, inputs: [x, y] }) {
  const [T, B] = x.shape;
  const [V, H] = weights['embedding.weight'].shape;
  const loss = (w, read, foreseen) => {
    const bias = w['rnn.bias_ih_l0'].add(w['rnn.bias_hh_l0']);
    const embedded = np.matmul(read, w['embedding.weight']);
    const projected = linear(embedded, w['rnn.weight_ih_l0'], bias).reshape([T, B, 4 * H]);
    const Whh = w['rnn.weight_hh_l0'].transpose();
    let [h, c] = [np.zeros([B, H]), np.zeros([B, H])];
    const states = np.split(projected, T).map(p => {
      const gates = p.reshape([B, 4 * H]).add(np.matmul(h, Whh.ref));
      const [i, f, g, o] = np.split(gates, 4, 1);
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
      return h.ref;
    });
    for (const last of [h, c, Whh]) last.dispose();
    return crossEntropy(linear(np.concatenate(states), w['head.weight'], w['head.bias']), foreseen);
  };
  return adam(loss, arraysOf(weights), [oneHot(x, V), oneHot(y, V)]);
}

function mlp({ weights, inputs: [x, y] }) {
  const loss = (w, x, classes) => {
    const first = nn.relu(linear(x, w['0.weight'], w['0.bias']));
    const second = nn.relu(linear(first, w['2.weight'], w['2.bias']));
    return crossEntropy(linear(second, w['4.weight'], w['4.bias']), classes);
  };
  return adam(loss, arraysOf(weights), [arrayOf(x), oneHot(y, weights['4.bias'].shape[0])]);
}

const heads = 4;

function transformer({ weights, inputs: [x, y] }) {
  const [B, T] = x.shape;
  const [V, D] = weights['characters.weight'].shape;
  const size = D / heads;
  const norm = (h, w, name) => {
    const centered = h.ref.sub(h.mean(-1, { keepdims: true }));
    const variance = np.square(centered.ref).mean(-1, { keepdims: true });
    const scaled = centered.div(np.sqrt(variance.add(1e-5)));
    return scaled.mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
  };
  const layer = (h, w, name) => linear(h, w[`${name}.weight`], w[`${name}.bias`]);
  const attention = (h, w, name, hidden) => {
    const projected = layer(h, w, `${name}.project`).reshape([B, T, 3, heads, size]);
    const [q, k, v] = np.split(projected.transpose([2, 0, 3, 1, 4]), 3).map(part => part.reshape([B, heads, T, size]));
    const scores = np
      .matmul(q, k.transpose([0, 1, 3, 2]))
      .mul(1 / Math.sqrt(size))
      .add(hidden);
    const mixed = np.matmul(nn.softmax(scores), v);
    return layer(mixed.transpose([0, 2, 1, 3]).reshape([B * T, D]), w, `${name}.out`);
  };
  const loss = (w, read, foreseen, hidden) => {
    const embedded = np.matmul(read, w['characters.weight']).reshape([B, T, D]).add(w['places.weight']);
    let h = embedded.reshape([B * T, D]);
    for (const name of ['blocks.0', 'blocks.1']) {
      h = h.ref.add(attention(norm(h, w, `${name}.norm1`), w, `${name}.attention`, hidden.ref));
      h = h.ref.add(layer(nn.relu(layer(norm(h, w, `${name}.norm2`), w, `${name}.linear1`)), w, `${name}.linear2`));
    }
    hidden.dispose();
    return crossEntropy(layer(norm(h, w, 'norm'), w, 'head'), foreseen);
  };
  const mask = Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0));
  return adam(loss, arraysOf(weights), [oneHot(x, V), oneHot(y, V), np.array(mask).reshape([T, T])]);
}

const activate = (x, a, b) => np.tanh(a.mul(x).add(b));

function chain({ inputs }) {
  const arrays = inputs.map(arrayOf);
  const step = jit(activate);
  return () => [step(...tree.ref(arrays))];
}

function chainGradient({ inputs }) {
  const arrays = inputs.map(arrayOf);
  const step = jit((x, a, b) => valueAndGrad(([a, b]) => activate(x.ref, a, b).sum())([a, b]));
  return () => {
    const [value, gradients] = step(...tree.ref(arrays));
    return [value, ...gradients];
  };
}

await run(
  `jax-js ${versionOf('@jax-js/jax')}, wasm`,
  {
    'elman-a': elman,
    'elman-b': elman,
    'elman-c': elman,
    lstm,
    mlp,
    transformer,
    chain,
    'chain-gradient': chainGradient,
  },
  results => results.map(x => x.dataSync()),
  async results => {
    for (const x of results)
      if (x.size === 1) x.dataSync();
      else (await blockUntilReady(x)).dispose();
  },
);
