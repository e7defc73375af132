import { chain, chainGradient } from './models/chain.ts';
import { elman } from './models/elman.ts';
import { lenet } from './models/lenet.ts';
import { mlp } from './models/mlp.ts';
import { elmanModules, lstm } from './models/recurrent.ts';
import { transformer } from './models/transformer.ts';
import type { Workload } from './models/workload.ts';

export interface Entry {
  readonly title: string;
  readonly make: () => Workload;
  /** Whether it is written with modules and optimisers, and stands beside the same model written with tensors. */
  readonly modules?: boolean;
}

const a = { B: 14, T: 3, V: 12, H: 4 };
const b = { B: 32, T: 64, V: 96, H: 128 };
const c = { B: 64, T: 64, V: 96, H: 512 };
const small = { batch: 8, time: 64, vocabulary: 96, width: 64, heads: 4, feedForward: 256, layers: 2 };

/** What is measured, by the names that peers know it by too. */
export const workloads: Readonly<Record<string, Entry>> = {
  'elman-a': { title: 'Elman LM (a), B 14, T 3, V 12, H 4, SGD', make: () => elman(a) },
  'elman-a-nn': { title: 'Elman LM (a) of modules', make: () => elmanModules(a), modules: true },
  'elman-b': { title: 'Elman LM (b), B 32, T 64, V 96, H 128, SGD', make: () => elman(b) },
  'elman-b-nn': { title: 'Elman LM (b) of modules', make: () => elmanModules(b), modules: true },
  'elman-c': { title: 'Elman LM (c), B 64, T 64, V 96, H 512, SGD', make: () => elman(c) },
  'elman-c-nn': { title: 'Elman LM (c) of modules', make: () => elmanModules(c), modules: true },
  lstm: { title: 'LSTM LM, sizes of (b), Adam', make: () => lstm(b) },
  mlp: { title: 'MLP 784-256-128-10, batch 64, Adam', make: () => mlp(64, [784, 256, 128, 10]) },
  lenet: { title: 'LeNet, 28x28, batch 32, Adam', make: () => lenet(32) },
  transformer: {
    title: 'Transformer LM, 2 layers, d 64, 4 heads, T 64, batch 8, Adam',
    make: () => transformer(small),
  },
  chain: { title: 'tanh(a x + b), x, a and b of 1e6 elements', make: () => chain(1_000_000) },
  'chain-gradient': { title: 'sum of tanh(a x + b), and gradients of a and b', make: () => chainGradient(1_000_000) },
};
