import { Generator } from 'tapegrad';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeRun,
  modelOf,
  resumeRun,
} from '../../../04-char-rnn/run/checkpoint.ts';
import { type Corpus, corpusOf } from '../../../04-char-rnn/run/corpus.ts';
import { Failure, messageOf } from '../../../04-char-rnn/run/errors.ts';
import type { Metrics } from '../../../04-char-rnn/run/history.ts';
import { defaults, type Options } from '../../../04-char-rnn/run/options.ts';
import { write } from '../../../04-char-rnn/run/sample.ts';
import { compiledStepOf, type Run, startRun, train } from '../../../04-char-rnn/run/train.ts';
import type { LiveSettings, Report, Request, State } from '../protocol.ts';
import { checkSize, readFile, readText } from './read.ts';
import { Reporter } from './reporter.ts';

/** How long it trains, in milliseconds, before it hears what the page has to say. */
const sliceMs = 20;
/** How long it writes between two reports. */
const writeMs = 100;

/** A checkpoint from elsewhere may ask for longer samples, but while one is written the page is not heard. */
const longestSample = 2000;

/** Tells the page something, and gives it these buffers. */
export type Tell = (report: Report, transfer?: Transferable[]) => void;

type Network = Pick<Run, 'model'> & Pick<Corpus, 'vocabulary'>;

/** The network that the page has, at most one, and what is done with it. */
export class Session {
  readonly #tell: Tell;
  #state: State = 'none';
  #network: Network | undefined;
  #training: Training | undefined;
  #written = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  get state(): State {
    return this.#state;
  }

  /** Does what the page asks; what goes wrong is told. A network is lost only when the step of the next one does not compile. */
  async hear(request: Request): Promise<void> {
    try {
      await this.#answer(request);
    } catch (error) {
      this.#tell({ tell: 'failed', of: request.ask, reason: messageOf(error) });
      this.#tell({ tell: 'state', state: this.#state });
    }
  }

  async #answer(request: Request): Promise<void> {
    switch (request.ask) {
      case 'start': {
        const { settings, source } = request;
        const options: Options = { ...defaults, ...settings, text: source.name };
        checkSize(options);
        const corpus = await corpusOf(await readText(source), settings.sequence, 'window length');
        this.#begin(startRun(options, corpus), 'running');
        return;
      }
      case 'open':
        return this.#open(request);
      case 'pause':
        if (this.#state === 'running') this.#enter('paused');
        return;
      case 'resume':
        if (this.#state === 'paused' || this.#state === 'finished') this.#enter('running');
        return;
      case 'stop':
        if (this.#state === 'running' || this.#state === 'paused') this.#enter('finished');
        return;
      case 'change':
        this.#training?.change(request.settings);
        return;
      case 'write':
        return this.#write(request);
      case 'save': {
        const { run } = this.#training ?? none();
        const bytes = new Uint8Array(encodeRun(run));
        this.#tell({ tell: 'saved', step: run.history.length, bytes }, [bytes.buffer]);
        return;
      }
    }
  }

  /** Takes up the run of a checkpoint; without the text that it was trained on it is a network that only writes. */
  async #open({ file, steps, source }: Request & { ask: 'open' }): Promise<void> {
    const checkpoint = decodeCheckpoint(await readFile(file));
    checkSize(checkpoint.options);
    const corpus = await corpusIfSame(checkpoint, await readText(source));
    if (corpus === undefined) {
      this.#training = undefined;
      this.#network = { model: modelOf(checkpoint), vocabulary: checkpoint.vocabulary };
      this.#enter('writer');
      return;
    }
    const { options } = checkpoint;
    const given = {
      text: source.name,
      steps: Math.max(steps, options.steps),
      sample: Math.min(options.sample, longestSample),
    };
    this.#begin(resumeRun(checkpoint, corpus, given), 'paused');
  }

  /** Compiles the step of a run, in the place of what was there before. */
  #begin(run: Run, state: State): void {
    this.#state = 'none';
    this.#training = this.#network = undefined;
    const training = new Training(run, this.#tell);
    this.#training = training;
    this.#network = { model: run.model, vocabulary: run.corpus.vocabulary };
    this.#enter(state);
  }

  #enter(state: State): void {
    if (state !== 'running') this.#training?.rest();
    this.#state = state;
    this.#tell({ tell: 'state', state });
  }

  /** Trains for a moment, if it is to train. */
  slice(): void {
    if (this.#state !== 'running' || this.#training === undefined) return;
    try {
      if (!this.#training.forMs(sliceMs)) this.#enter('finished');
    } catch (error) {
      this.#enter('none');
      this.#training = this.#network = undefined;
      this.#tell({ tell: 'failed', of: 'step', reason: messageOf(error) });
    }
  }

  #write({ prompt, length, temperature }: Request & { ask: 'write' }): void {
    const { model, vocabulary } = this.#network ?? none();
    const unknown = [...prompt].find(character => !vocabulary.has(character));
    if (unknown !== undefined)
      throw new Failure(`expected characters that are in the text that it learnt from, got ${JSON.stringify(unknown)}`);
    const generator = new Generator(`page, ${++this.#written}`);
    let text = '';
    let told = performance.now();
    for (const character of write(model, vocabulary, { prompt, length, temperature, generator })) {
      text += character;
      if (performance.now() < told + writeMs) continue;
      this.#tell({ tell: 'written', prompt, text, done: false });
      told = performance.now();
    }
    this.#tell({ tell: 'written', prompt, text, done: true });
  }
}

function none(): never {
  throw new Failure('expected a network, got none yet: start a run or open a checkpoint');
}

/** The corpus of a checkpoint, if `text` is the text that it was trained on. */
async function corpusIfSame({ options, text: fingerprint }: Checkpoint, text: string): Promise<Corpus | undefined> {
  const corpus = await corpusOf(text, options.sequence).catch(() => undefined);
  return corpus?.fingerprint === fingerprint ? corpus : undefined;
}

/** A run with its compiled step, which goes on step by step. */
class Training {
  #run: Run;
  readonly #step: ReturnType<typeof compiledStepOf>;
  readonly #reporter: Reporter;
  #steps: Iterator<Metrics>;

  constructor(run: Run, tell: Tell) {
    const start = performance.now();
    this.#run = run;
    this.#step = compiledStepOf(run);
    this.#steps = train(run, this.#step)[Symbol.iterator]();
    const executor = this.#step.stats()?.executor ?? 'javascript';
    this.#reporter = new Reporter(run, { executor, prepared: performance.now() - start }, tell);
  }

  get run(): Run {
    return this.#run;
  }

  /** Changes what may change while it goes on, and nothing else: the fields may be set for another run already. */
  change({ lr, steps, every, temperature }: LiveSettings): void {
    this.#run = { ...this.#run, options: { ...this.#run.options, lr, steps, every, temperature } };
    this.#run.optimizer.lr = lr;
    this.#steps = train(this.#run, this.#step)[Symbol.iterator]();
  }

  /** Trains for so many milliseconds, at least one step; false when there are no more steps. */
  forMs(ms: number): boolean {
    const end = performance.now() + ms;
    do {
      if (this.#steps.next().done) return false;
    } while (performance.now() < end);
    this.#reporter.reportIfDue();
    return true;
  }

  /** Tells all that was not told yet. */
  rest(): void {
    this.#reporter.rest();
  }
}
