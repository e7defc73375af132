import { parentPort, workerData } from 'node:worker_threads';
import { TapegradError } from 'tapegrad';
import { UsageError } from '../errors.ts';
import { Failure } from '../run/errors.ts';
import { runText } from '../text-run.ts';
import { type Errand, type RunEvent, slots } from './events.ts';

const { shared, screen, command, calling }: Errand = workerData;
const now = new Int32Array(shared);
const report = (event: RunEvent) => parentPort?.postMessage(event);

try {
  const code = await runText(command, {
    calling,
    screen: {
      ...screen,
      get columns() {
        return Atomics.load(now, slots.columns);
      },
    },
    report,
    interrupted: () => Atomics.load(now, slots.interrupted) === 1,
  });
  report({ kind: 'end', code });
} catch (error) {
  report({ kind: 'error', ...explain(error) });
}

function explain(error: unknown): Pick<Extract<RunEvent, { kind: 'error' }>, 'name' | 'message'> {
  if (error instanceof UsageError) return { name: 'usage', message: error.message };
  if (error instanceof Failure || error instanceof TapegradError) return { name: 'failure', message: error.message };
  return { name: 'bug', message: error instanceof Error ? String(error.stack) : String(error) };
}
