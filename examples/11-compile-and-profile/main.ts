// Lesson 11: where the time goes, and a step as one program.
//
// A step of training is a few products of matrices and very many small operations. `profile` tells what each costs, and
// `compile` makes one program of all of them. This lesson looks at both, and at what a program cannot do.
//
//     npm run example examples/11-compile-and-profile/main.ts -- --steps 1000

import { parseArgs } from 'node:util';
import {
  compile,
  Generator,
  GradError,
  manualSeed,
  nn,
  optim,
  profile,
  randint,
  randn,
  type Tensor,
  tensor,
  where,
} from 'tapegrad';
import { whole } from '../whole.ts';

const { values: options } = parseArgs({ options: { steps: { type: 'string', default: '200' } } });
const steps = whole('steps', options.steps);

const title = (text: string) => console.log(`\n── ${text} ${'─'.repeat(74 - text.length)}`);
const show = (label: string, value: unknown) => console.log(`${label}\n${String(value).replace(/^/gm, '    ')}`);

/** A network with dropout, an optimiser with a schedule, and the step that trains the one by the other. */
function training() {
  manualSeed(11);
  const dropout = new Generator('dropout');
  const model = new nn.Sequential(
    new nn.Linear(32, 64),
    new nn.GELU(),
    new nn.Dropout(0.2, { generator: dropout }),
    new nn.Linear(64, 64),
    new nn.GELU(),
    new nn.Dropout(0.2, { generator: dropout }),
    new nn.Linear(64, 10),
  );
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003 });
  const schedule = new optim.schedule.OneCycleLR(optimizer, { maxLr: 0.003, totalSteps: steps });
  const step = (x: Tensor, classes: Tensor): Tensor => {
    const loss = model.forward(x).crossEntropy(classes);
    optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
  return { model, optimizer, schedule, step };
}
const x = randn([32, 32], { generator: new Generator('x') });
const classes = randint(0, 10, [32], { generator: new Generator('classes') });

title('Where the time goes');

// The first calls are the slowest, while the engine gets to know the code; and one call alone may meet the garbage collector.
// So warm up, and measure many.
const eager = training();
for (let i = 0; i < 50; i++) eager.step(x, classes);
const measured = profile(() => {
  for (let i = 0; i < 50; i++) eager.step(x, classes);
});
const table = String(measured).split('\n');
show(
  'profile of 50 steps, the ten rows that took the longest',
  [...table.slice(0, 11), '...', ...table.slice(-2)].join('\n'),
);

// Read it from both ends. Products of matrices do nearly all of the arithmetic. The rest is many small calls, each with a
// cost of its own: a new array, a walk over memory, a note on the tape. The optimiser alone makes more calls than the network.
const { ops, total } = measured;
const share = (of: 'flops' | 'calls' | 'ms'): string => {
  const products = ops.filter(({ op }) => op === 'matmul').reduce((n, cost) => n + cost[of], 0);
  return `${((100 * products) / total[of]).toFixed(0)} %`;
};
console.log(
  `Products: ${share('flops')} of the arithmetic, ${share('calls')} of the calls, ${share('ms')} of the time.`,
);

title('One program of it');

// The first call runs as ever, and is recorded. From then on each is one call of WebAssembly, in which what can be is done in
// one walk over memory. `stats` says what became of the operations.
const compiled = training();
const step = compile(compiled.step);
step(x, classes);
const stats = step.stats();
if (stats === null) throw new Error('the step was called, so there are stats');
const { recorded, operations, kernels, callsToJavaScript, arenaBytes, bytesWithoutSharing, moduleBytes } = stats;
show(
  'stats()',
  [
    `${recorded} operations recorded, ${operations} after the passes, in ${kernels} kernels, ${callsToJavaScript} of which call JavaScript`,
    `${kilobytes(arenaBytes)} of memory for ${kilobytes(bytesWithoutSharing)} of values, ${kilobytes(moduleBytes)} of WebAssembly`,
  ].join('\n'),
);
const program = String(step).split('\n');
show(`String(step), the first of ${program.length} lines`, program.slice(0, 14).join('\n'));

