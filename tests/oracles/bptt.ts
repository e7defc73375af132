// The oracle of the recurrent networks: an Elman character model with its backward pass through time written by hand, as a
// notebook would, on plain arrays of float64. It imports nothing, so that it cannot share a mistake with what it checks.

type Vector = number[];
type Matrix = number[][];

/** V characters, H hidden units: Wxh [V, H], Whh [H, H], bh [H], Why [H, V], by [V]. */
export interface ElmanWeights {
  Wxh: Matrix;
  Whh: Matrix;
  bh: Vector;
  Why: Matrix;
  by: Vector;
}

export interface BpttResult {
  /** The mean cross entropy of all B T predictions, in nats. */
  loss: number;
  /** d loss / d each weight and d loss / d h0, in their shapes. */
  gradients: ElmanWeights & { h0: Matrix };
  /** [B, T, V] */
  logits: Matrix[];
  /** [B, H] */
  lastHidden: Matrix;
}

const zeroVector = (n: number): Vector => new Array<number>(n).fill(0);
const zeros = (rows: number, columns: number): Matrix => Array.from({ length: rows }, () => zeroVector(columns));

/**
 * One forward and backward pass over B windows of T characters, with ids `inputs[b][t]` and `targets[b][t]`:
 *
 *     h_t = tanh(x_t Wxh + h_(t-1) Whh + bh)   where x_t is one-hot
 *     logits_t = h_t Why + by
 *     loss = mean over b, t of -ln softmax(logits_t)[target_t]
 */
export function bptt(weights: ElmanWeights, inputs: Matrix, targets: Matrix, h0?: Matrix): BpttResult {
  const { Wxh, Whh, bh, Why, by } = weights;
  const [B, T, V, H] = [inputs.length, inputs[0].length, by.length, bh.length];
  const start = h0 ?? zeros(B, H);
  const gradients = {
    Wxh: zeros(V, H),
    Whh: zeros(H, H),
    bh: zeroVector(H),
    Why: zeros(H, V),
    by: zeroVector(V),
    h0: zeros(B, H),
  };
  const logits = Array.from({ length: B }, () => zeros(T, V));
  const lastHidden = zeros(B, H);
  let loss = 0;

  for (let b = 0; b < B; b++) {
    // Forward. hidden[t + 1] is h_t, so that hidden[0] is the initial state.
    const hidden = [start[b]];
    const dlogits = zeros(T, V);
    for (let t = 0; t < T; t++) {
      const h = zeroVector(H);
      for (let j = 0; j < H; j++) {
        let sum = Wxh[inputs[b][t]][j] + bh[j]; // x_t Wxh is the row of Wxh that x_t picks
        for (let i = 0; i < H; i++) sum += hidden[t][i] * Whh[i][j];
        h[j] = Math.tanh(sum);
      }
      hidden.push(h);
      for (let k = 0; k < V; k++) {
        logits[b][t][k] = by[k];
        for (let j = 0; j < H; j++) logits[b][t][k] += h[j] * Why[j][k];
      }

      // -ln softmax(z)[target] = ln sum exp(z - max) - (z[target] - max); the shift by max keeps exp from overflowing.
      const max = Math.max(...logits[b][t]);
      const exps = logits[b][t].map(z => Math.exp(z - max));
      const total = exps.reduce((x, y) => x + y, 0);
      loss += (Math.log(total) - (logits[b][t][targets[b][t]] - max)) / (B * T);

      // d loss / d z = (softmax(z) - one-hot(target)) / (B T)
      for (let k = 0; k < V; k++) dlogits[t][k] = (exps[k] / total - (k === targets[b][t] ? 1 : 0)) / (B * T);
    }
    lastHidden[b] = hidden[T];

    // Backward. dh is d loss / d h_t; what reaches it from step t + 1 is in dhNext.
    let dhNext = zeroVector(H);
    for (let t = T - 1; t >= 0; t--) {
      const h = hidden[t + 1];
      const before = hidden[t];
      for (let k = 0; k < V; k++) {
        gradients.by[k] += dlogits[t][k];
        for (let j = 0; j < H; j++) gradients.Why[j][k] += h[j] * dlogits[t][k];
      }

      // a = x Wxh + h_(t-1) Whh + bh, h = tanh a: da = dh (1 - h²)
      const da = zeroVector(H);
      for (let j = 0; j < H; j++) {
        let dh = dhNext[j];
        for (let k = 0; k < V; k++) dh += dlogits[t][k] * Why[j][k];
        da[j] = dh * (1 - h[j] * h[j]);
      }

      dhNext = zeroVector(H);
      for (let j = 0; j < H; j++) {
        gradients.bh[j] += da[j];
        gradients.Wxh[inputs[b][t]][j] += da[j];
        for (let i = 0; i < H; i++) {
          gradients.Whh[i][j] += before[i] * da[j];
          dhNext[i] += da[j] * Whh[i][j];
        }
      }
    }
    gradients.h0[b] = dhNext;
  }
  return { loss, gradients, logits, lastHidden };
}
