import { describe, expect, test, vi } from 'vitest';
import { decodeCheckpoint, encodeRun } from '../../examples/04-char-rnn/run/checkpoint.ts';
import { corpusOf } from '../../examples/04-char-rnn/run/corpus.ts';
import { defaults } from '../../examples/04-char-rnn/run/options.ts';
import { compiledStepOf, startRun, train } from '../../examples/04-char-rnn/run/train.ts';
import type { Report, Settings } from '../../examples/browser/src/protocol.ts';
import { pageDefaults } from '../../examples/browser/src/settings.ts';
import { texts } from '../../examples/browser/src/texts.ts';
import { Session } from '../../examples/browser/src/worker/session.ts';

const text = texts.jack.text();
const source = { name: 'jack', text };
const settings: Settings = { ...pageDefaults, hidden: 8, sequence: 8, batch: 4, steps: 30, every: 10 };

/** A session, with all that it tells. */
function listen() {
  const reports: Report[] = [];
  const session = new Session(report => reports.push(report));
  const all = <T extends Report['tell']>(tell: T) =>
    reports.filter((report): report is Report & { tell: T } => report.tell === tell);
  const finish = () => {
    while (session.state === 'running') session.slice();
  };
  const save = async () => {
    await session.hear({ ask: 'save' });
    return all('saved').at(-1)!.bytes;
  };
  return { session, all, finish, save };
}

describe('a run in the page', () => {
  test('is the run of the command line, byte for byte of its checkpoint', async () => {
    const { session, finish, save } = listen();
    await session.hear({ ask: 'start', settings, source });
    finish();
    const run = startRun({ ...defaults, ...settings, text: 'jack' }, await corpusOf(text, settings.sequence));
    for (const _ of train(run, compiledStepOf(run)));
    expect(Buffer.compare(await save(), encodeRun(run))).toBe(0);
  });

  test('goes on from a checkpoint as if there had been no break', async () => {
    const [whole, first, second] = [listen(), listen(), listen()];
    await whole.session.hear({ ask: 'start', settings, source });
    whole.finish();
    await first.session.hear({ ask: 'start', settings: { ...settings, steps: 10 }, source });
    first.finish();
    const file = new Blob([await first.save()]);
    await second.session.hear({ ask: 'open', file, steps: 30, source });
    expect(second.session.state).toBe('paused');
    await second.session.hear({ ask: 'resume' });
    second.finish();
    expect(Buffer.compare(await second.save(), await whole.save())).toBe(0);
  });

  test('tells every loss once, what it held out, and its samples', async () => {
    const { session, all, finish } = listen();
    await session.hear({ ask: 'start', settings, source });
    finish();
    const told = all('progress').map(({ progress }) => progress);
    let done = 0;
    for (const { before, losses } of told) {
      expect(before).toBe(done);
      done += losses.length;
    }
    expect(done).toBe(30);
    expect(told.flatMap(({ heldOut }) => heldOut.map(({ step }) => step))).toEqual([10, 20, 30]);
    expect(told.flatMap(({ samples }) => samples.map(({ step }) => step))).toEqual([10, 20, 30]);
    expect(all('state').map(({ state }) => state)).toEqual(['running', 'finished']);
  });

  test('is told of ten times a second at most', async () => {
    const { session, all } = listen();
    await session.hear({ ask: 'start', settings: { ...settings, steps: 1_000_000, every: 1_000_000 }, source });
    // A clock on which every look at it, of which a step needs one, takes 5 ms.
    let now = performance.now();
    const [start, clock] = [now, vi.spyOn(performance, 'now').mockImplementation(() => (now += 5))];
    while (now < start + 2000) session.slice();
    clock.mockRestore();
    const steps = all('progress').reduce((sum, { progress }) => sum + progress.losses.length, 0);
    expect(steps).toBeGreaterThan(200);
    expect(all('progress').length).toBeGreaterThan(10);
    expect(all('progress').length).toBeLessThanOrEqual(21);
  });

  test('takes another learning rate while it goes on, and keeps it in the checkpoint', async () => {
    const { session, finish, save } = listen();
    await session.hear({ ask: 'start', settings, source });
    await session.hear({ ask: 'change', settings: { ...settings, lr: 0.25, temperature: 1.5 } });
    finish();
    expect(decodeCheckpoint(await save()).options).toMatchObject({ lr: 0.25, temperature: 1.5, seed: settings.seed });
  });

  test('goes on after its last step when there are to be more, as if there had been no end', async () => {
    const [whole, more] = [listen(), listen()];
    await whole.session.hear({ ask: 'start', settings, source });
    whole.finish();
    await more.session.hear({ ask: 'start', settings: { ...settings, steps: 10 }, source });
    more.finish();
    await more.session.hear({ ask: 'resume' });
    more.finish();
    expect(more.all('state').map(({ state }) => state)).toEqual(['running', 'finished', 'running', 'finished']);
    await more.session.hear({ ask: 'change', settings });
    await more.session.hear({ ask: 'resume' });
    more.finish();
    expect(Buffer.compare(await more.save(), await whole.save())).toBe(0);
  });

  test('keeps its network when settings of another one are on the page', async () => {
    const { session, finish, save } = listen();
    await session.hear({ ask: 'start', settings: { ...settings, steps: 5 }, source });
    finish();
    const other: Settings = { ...settings, hidden: 99, lr: 0.25 };
    await session.hear({ ask: 'change', settings: other });
    expect(decodeCheckpoint(await save()).options).toMatchObject({ lr: 0.25, hidden: 8 });
  });

  test('ends with a reason when its numbers do', async () => {
    const { session, all, finish } = listen();
    await session.hear({ ask: 'start', settings: { ...settings, optimizer: 'sgd', lr: 1e38 }, source });
    finish();
    expect(all('failed')).toMatchObject([{ of: 'step', reason: expect.stringContaining('diverged at step') }]);
    expect(session.state).toBe('none');
  });
});

