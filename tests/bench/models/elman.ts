import { cat, Generator, noGrad, randn, type Tensor, zeros } from 'tapegrad';
import { ids, type Size } from './text.ts';
import type { Workload } from './workload.ts';

/** One training step of an Elman language model (forward, backward, SGD), written with tensors alone. */
export function elman(size: Size): Workload {
  const { B, V, H } = size;
  const generator = new Generator(1);
  const leaf = (shape: number[]): Tensor =>
    randn(shape, { generator })
      .mul(1 / Math.sqrt(H))
      .detach();
  const weights = { Wxh: leaf([V, H]), Whh: leaf([H, H]), bh: zeros([H]), Why: leaf([H, V]), by: zeros([V]) };
  const parameters: Tensor[] = Object.values(weights);
  for (const p of parameters) p.requiresGrad = true;
  const { Wxh, Whh, bh, Why, by }: Record<keyof typeof weights, Tensor> = weights;
  const h0 = zeros([B, H]);
  const step = (x: Tensor, y: Tensor): Tensor => {
    let h: Tensor = h0;
    const states: Tensor[] = [];
    for (const characters of x.unbind(0)) {
      h = characters.embedding(Wxh).add(h.matmul(Whh)).add(bh).tanh();
      states.push(h);
    }
    const loss = cat(states).matmul(Why).add(by).crossEntropy(y);
    for (const p of parameters) p.zeroGrad();
    loss.backward();
    noGrad(() => {
      for (const p of parameters) if (p.grad !== null) p.assign(p.sub(p.grad.mul(0.01)));
    });
    return loss;
  };
  return { step, inputs: ids(size, generator), weights };
}
