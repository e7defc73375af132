// Run by memory.node.test.ts with --expose-gc: prints, as JSON, what stays in memory after each part of long synchronous loops.
import { checkpoint, noGrad, ones, type Profile, profile, type Tensor, tensor } from '@tapegrad/autograd';

/** Bytes of heap and array buffers that survive a collection. */
function held(): number {
  gc?.();
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Memory after each of ten equal parts of a loop, once the loop is warm. */
function during(steps: number, step: () => void): number[] {
  const samples: number[] = [];
  const part = steps / 10;
  for (let i = 0; i < part; i++) step();
  for (let k = 0; k < 10; k++) {
    for (let i = 0; i < part; i++) step();
    samples.push(held());
  }
  return samples;
}

const x = tensor([
  [0.1, 0.2, 0.3],
  [0.4, 0.5, 0.6],
]);
const w = ones([3, 20], { requiresGrad: true });
const lossOf = (): Tensor => x.matmul(w).tanh().sum();

function train(): void {
  lossOf().backward();
  noGrad(() => w.assign(w.sub(w.grad!.mul(0.01))));
  w.zeroGrad();
}

let state: Tensor = ones([2, 20]);
function recur(): void {
  state = x.matmul(w).add(state).tanh();
  state.sum().backward();
  state = state.detach();
  w.zeroGrad();
}

/** What a graph of ten operations on 1 MB each holds until it is walked. */
function heldBy(graph: (x: Tensor) => Tensor): number {
  const input = ones([262_144], { requiresGrad: true });
  const before = held();
  const y = graph(input);
  const after = held();
  y.sum().backward();
  return after - before;
}

function tower(a: Tensor): Tensor {
  for (let i = 0; i < 10; i++) a = a.sin();
  return a;
}

/** Whether a graph that was made, and not walked, is collected when the last tensor of it is dropped. */
async function isCollected(): Promise<boolean> {
  const graph = (() => {
    const first = w.exp();
    first.mul(first).tanh().sum();
    return new WeakRef(first.node!);
  })();
  for (let i = 0; i < 10 && graph.deref() !== undefined; i++) {
    await new Promise(resolve => setImmediate(resolve));
    gc?.();
  }
  return graph.deref() === undefined;
}

const losses: Tensor[] = [];
const profiles: Profile<void>[] = [];
console.log(
  JSON.stringify({
    forward: during(100_000, lossOf),
    train: during(100_000, train),
    recur: during(20_000, recur),
    losses: during(1_000, () =>
      losses.push(
        tower(ones([10_000], { requiresGrad: true }))
          .sum()
          .detach(),
      ),
    ),
    profiles: during(1_000, () =>
      profiles.push(
        profile(() => {
          tower(ones([10_000], { requiresGrad: true }));
        }),
      ),
    ),
    remembered: heldBy(tower),
    checkpointed: heldBy(a => checkpoint(tower, a)),
    linear: heldBy(a => {
      for (let i = 0; i < 10; i++) a = a.mul(2).add(1);
      return a;
    }),
    collected: await isCollected(),
  }),
);