describe('what comes from elsewhere', () => {
  const checkpoint = async () => {
    const { session, finish, save } = listen();
    await session.hear({ ask: 'start', settings: { ...settings, steps: 5 }, source });
    finish();
    return save();
  };

  test('a checkpoint of another text writes, and does not train', async () => {
    const { session, all } = listen();
    const file = new Blob([await checkpoint()]);
    await session.hear({
      ask: 'open',
      file,
      steps: 30,
      source: { name: 'own', text: 'another text, as long as need be' },
    });
    expect(session.state).toBe('writer');
    await session.hear({ ask: 'write', prompt: 'This', length: 20, temperature: 0.5 });
    expect(all('written').at(-1)).toMatchObject({
      prompt: 'This',
      text: expect.stringMatching(/^.{20}$/s),
      done: true,
    });
    await session.hear({ ask: 'save' });
    expect(all('failed')).toMatchObject([{ of: 'save' }]);
  });

  test('a damaged checkpoint is refused, and the network that was there stays', async () => {
    const { session, all, finish } = listen();
    await session.hear({ ask: 'start', settings, source });
    finish();
    const bytes = await checkpoint();
    for (const damaged of [bytes.slice(0, 100), bytes.slice(0, -1), new TextEncoder().encode('hello')])
      await session.hear({ ask: 'open', file: new Blob([damaged]), steps: 30, source });
    expect(all('failed').map(({ of }) => of)).toEqual(['open', 'open', 'open']);
    expect(session.state).toBe('finished');
    await session.hear({ ask: 'write', prompt: 'T', length: 5, temperature: 0 });
    expect(all('written').at(-1)).toMatchObject({ done: true });
  });

  test('a checkpoint that asks for endless samples writes short ones', async () => {
    const options = { ...defaults, ...settings, steps: 10, sample: 1_000_000, text: 'jack' };
    const file = new Blob([Uint8Array.from(encodeRun(startRun(options, await corpusOf(text, settings.sequence))))]);
    const { session, all, finish } = listen();
    await session.hear({ ask: 'open', file, steps: 10, source });
    await session.hear({ ask: 'resume' });
    finish();
    const samples = all('progress').flatMap(({ progress }) => progress.samples);
    expect(samples.map(({ text }) => text.length)).toEqual([2000]);
  });

  test('a run that a page has no room for is refused', async () => {
    const { session, all } = listen();
    await session.hear({ ask: 'start', settings: { ...settings, hidden: 4096, batch: 4096 }, source });
    expect(all('failed')).toMatchObject([{ of: 'start', reason: expect.stringContaining('a page has room for') }]);
  });

  test.each([
    ['', 'expected a text, got an empty one'],
    ['aaaaaaaaaaaa', 'expected at least two different characters'],
    ['abc', '9 or more, got 3; a smaller window length helps'],
    [new Blob([new Uint8Array([0xff, 0xfe, 0x00])]), 'expected a text in UTF-8'],
  ])('the text %j is refused', async (text, reason) => {
    const { session, all } = listen();
    await session.hear({ ask: 'start', settings, source: { name: 'own', text } });
    expect(all('failed')).toMatchObject([{ of: 'start', reason: expect.stringContaining(reason) }]);
  });

  test('a prompt with characters that the network has not learnt is refused', async () => {
    const { session, all } = listen();
    await session.hear({ ask: 'write', prompt: 'x', length: 1, temperature: 1 });
    await session.hear({ ask: 'start', settings, source });
    await session.hear({ ask: 'write', prompt: 'Déjà vu', length: 1, temperature: 1 });
    expect(all('failed')).toMatchObject([
      { of: 'write', reason: expect.stringContaining('got none yet') },
      { of: 'write', reason: expect.stringContaining('got "D"') },
    ]);
  });
});
