// Run by long.node.test.ts with --expose-gc: prints, as JSON, how compiled training compares with eager training after many steps,
// and what stays in memory.
import { compile, manualSeed, nn, noGrad, ones, optim, randint, type Tensor, zeros } from 'tapegrad';

const steps = 10_000;

/** A small recurrent network with dropout and Adam, and a step of it on one of eight batches. */
function training() {
  manualSeed(1);
  const embedding = new nn.Embedding(5, 4);
  const rnn = new nn.RNN(4, 6);
  const head = new nn.Sequential(new nn.Dropout(0.1), new nn.Linear(6, 5));
  const parameters = [embedding, rnn, head].flatMap(module => module.parameters());
  const optimizer = new optim.Adam(parameters, { lr: 1e-3 });
  const step = (ids: Tensor, targets: Tensor): Tensor => {
    optimizer.zeroGrad();
    const [outputs] = rnn.forward(embedding.forward(ids));
    const loss = head.forward(outputs.flatten(0, 1)).crossEntropy(targets.flatten());
    loss.backward();
    optim.clipGradNorm(parameters, 1);
    optimizer.step();
    return loss.detach();
  };
  const batches = Array.from({ length: 8 }, () => randint(0, 5, [3, 2]));
  return { parameters, step, batches };
}

/** Bytes of heap and array buffers that survive a collection. */
function held(): number {
  gc?.();
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Trains, and looks at the memory after each tenth of the steps. */
function train(compiled: boolean) {
  const { parameters, step, batches } = training();
  const run = compiled ? compile(step) : step;
  const memory: number[] = [];
  const start = performance.now();
  let loss: Tensor = zeros([]);
  for (let i = 0; i < steps; i++) {
    loss = run(batches[i % 8], batches[(i + 1) % 8]);
    if ((i + 1) % (steps / 10) === 0 && compiled) memory.push(held());
  }
  return { loss: loss.item(), weights: parameters.map(p => p.toArray().flat()), memory, ms: performance.now() - start };
}

/** Lets what is collected be cleaned up after. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    gc?.();
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** Whether a compiled function, what it closes over, and its program are collected when it is dropped. */
async function areCollected(): Promise<boolean> {
  const refs = (() => {
    const w = ones([100], { requiresGrad: true });
    const fn = compile((x: Tensor) => {
      w.zeroGrad();
      w.mul(x).sum().backward();
      noGrad(() => w.assign(w.sub(w.grad!)));
      return x.mul(w);
    });
    for (let i = 0; i < 3; i++) fn(ones([100]));
    return [fn, w, w.value].map(thing => new WeakRef<object>(thing));
  })();
  await collect();
  return refs.every(ref => ref.deref() === undefined);
}

/** What runs the programs of so many functions, made and dropped one after the other, each with a weight of so many MB. */
async function executorsOf(functions: number, megabytes: number): Promise<string[]> {
  const executors = new Set<string>();
  for (let i = 0; i < functions; i++) {
    (() => {
      const w = ones([megabytes * 2 ** 18]);
      const fn = compile(() => w.assign(w.slice(0, 0, 1).add(1)).slice(0, 0, 1));
      fn();
      executors.add(fn.stats()!.executor);
    })();
    await collect();
  }
  return [...executors];
}

const [eager, compiled] = [train(false), train(true)];
const largest = Math.max(...eager.weights.flat().map(Math.abs));
console.log(
  JSON.stringify({
    apart: Math.max(...eager.weights.flat().map((w, i) => Math.abs(w - compiled.weights.flat()[i]))) / largest,
    losses: [eager.loss, compiled.loss],
    ms: [eager.ms, compiled.ms],
    memory: compiled.memory,
    collected: await areCollected(),
    executors: await executorsOf(6, 256),
  }),
);
