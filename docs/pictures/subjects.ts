import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { graph, manualSeed, nn, optim, type Profile, profile, randint, randn, type Tensor, zeros } from 'tapegrad';
import { corpusOf } from '../../examples/04-char-rnn/run/corpus.ts';
import { defaults } from '../../examples/04-char-rnn/run/options.ts';
import { compiledStepOf, type Run, startRun, train } from '../../examples/04-char-rnn/run/train.ts';

/** The loss of a small recurrent network over three steps. */
export function threeSteps() {
  manualSeed(1);
  const cell = new nn.RNNCell(4, 8);
  const head = new nn.Linear(8, 4);
  let h: Tensor = zeros([1, 8]);
  for (let t = 0; t < 3; t++) h = cell.forward(randn([1, 4]), h);
  const loss = head.forward(h).crossEntropy(randint(0, 4, [1]));
  return graph(loss, { names: { ...Object.fromEntries(cell.namedParameters()), W: head.weight, b: head.bias!, loss } });
}

class CharModel extends nn.Module {
  readonly embedding = new nn.Embedding(64, 32);
  readonly recurrent = new nn.LSTM(32, 64);
  readonly head = new nn.Linear(64, 64);

  forward(ids: Tensor): Tensor {
    const [output] = this.recurrent.forward(this.embedding.forward(ids));
    return this.head.forward(output);
  }
}

/** A training step of a character network once the engine knows it: the quickest of some, which nothing came between. */
export function step(): Profile<void> {
  manualSeed(1);
  const model = new CharModel();
  const optimizer = new optim.Adam(model.parameters());
  const ids = randint(0, 64, [32, 16]);
  const once = (): void => {
    optimizer.zeroGrad();
    model
      .forward(ids)
      .reshape([-1, 64])
      .crossEntropy(ids.reshape([-1]))
      .backward();
    optimizer.step();
  };
  for (let i = 0; i < 50; i++) once();
  const profiles = Array.from({ length: 20 }, () => profile(once, { trace: true }));
  return profiles.reduce((best, profile) => (profile.total.ms < best.total.ms ? profile : best));
}

/** A run on the guides, one after the other, without what aligns the columns of their tables. */
export async function run(): Promise<Run> {
  const guides = readdirSync('docs/guides')
    .sort()
    .map(file => readFileSync(join('docs/guides', file), 'utf8'));
  const options = { ...defaults, text: 'the guides', steps: 1000, hidden: 64, every: 100, sample: 240 };
  const run = startRun(options, await corpusOf(guides.join('\n').replaceAll(/ {3,}/g, ' '), options.sequence));
  for (const _ of train(run, compiledStepOf(run)));
  return run;
}
