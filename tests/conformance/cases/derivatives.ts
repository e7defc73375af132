import { checkpoint, defineOp, grad, hessian, jacobian, jvp, type Tensor, valueAndGrad, vjp } from 'tapegrad';
import { type Case, pure } from '../case.ts';
import { leaf } from '../draw.ts';
import { lossOf, onLeaves, zeroGrads } from './leaves.ts';

/** A smooth function of one tensor that mixes its elements. */
const smooth = (x: Tensor): Tensor => x.sin().mul(x.sum()).add(x.square().mean()).exp().sum().log();

const cube = defineOp({
  name: 'cube',
  forward: (x: Tensor) => x.mul(x).mul(x),
  backward: (g, [x]) => g.mul(x).mul(x).mul(3),
});

/** A custom operation that computes on plain arrays: x^2 y. */
const squareTimes = defineOp({
  name: 'squareTimes',
  forward: (x: Tensor, y: Tensor) => {
    const [out, ys] = [x.clone(), y.data];
    out.data.forEach((v, i) => {
      out.data[i] = v * v * ys[i];
    });
    return out;
  },
  backward: (g, [x, y]) => [g.mul(x).mul(y).mul(2), g.mul(x.square())],
});

/** A function that acts as the identity and turns its gradient around. */
const reversed = defineOp({ name: 'reversed', forward: (x: Tensor) => x.clone(), backward: g => g.neg() });

export const derivativeCases: Case[] = [
  pure(
    'gradients of the arguments, by backward',
    (x: Tensor, y: Tensor) => {
      const z: Tensor = x.mul(y).exp().sum();
      z.backward();
      return z.detach();
    },
    draw => [draw.leaf(3), draw.leaf(3)],
  ),
  pure(
    'gradients of the arguments that nobody has marked, by valueAndGrad',
    (x: Tensor, y: Tensor) => valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).tanh().sum())(x, y) as any,
    draw => [draw.normal(4), draw.normal(4)],
  ),
  pure(
    'a vector-Jacobian product',
    (x: Tensor, u: Tensor) => {
      const [value, pull] = vjp((a: Tensor) => a.matmul(a.t()).tanh(), [x]);
      return [value, ...pull(u), ...pull(u.neg())];
    },
    draw => [draw.normal(3, 2), draw.normal(3, 3)],
  ),
  pure(
    'a Jacobian-vector product',
    (x: Tensor, v: Tensor) => jvp((a: Tensor) => a.exp().cumsum(0).sin(), [x], [v]),
    draw => [draw.normal(5), draw.normal(5)],
  ),
  pure(
    'a Jacobian',
    (x: Tensor) => jacobian(y => y.outer(y).sum(0).tanh(), x),
    draw => [draw.normal(4)],
  ),
  pure(
    'a Hessian',
    (x: Tensor) => hessian(smooth, x),
    draw => [draw.normal(4).mul(0.5)],
  ),
  pure(
    'a Hessian-vector product',
    (x: Tensor, v: Tensor) => {
      const y = leaf(x.detach());
      const slope = grad(smooth(y), y, { createGraph: true });
      return grad(slope.mul(v).sum(), y);
    },
    draw => [draw.normal(6).mul(0.5), draw.normal(6)],
  ),
  pure(
    'the first three derivatives',
    (x: Tensor) => {
      const first = grad(x.pow(4).add(x.sin()).sum(), x, { createGraph: true });
      const second = grad(first.sum(), x, { createGraph: true });
      return [first.detach(), second.detach(), grad(second.sum(), x)];
    },
    draw => [leaf(draw.uniform(0.5, 2, 5))],
  ),
  onLeaves(
    'a penalty on the gradient of the input',
    (x, w, b) => {
      const input = leaf(x.detach());
      const score = input.matmul(w).add(b).tanh().sum();
      const slope = grad(score, input, { createGraph: true });
      const loss = slope.square().sum(1).sqrt().sub(1).square().mean().sub(score.mul(0.01));
      loss.backward();
      return [loss.detach(), slope.detach()];
    },
    zeroGrads,
  ),
  onLeaves(
    'a step of gradient descent that is differentiated in turn',
    (x, w, b) => {
      const step = grad(lossOf(x, w, b), w, { createGraph: true });
      lossOf(x.flip(0), w.sub(step.mul(0.5)), b).backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a checkpoint',
    (x, w, b) => {
      const h = checkpoint((y: Tensor) => y.matmul(w).add(b).tanh(), x);
      h.square().sum().backward();
      return h.detach();
    },
    zeroGrads,
  ),
  onLeaves(
    'a checkpoint in a checkpoint, with several results',
    (x, w, b) => {
      const [a, c] = checkpoint((y: Tensor) => {
        const h = checkpoint((z: Tensor) => z.matmul(w).sigmoid(), y);
        return [h.mul(b), h.sum(0)];
      }, x);
      a.sum().add(c.square().sum()).backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a checkpoint that drops out, with the same mask when it is called again',
    (x, w, b) => {
      const h = checkpoint((y: Tensor) => y.matmul(w).dropout(0.5).mul(b), x);
      h.square().sum().backward();
      return h.detach();
    },
    zeroGrads,
  ),
  pure(
    'an operation of your own, and its second derivative',
    (x: Tensor) => {
      const y = cube(x.sin());
      const first = grad(y.sum(), x, { createGraph: true });
      return [y.detach(), first.detach(), grad(first.square().sum(), x)];
    },
    draw => [draw.leaf(5)],
  ),
  pure(
    'an operation of your own on plain arrays',
    (x: Tensor, y: Tensor) => {
      const z: Tensor = squareTimes(x.add(1), y.t()).mul(2);
      return [z.detach(), ...grad(z.sum(), [x, y])];
    },
    draw => [draw.leaf(2, 3), draw.leaf(3, 2)],
  ),
  onLeaves(
    'an operation whose gradient is not that of its values',
    (x, w, b) => {
      reversed(x.matmul(w)).add(b).square().sum().backward();
      return [];
    },
    zeroGrads,
  ),
];
