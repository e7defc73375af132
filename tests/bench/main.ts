// npm run bench: what the framework costs here, on this engine. Medians; every ratio is to a baseline in the same run.
import { cpus } from 'node:os';
import { Generator, gradcheck, randn, type Tensor, tensor, where } from 'tapegrad';
import { elmanModuleStep, elmanStep } from './elman.ts';
import { largeOps } from './large.ts';
import { compare, table } from './measure.ts';

console.log(`tapegrad bench · Node ${process.version}, V8 ${process.versions.v8}, ${cpus()[0].model}\n`);
console.log('Training step of an Elman language model, B=14 T=3 V=12 H=4: forward, backward, SGD (target 60 µs)');
const alone = trainingSteps();
warmManyCallSites();
const mixed = trainingSteps();
console.log(
  table([
    ['written with', 'float32 alone', 'after other dtypes'],
    ['tensors', alone.tensors.toFixed(1), mixed.tensors.toFixed(1)],
    ['nn and optim', alone.modules.toFixed(1), mixed.modules.toFixed(1)],
  ]),
);
costInTime();
overhead();
largeOps();

/** A process in which everything has been called with everything, as programs do: no loop stays specialised to one use. */
function warmManyCallSites(): void {
  gradcheck((x, y) => x.matmul(y).tanh().sum(0).softmax(0), [randn([5, 4]), randn([4, 3])]);
  for (const dtype of ['float32', 'float64', 'int32'] as const) {
    const x = tensor([[1, 2, 3]], { dtype });
    for (let i = 0; i < 2000; i++) {
      x.add(x).mul(2).sub(x.t()).maximum(x).sum(1);
      where(x.gt(2), x, 0);
    }
  }
}

/** µs per step, in the two ways to write the model. */
function trainingSteps(): { tensors: number; modules: number } {
  const size = { B: 14, T: 3, V: 12, H: 4 };
  const options = { warmUp: 1500, rounds: 300 };
  return {
    ...compare({ tensors: elmanStep(size) }, options),
    ...compare({ modules: elmanModuleStep(size) }, options),
  };
}

function costInTime(): void {
  const rows = [10, 100, 500, 2000].map(T => {
    const size = { B: 14, T, V: 12, H: 4 };
    const options = { warmUp: 400, rounds: 15, atLeast: 20_000 };
    const { tensors, modules } = compare({ tensors: elmanStep(size), modules: elmanModuleStep(size) }, options);
    return [String(T), (tensors / T).toFixed(1), (modules / T).toFixed(1)];
  });
  console.log('\nThe same step over T time steps: µs for each of them (linear cost is a constant column)');
  console.log(table([['T', 'tensors', 'nn and optim'], ...rows]));
}

function overhead(): void {
  const generator = new Generator(2);
  const x: Tensor = randn([14, 4], { generator });
  const [y, w, b]: Tensor[] = [randn([14, 4], { generator }), randn([4, 4], { generator }), randn([4], { generator })];
  const leaf: Tensor = x.clone();
  leaf.requiresGrad = true;
  const times = compare({
    'x + y': () => x.add(y),
    'x + y, recorded': () => leaf.add(y),
    'x + row': () => x.add(b),
    'x * 2': () => x.mul(2),
    'relu x': () => x.relu(),
    'tanh x': () => x.tanh(),
    'x @ w': () => x.matmul(w),
    'sum x': () => x.sum(),
    'sum x, dim 0': () => x.sum(0),
    'x transposed': () => x.t(),
    'x[1]': () => x.select(0, 1),
  });
  console.log('\nOne operation on 14x4, arithmetic included: µs (target: 1 for what is not the arithmetic)');
  console.log(table([['operation', 'µs'], ...Object.entries(times).map(([name, us]) => [name, us.toFixed(2)])]));
}
