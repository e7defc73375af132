import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Report, Request } from '../../examples/browser/src/protocol.ts';
import { Trainer } from '../../examples/browser/src/trainer.ts';

/** In the place of the browser's workers: hears, and says what the test wants. */
class FakeWorker {
  static all: FakeWorker[] = [];
  readonly heard: Request[] = [];
  terminated = false;
  onmessage?: (message: { data: Report }) => void;
  onerror?: (error: { message: string }) => void;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(request: Request): void {
    this.heard.push(request);
  }

  terminate(): void {
    this.terminated = true;
  }
}

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal('Worker', FakeWorker);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a worker that falls over is told of, and another one hears what is asked next', () => {
  const reports: Report[] = [];
  const trainer = new Trainer(report => reports.push(report));
  trainer.prepare();
  FakeWorker.all[0].onerror?.({ message: 'out of memory' });
  expect(reports).toEqual([
    { tell: 'state', state: 'none' },
    { tell: 'failed', of: 'step', reason: 'out of memory' },
  ]);
  expect(FakeWorker.all).toMatchObject([{ terminated: true }]);
  trainer.ask({ ask: 'save' });
  expect(FakeWorker.all).toMatchObject([{ heard: [] }, { heard: [{ ask: 'save' }], terminated: false }]);
});

test('a worker that does not hear that it is to stop is stopped', () => {
  const trainer = new Trainer(() => {});
  trainer.ask({ ask: 'stop' });
  vi.advanceTimersByTime(9_000);
  expect(FakeWorker.all[0].terminated).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(FakeWorker.all[0].terminated).toBe(true);
});

test('a worker that hears it lives on', () => {
  const trainer = new Trainer(() => {});
  trainer.ask({ ask: 'stop' });
  FakeWorker.all[0].onmessage?.({ data: { tell: 'state', state: 'finished' } });
  vi.advanceTimersByTime(60_000);
  expect(FakeWorker.all).toMatchObject([{ terminated: false }]);
});
