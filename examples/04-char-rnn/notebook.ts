import { compile, data, eye, noGrad, optim, type Tensor, tensor, zeros } from 'tapegrad';

import type { Calling } from './calling.ts';
import type { Manner } from './command.ts';
import type { Tell } from './events.ts';
import { gain, programLine, timed, timesOf } from './gain.ts';
import notebook from './notebook.json' with { type: 'json' };
import { chart } from './report/chart.ts';
import { type Output, painter, screenOf } from './report/terminal.ts';
import { bitsPerCharacter } from './run/history.ts';
import { CharRNN } from './run/model.ts';

const { text, hiddenSize, sequenceLength, learningRate, printedLosses, weights } = notebook;
const epochs = 100;

/** The network of the notebook with the weights it began with: one bias for PyTorch's two, one-hot inputs. */
export function notebookModel(): CharRNN {
  const [Wxh, Whh, Why] = [weights.Wxh, weights.Whh, weights.Why].map(({ data, shape }) => tensor(data, { shape }));
  const characters = notebook.vocabulary.length;
  const model = new CharRNN({
    cell: 'rnn',
    vocabulary: characters,
    embedding: characters,
    hidden: hiddenSize,
    layers: 1,
  });
  model.loadStateDict({
    'embedding.weight': eye(characters),
    'rnn.weight_ih_l0': Wxh.t(),
    'rnn.weight_hh_l0': Whh.t(),
    'rnn.bias_ih_l0': zeros([hiddenSize]),
    'rnn.bias_hh_l0': zeros([hiddenSize]),
    'head.weight': Why.t(),
    'head.bias': zeros([characters]),
  });
  model.embedding.weight.requiresGrad = false;
  model.rnn.bias_hh_l0.requiresGrad = false;
  return model;
}

/** The loss as the notebook printed it: the mean of -log(p + 1e-8) over 42 predictions, times 42 / 36. */
function printedLoss(logits: Tensor, targets: Tensor): Tensor {
  const probabilities = logits.softmax(-1).gather(-1, targets.unsqueeze(-1));
  return probabilities
    .add(1e-8)
    .log()
    .mean()
    .mul(-42 / 36);
}

/** One epoch of the notebook, the whole text in one step: gives the loss before the update. */
export function notebookStep(model: CharRNN, vocabulary: data.Vocabulary): () => Tensor {
  const [inputs, targets] = data.windows(vocabulary.encode(text), sequenceLength);
  const optimizer = new optim.SGD(model.parameters(), { lr: learningRate });
  return () => {
    const [logits] = model.forward(inputs);
    optimizer.zeroGrad();
    logits
      .flatten(0, 1)
      .crossEntropy(targets.reshape([-1]))
      .backward();
    const loss = noGrad(() => printedLoss(logits, targets));
    optimizer.step();
    return loss;
  };
}

/** Says the text from its first characters: what follows the last three of them is the likeliest, one after the other. */
export function recite(model: CharRNN, vocabulary: data.Vocabulary): string {
  const ids = [...vocabulary.encode(text.slice(0, sequenceLength)).data];
  while (ids.length < text.length) {
    const window = tensor([ids.slice(-sequenceLength)], { dtype: 'int32' });
    const [logits] = noGrad(() => model.forward(window));
    ids.push(logits.select(1, -1).argmax().item());
  }
  return vocabulary.decode(ids);
}

/** Where the notebook's run is shown, and who is told of it. */
interface Demonstration extends Manner {
  readonly calling: Calling;
  readonly output: Output;
  readonly tell: Tell;
}

/** The run without a text: the notebook's losses beside ours, a hundred epochs, and the text from memory. */
export function runNotebook({ calling, output, tell, eager, verbose }: Demonstration): void {
  const screen = screenOf(output);
  const paint = painter(screen);
  const say = (line = '') => output.write(`${line}\n`);
  const vocabulary = new data.Vocabulary(notebook.vocabulary);
  const model = notebookModel();
  const step = notebookStep(model, vocabulary);
  const compiled = eager ? undefined : compile(step);
  const times: number[] = [];
  const epoch = timed(compiled ?? step, times);
  say(paint('bold', `A recurrent network learns "${text}"`));
  say(
    `${vocabulary.size} characters, ${text.length - sequenceLength} windows of ${sequenceLength}, ` +
      `a state of ${hiddenSize}, full batches, gradient descent at rate ${learningRate}.`,
  );
  say('It starts from the weights of the NumPy notebook, whose backward pass was written by hand.');
  say();
  say(paint('dim', 'epoch   notebook printed             ours   relative difference'));
  tell({
    event: 'start',
    command: 'demo',
    done: 0,
    steps: epochs,
    characters: text.length,
    distinct: vocabulary.size,
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    options: null,
  });
  const losses: number[] = [];
  let worst = 0;
  while (losses.length < epochs) {
    const loss = epoch().item();
    losses.push(loss);
    const bits = bitsPerCharacter(loss);
    tell({ event: 'step', step: losses.length, loss, bitsPerCharacter: bits, gradientNorm: null });
    const printed = printedLosses[losses.length - 1];
    if (printed === undefined) continue;
    const difference = Math.abs(loss - printed) / printed;
    worst = Math.max(worst, difference);
    say(
      [
        String(losses.length).padStart(5),
        printed.toFixed(10).padStart(18),
        loss.toFixed(10).padStart(16),
        difference.toExponential(1).padStart(21),
      ].join(' '),
    );
  }
  const verdict = worst <= 1e-6 ? paint('green', 'equal to 1e-6') : paint('red', 'NOT equal to 1e-6');
  say(`All ${printedLosses.length}: ${verdict} (largest relative difference ${worst.toExponential(1)}).`);
  say();
  say(`On to ${epochs} epochs: loss ${losses.at(-1)?.toFixed(4)}`);
  say(chart(losses, screen.columns));
  say();
  const prompt = text.slice(0, sequenceLength);
  const recited = recite(model, vocabulary);
  say(`Given "${prompt}", it goes on by itself:`);
  say(`  ${paint('bold', recited)}`);
  say();
  tell({ event: 'sample', step: epochs, prompt, temperature: 0, text: recited.slice(sequenceLength) });
  const stats = compiled?.stats();
  if (stats) {
    if (verbose) say(`The step as a program: ${programLine(stats)}.`);
    say(`${gain(times, timesOf(notebookStep(notebookModel(), vocabulary)), stats)}.`);
    say();
  }
  say(`Now a text of your own: ${calling.train} FILE   (${calling.name} --help explains it all)`);
  tell({ event: 'end', code: 0, step: epochs, steps: epochs });
}
