import { checkSquare, choleskyInto, detInto, solveInto, solveShape } from '@tapegrad/tensor';
import type { Computed } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';

export interface SolveAttrs {
  /** What errors call the operation, where it stands for another. */
  readonly calledAs: string;
}

/** x of a x = b, a [..., n, n], b [..., n, k]. With g_b = a^-T g the gradient of a is -g_b x^T. */
export const solve: Computed<SolveAttrs> = {
  name: 'solve',
  gradients: {
    together: (g, { inputs: [a], output: x, parents: [ofA, ofB] }) => {
      const ofRight = a.transpose(-1, -2).solve(g);
      return [ofA && ofRight.matmul(x!.transpose(-1, -2)).neg().sumTo(ofA.shape), ofB && ofRight.sumTo(ofB.shape)];
    },
  },
  keeps: [[0, 'output'], [0]],
  shape: ([a, b]) => solveShape(a.shape, b.shape),
  kernel: (out, [a, b], { calledAs }) => solveInto(out, a, b, calledAs),
};

/** Up to this many rows the cofactors are determinants, right for singular matrices too; beyond it they cost too much. */
const fewRows = 8;

/** The determinants of [..., n, n]; the gradient is the matrix of the cofactors. */
export const det: Computed<undefined> = {
  name: 'det',
  gradients: [
    (g, { inputs: [a], output }) => {
      const n = a.shape[a.ndim - 1];
      const spread = (t: Tensor): Tensor => t.unsqueeze(-1).unsqueeze(-1);
      return n <= fewRows ? spread(g).mul(cofactors(a, n)) : spread(g.mul(output!)).mul(a.inverse().transpose(-1, -2));
    },
  ],
  keeps: [[0, 'output']],
  shape: ([a]) => {
    checkSquare('det', a.shape);
    return a.shape.slice(0, -2);
  },
  kernel: (out, [a]) => detInto(out, a),
};

/** (-1)^(i+j) times the determinant of what is left without row i and column j. */
function cofactors(a: Tensor, n: number): Tensor {
  const ids: number[] = [];
  const signs: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      signs.push((i + j) % 2 === 0 ? 1 : -1);
      for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) if (r !== i && c !== j) ids.push(r * n + c);
    }
  const batch = a.shape.slice(0, -2);
  const minors = a.reshape([...batch, n * n]).indexSelect(-1, a.idsOf(Int32Array.from(ids)));
  const odd = a.idsOf(Int32Array.from(signs)).reshape([n, n]);
  return minors
    .reshape([...batch, n, n, Math.max(n - 1, 0), Math.max(n - 1, 0)])
    .det()
    .mul(odd);
}

/**
 * The lower triangle L with L L^T = a. With P the lower triangle of L^T g, its diagonal halved, the gradient is
 * L^-T (P + P^T) / 2 L^-1, of the symmetric part of a.
 */
export const cholesky: Computed<undefined> = {
  name: 'cholesky',
  gradients: [
    (g, { output }) => {
      const l = output!;
      const upper = l.transpose(-1, -2);
      const p = upper.matmul(g);
      const symmetric = p.tril().add(p.tril(-1).transpose(-1, -2)).mul(0.5);
      return upper.solve(upper.solve(symmetric).transpose(-1, -2));
    },
  ],
  keeps: [['output']],
  shape: ([a]) => {
    checkSquare('cholesky', a.shape);
    return a.shape;
  },
  kernel: (out, [a]) => choleskyInto(out, a),
};
