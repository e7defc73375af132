import type { Browser, Page } from 'playwright-core';

/** One task of the main thread, in milliseconds: from its beginning to its end, and for how long it had the processor. */
export interface Task {
  readonly duration: number;
  readonly processor: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** What the main threads of pages do while `act` goes on. */
export async function traceTasks(browser: Browser, page: Page, act: () => Promise<unknown>): Promise<Task[]> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await act();
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(String(await browser.stopTracing()));
  const threads = new Map(
    traceEvents
      .filter(({ ph, name }) => ph === 'M' && name === 'thread_name')
      .map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name]),
  );
  // The thread of the page is that of the process that has its worker, too.
  const ours = new Set(
    traceEvents
      .filter(({ pid, tid }) => threads.get(`${pid} ${tid}`) === 'DedicatedWorker thread')
      .map(({ pid }) => pid),
  );
  return traceEvents.flatMap(({ ph, name, pid, tid, dur = 0, tdur = 0 }) =>
    ph === 'X' && name.endsWith('RunTask') && ours.has(pid) && threads.get(`${pid} ${tid}`) === 'CrRendererMain'
      ? [{ duration: dur / 1000, processor: tdur / 1000 }]
      : [],
  );
}
