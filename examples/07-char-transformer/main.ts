// Lesson 7: a small transformer that learns to write.
//
// Its text is made by a grammar (language.ts), of which two things are known that nobody knows of English: how well the best
// possible reader predicts it, and which sentences are right. The network learns from the characters alone.
//
//     npm run example examples/07-char-transformer/main.ts -- --steps 3000 --sentences 100

import { parseArgs } from 'node:util';
import {
  arange,
  cat,
  compile,
  data,
  Generator,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  type Tensor,
} from 'tapegrad';
import { whole } from '../whole.ts';
import { isSentence, write } from './language.ts';

const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '1000' }, sentences: { type: 'string', default: '24' } },
});
const [steps, sentences] = [whole('steps', options.steps), whole('sentences', options.sentences)];

const { text, entropy } = write(2000, new Generator('text'));
const vocabulary = data.Vocabulary.of(text);
console.log(`${text.length} characters, ${vocabulary.size} distinct:`);
console.log(text.split('\n').slice(0, 3).join('\n').replace(/^/gm, '    '));
console.log(`The choices behind it amount to ${entropy.toFixed(4)} nats a character: no loss stays below that.`);

// Windows of 40 characters, and for every character the one that follows it. The last tenth is never trained on.
const context = 40;
const ids = vocabulary.encode(text);
const cut = Math.floor(0.9 * ids.size);
const [inputs, targets] = data.windows(ids.slice(0, 0, cut), context);
const [heldOutInputs, heldOutTargets] = data.windows(ids.slice(0, cut), context, { stride: 4 * context });

/** A causal transformer: from ids [batch, time] to the logits of what follows each, [batch, time, vocabulary]. */
class CharTransformer extends nn.Module {
  characters: nn.Embedding;
  places: nn.Embedding;
  encoder: nn.TransformerEncoder;
  head: nn.Linear;

  constructor(size: number, dim: number) {
    super();
    this.characters = new nn.Embedding(size, dim);
    // Attention does not see in which order its inputs stand. So each place has a vector of its own, learnt as the others.
    this.places = new nn.Embedding(context, dim);
    const layer = new nn.TransformerEncoderLayer(dim, 4, {
      dimFeedforward: 2 * dim,
      dropout: 0,
      normFirst: true,
      batchFirst: true,
    });
    this.encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(dim) });
    this.head = new nn.Linear(dim, size);
  }

  forward(ids: Tensor): Tensor {
    const time = ids.shape[1];
    const x = this.characters.forward(ids).add(this.places.forward(arange(time, { dtype: 'int32' })));
    return this.head.forward(this.encoder.forward(x, { mask: future(time) }));
  }
}

/** [time, time], true where a place (row) must not look: at all that come after it. `isCausal: true` is short for it. */
const future = (time: number): Tensor => ones([time, time], { dtype: 'bool' }).triu(1);

manualSeed(7);
const model = new CharTransformer(vocabulary.size, 32);
console.log(
  `\nA transformer of ${model.parameters().reduce((n, p) => n + p.size, 0)} parameters. Its mask for four places:`,
);
console.log(String(future(4)).replace(/^/gm, '    '));

// Does the mask hold? Another last character may change only what is said at the last place.
const line = 'the grey cats see a dog';
const said = (text: string): Tensor => noGrad(() => model.forward(vocabulary.encode(text).unsqueeze(0)).at(0));
const same = said(line)
  .eq(said(`${line.slice(0, -1)}t`))
  .all(1);
console.log(`Another last letter changes the outputs at ${same.logicalNot().sum().item()} of ${line.length} places.`);

// One cycle of the learning rate: it rises for a third of the steps, and then falls to almost nothing. Transformers want the
// gentle start. The schedule stands outside of the compiled step, which looks the rate up at every call.
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02, weightDecay: 0.01 });
const schedule = new optim.schedule.OneCycleLR(optimizer, { maxLr: 0.02, totalSteps: steps });
const lossOf = (ids: Tensor, next: Tensor): Tensor => model.forward(ids).flatten(0, 1).crossEntropy(next.flatten());
const step = compile((ids: Tensor, next: Tensor) => {
  const loss = lossOf(ids, next);
  optimizer.zeroGrad();
  loss.backward();
  optim.clipGradNorm(model.parameters(), 1);
  optimizer.step();
  return loss;
});

const generator = new Generator('batches');
console.log('\n step     rate     loss   held out');
for (let n = 1; n <= steps; n++) {
  const rate = optimizer.lr;
  const chosen = randint(0, inputs.shape[0], [10], { generator });
  const loss = step(inputs.indexSelect(0, chosen), targets.indexSelect(0, chosen));
  schedule.step();
  if (n % 200 > 0 && n > 1 && n < steps) continue;
  const heldOut = noGrad(() => lossOf(heldOutInputs, heldOutTargets));
  const row = [
    String(n).padStart(5),
    rate.toFixed(5),
    loss.item().toFixed(4).padStart(7),
    heldOut.item().toFixed(4).padStart(9),
  ];
  console.log(row.join('  '));
}
// (Not quite within reach: at the first places of a window even the best reader has seen too little.)
console.log(`       the best possible${entropy.toFixed(4).padStart(9)}`);

// Sampling, all sentences side by side: after a line break, and then after what was drawn so far. To draw from a row of
// probabilities, throw a dart at [0, 1): it hits the first character up to which the sum of the row reaches that far.
const draws = new Generator('sample');
let written: Tensor = vocabulary.encode('\n').expand([sentences, 1]);
for (let i = 0; i < 75; i++) {
  const logits = noGrad(() => model.forward(written.slice(1, -context))).at([], -1);
  const darts = rand([sentences, 1], { generator: draws });
  const next = logits
    .softmax(1)
    .cumsum(1)
    .lt(darts)
    .sum(1, { keepdim: true })
    .clamp(0, vocabulary.size - 1);
  written = cat([written, next], 1);
}
// Spelling is learnt first, then the order of words; last comes that the verb agrees with a noun far before it.
const lines = Array.from(written, row => vocabulary.decode(row).split('\n')[1]);
const right = lines.filter(isSentence);
const known = new Set(text.split('\n'));
console.log('\nIt writes, and the grammar says:');
for (const line of lines.slice(0, 8)) console.log(`  ${isSentence(line) ? 'right' : 'wrong'}  ${line}`);
console.log(
  `Of ${lines.length} sentences ${right.length} are right, ${right.filter(line => !known.has(line)).length} of which are not in the text.`,
);
