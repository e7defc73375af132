import { graph, manualSeed, nn, type Profile, profile, randn, type Tensor, zeros } from 'tapegrad';
import { vi } from 'vitest';

/** The tape of a small recurrent network over so many steps: about nine nodes each. */
export function recurrent(steps: number, name = 'loss') {
  manualSeed(1);
  const cell = new nn.RNNCell(4, 8);
  let h: Tensor = zeros([1, 8]);
  for (let t = 0; t < steps; t++) h = cell.forward(randn([1, 4]), h);
  const loss = h.square().mean();
  return graph(loss, { names: { ...Object.fromEntries(cell.namedParameters()), [name]: loss } });
}

export class Perceptron extends nn.Module {
  readonly hidden = new nn.Linear(3, 4);
  readonly head = new nn.Linear(4, 1);

  forward(x: Tensor): Tensor {
    return this.head.forward(this.hidden.forward(x).tanh());
  }
}

/** A step of a perceptron, traced by a clock on which every operation takes a millisecond. */
export function tracedStep(): Profile<void> {
  manualSeed(1);
  const model = new Perceptron();
  const x = randn([8, 3]);
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++);
  try {
    return profile(() => model.forward(x).square().mean().backward(), { trace: true });
  } finally {
    clock.mockRestore();
  }
}