title('The same numbers');

// Dropout draws from its generator in the program as it does outside, and the schedule, which stands outside, is seen: the
// rate is looked up at every call. So a compiled run is the eager run but for rounding.
const [one, other] = [training(), training()];
const replayed = compile(other.step);
console.log(' step     rate      eager   compiled');
for (let i = 1; i <= steps; i++) {
  const rate = one.optimizer.lr;
  const [a, b] = [one.step(x, classes).item(), replayed(x, classes).item()];
  one.schedule.step();
  other.schedule.step();
  if (i === 1 || i % (steps / 4) === 0)
    console.log(
      `${String(i).padStart(5)}  ${rate.toFixed(5)}  ${[a, b].map(loss => loss.toFixed(6).padStart(9)).join('  ')}`,
    );
}

title('What a program cannot do');

// It is recorded once, so what it does may not depend on elements, which are known only when it runs. The error says where.
const broken = compile((x: Tensor) => {
  const y = x.square().sum();
  return y.item() > 1 ? y.sqrt() : y;
});
try {
  broken(x);
} catch (error) {
  if (error instanceof GradError) show('an if on an element', error.message);
}
show(
  'where(y > 1, √y, y) says the same in operations',
  compile((x: Tensor) => {
    const y = x.square().sum();
    return where(y.gt(1), y.sqrt(), y);
  })(x),
);

// What is no operation on tensors happens while it is recorded, and then no more.
let calls = 0;
const counted = compile((x: Tensor) => {
  calls++;
  return x.mul(2);
});
for (let i = 0; i < 5; i++) counted(x);
console.log(`A function that counts its calls, called five times: ${calls}`);

// Other shapes, or another number among the arguments, make another program, which takes its time. Pass what changes at every
// call as a tensor.
/** How often the function is recorded for these arguments. */
function recordings(factors: readonly (number | Tensor)[]): number {
  let recorded = 0;
  const scaled = compile((x: Tensor, factor: number | Tensor) => {
    recorded++;
    return x.mul(factor);
  });
  for (const factor of factors) scaled(x, factor);
  return recorded;
}
const factors = [0.1, 0.2, 0.3];
console.log(`Three numbers as arguments: recorded ${recordings(factors)} times`);
console.log(`Three tensors of no dims: recorded ${recordings(factors.map(factor => tensor(factor)))} time`);

title('What it gains');

/** The median of the milliseconds that a call takes, of several functions by turns, so that all have the same weather. */
function race(...functions: readonly (() => unknown)[]): number[] {
  const times: number[][] = functions.map(() => []);
  for (let i = 0; i < 2 * steps; i++)
    functions.forEach((call, k) => {
      const start = performance.now();
      call();
      times[k].push(performance.now() - start);
    });
  return times.map(list => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]);
}
const script = compile(training().step, { executor: 'javascript' });
script(x, classes);
const [slow, fast, middle] = race(
  () => eager.step(x, classes),
  () => step(x, classes),
  () => script(x, classes),
);
const spent = stats.recordMs + stats.emitMs + stats.compileMs;
console.log(`eager                                   ${slow.toFixed(3)} ms a step, the median`);
console.log(`compiled                                ${fast.toFixed(3)} ms, ${(slow / fast).toFixed(1)} times as fast`);
console.log(
  `the same program, run by JavaScript     ${middle.toFixed(3)} ms, ${(slow / middle).toFixed(1)} times as fast`,
);
console.log(`Compiling took ${spent.toFixed(0)} ms, which ${Math.ceil(spent / (slow - fast))} steps make up for.`);
// Small steps gain the most. Where products of large matrices take all of the time, there is less to gain: profile first.

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`;
}
