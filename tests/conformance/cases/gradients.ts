import { enableGrad, grad, noGrad, type Tensor } from 'tapegrad';
import { type Case, program, script } from '../case.ts';
import { lossOf, onLeaves, zeroGrads } from './leaves.ts';

export const gradientCases: Case[] = [
  onLeaves(
    'backward inside, with gradients set to null before every call',
    (x, w, b) => {
      const loss = lossOf(x, w, b);
      loss.backward();
      return loss.detach();
    },
    zeroGrads,
  ),
  onLeaves('backward inside, with gradients set to null inside', (x, w, b) => {
    zeroGrads(0, w, b);
    lossOf(x, w, b).backward();
    return [w.grad, b.grad];
  }),
  onLeaves('gradients that add up over the calls', (x, w, b) => {
    lossOf(x, w, b).backward();
    return [];
  }),
  onLeaves(
    'gradients that add up, and are set to null before the last call',
    (x, w, b) => {
      lossOf(x, w, b).backward();
      return [w.grad!.sum()];
    },
    (call, w, b) => (call === 2 ? zeroGrads(call, w, b) : undefined),
  ),
  onLeaves(
    'two losses, each with a backward of its own',
    (x, w, b) => {
      lossOf(x, w, b).backward();
      lossOf(x.neg(), w, b).mul(0.5).backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'backward twice through one tape',
    (x, w, b) => {
      const loss = lossOf(x, w, b);
      loss.backward();
      loss.backward();
      return loss.detach();
    },
    zeroGrads,
  ),
  onLeaves(
    'backward from a gradient that is given',
    (x, w, b) => {
      const y = x.matmul(w).add(b).tanh();
      y.backward(x.narrow(1, 0, 3).exp());
      return y.detach();
    },
    zeroGrads,
  ),
  onLeaves(
    'gradients that are read, scaled and written back',
    (x, w, b) => {
      lossOf(x, w, b).backward();
      w.grad = w.grad!.mul(0.5).add(w.detach());
      b.grad = null;
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a leaf that the loss does not depend on',
    (x, w) => {
      x.matmul(w).sum().backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a leaf that is used in several places',
    (x, w, b) => {
      const h = x.matmul(w).add(b);
      h.matmul(w.t()).add(h.sum()).matmul(w).mul(b).sum().backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'the gradient of a value on the way, which retains it',
    (x, w, b) => {
      const h = x.matmul(w);
      h.retainGrad();
      h.add(b).tanh().sum().backward();
      return h.grad;
    },
    zeroGrads,
  ),
  onLeaves(
    'a hook that clips the gradient on the way',
    (x, w, b) => {
      const h = x.matmul(w);
      h.registerHook(g => g.clamp(-0.1, 0.1));
      h.add(b).square().sum().backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a hook that only looks, and hands out what it saw',
    (x, w, b) => {
      const h = x.matmul(w);
      let seen: Tensor | null = null;
      h.registerHook(g => {
        seen = g.mul(2);
      });
      h.add(b).square().sum().backward();
      return [seen];
    },
    zeroGrads,
  ),
  onLeaves(
    'a hook on a leaf that comes and goes',
    (x, w, b) => {
      const hook = w.registerHook(g => g.mul(10));
      lossOf(x, w, b).backward();
      hook.remove();
      return [];
    },
    zeroGrads,
  ),
  program('a hook on a leaf that was there before', draw => {
    const w = draw.leaf(3);
    w.registerHook(g => g.mul(g.norm().add(1).reciprocal()));
    return {
      fn: (x: Tensor) => {
        w.mul(x).square().sum().backward();
        return [];
      },
      inputs: d => [d.normal(3)],
      before: () => w.zeroGrad(),
      state: w,
    };
  }),
  onLeaves(
    'a branch that is detached',
    (x, w, b) => {
      const h = x.matmul(w);
      h.detach().mul(h).add(b).sum().backward();
      return [];
    },
    zeroGrads,
  ),
  onLeaves(
    'a part that runs under noGrad',
    (x, w, b) => {
      const scale = noGrad(() => x.matmul(w).abs().amax());
      x.matmul(w).div(scale).add(b).square().sum().backward();
      return scale;
    },
    zeroGrads,
  ),
  onLeaves(
    'gradients inside of noGrad, by enableGrad',
    (x, w, b) =>
      noGrad(() => {
        const loss = enableGrad(() => lossOf(x, w, b));
        loss.backward();
        return loss.detach();
      }),
    zeroGrads,
  ),
  onLeaves('grad, which adds nothing to any leaf', (x, w, b) => grad(lossOf(x, w, b), [w, b])),
  onLeaves('grad with respect to a value on the way', (x, w, b) => {
    const h = x.matmul(w).add(b);
    return grad(h.tanh().square().sum(), [h, w]);
  }),
  onLeaves('grad of several outputs with their own gradients', (x, w, b) => {
    const h = x.matmul(w);
    return grad([h, h.mul(b)], [w, b], { gradOutputs: [h.detach().neg(), h.detach().exp()] });
  }),
  onLeaves('grad of what a leaf has no part in, which is null', (x, w, b) =>
    grad(x.matmul(w).sum(), [w, b], { allowUnused: true }),
  ),
  script('eager and compiled code that add to the same gradients in turn', (compiled, draw) => {
    const w = draw.leaf(4);
    const add = (x: Tensor): Tensor => {
      const loss = w.mul(x).square().sum();
      loss.backward();
      return loss.detach();
    };
    const fast = compiled(add);
    const xs = Array.from({ length: 5 }, () => draw.normal(4));
    return [xs.map((x, i) => (i % 2 === 0 ? fast(x) : add(x))), w.grad];
  }),
  script('gradients that are kept while others are made', (compiled, draw) => {
    const w = draw.leaf(4);
    const fn = compiled((x: Tensor) => w.mul(x).square().sum().backward());
    return Array.from({ length: 4 }, () => {
      w.zeroGrad();
      fn(draw.normal(4));
      return w.grad;
    });
  }),
];
