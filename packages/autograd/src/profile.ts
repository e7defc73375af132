import { ArgumentError, bytesPerElement } from '@tapegrad/tensor';
import { flopsOf } from './flops.ts';
import { short } from './short.ts';
import { synchronous } from './tape/mode.ts';
import { type Observer, observeToo, refuseRecording } from './tape/observer.ts';
import type { Tensor } from './tensor.ts';
import { Callers, type TracedCall, withWholeStacks } from './trace.ts';

/** What calls of operations cost together. */
export interface Cost {
  /** How often. */
  readonly calls: number;
  /** Milliseconds within the operations: shape rules, kernels and the recording of histories. */
  readonly ms: number;
  /** Bytes of the results, which views of their inputs have none of. */
  readonly bytes: number;
  /**
   * Floating-point operations: 2 M N K for a product of matrices, one for each element of an elementwise result, whatever
   * the function, one for each element that is reduced, five for one of a softmax, and 0 for what only moves elements. An
   * operation of `defineOp` counts 0, for want of knowledge.
   */
  readonly flops: number;
}

/** What one operation cost, in one phase. */
export interface ProfiledOp extends Cost {
  /** The name of the operation, as histories and errors call it. */
  readonly op: string;
  /**
   * 'backward' for what `backward()`, `grad()` and their like compute on their way back, hooks and second calls of what was
   * checkpointed included; 'forward' for the rest, an optimiser's updates too.
   */
  readonly phase: 'forward' | 'backward';
}

/** What a function did, operation by operation. */
export class Profile<Result> {
  /** What the function returned. */
  readonly result: Result;
  /** What each operation cost, forward and backward apart; those that took the most time come first. */
  readonly ops: readonly ProfiledOp[];
  /** What all operations cost together. */
  readonly total: Cost;
  /** Milliseconds of the function as a whole: beside its operations, all that is between them, and the profiler itself. */
  readonly elapsed: number;
  /** Every call of an operation, in order, where `trace` asked for them; else none. */
  readonly calls: readonly TracedCall[];

  /** @internal */
  constructor(result: Result, ops: readonly ProfiledOp[], elapsed: number, calls: readonly TracedCall[]) {
    const sum = (of: keyof Cost): number => ops.reduce((total, op) => total + op[of], 0);
    this.result = result;
    this.ops = [...ops].sort((a, b) => b.ms - a.ms);
    this.total = { calls: sum('calls'), ms: sum('ms'), bytes: sum('bytes'), flops: sum('flops') };
    this.elapsed = elapsed;
    this.calls = calls;
  }

  /** The table, a line for each operation, and the sums. */
  toString(): string {
    const { ops, total, elapsed } = this;
    const line = (op: string, phase: string, { calls, ms, bytes, flops }: Cost): string[] => {
      const share = total.ms > 0 ? `${((100 * ms) / total.ms).toFixed(1)}%` : '';
      return [op, phase, String(calls), ms.toFixed(3), share, short(bytes), short(flops)];
    };
    const rows = [
      ['op', 'phase', 'calls', 'ms', 'share', 'bytes', 'flops'],
      ...ops.map(cost => line(cost.op, cost.phase, cost)),
      line('total', '', total),
    ];
    const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
    const aligned = rows.map(row =>
      row.map((cell, k) => (k < 2 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  '),
    );
    return [...aligned, `${elapsed.toFixed(3)} ms in all, with what is between the operations`].join('\n');
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

type Sums = { -readonly [K in keyof ProfiledOp]: ProfiledOp[K] };

/** Options of `profile`. */
export interface ProfileOptions {
  /**
   * Keep every call of an operation with its shapes and who called it, as a flame graph needs it. Stacks are taken between
   * the operations and written out when the function has returned. Default false.
   */
  readonly trace?: boolean;
}

/**
 * Runs `fn` and measures each operation in it: time, calls, bytes and floating-point operations, forward and backward
 * apart. What is done, and in which order, is what is done without it; a call costs some 0.2 µs more.
 *
 * A compiled function is run as the function that it was made of, operation by operation: a program is measured from
 * outside, by the clock. Tensors that are made from data or drawn are no operations, and nor is what an operation of
 * `defineOp` does within.
 *
 * @throws ArgumentError for something that is no function; GradError when `fn` is asynchronous, or within a function that is
 * compiled.
 *
 * @example
 * ```ts
 * const { ops, total, result: loss } = profile(() => {
 *   const loss = model.forward(x).mseLoss(y);
 *   loss.backward();
 *   return loss;
 * });
 * ```
 */
export function profile<Result>(fn: () => Result, { trace = false }: ProfileOptions = {}): Profile<Result> {
  if (typeof fn !== 'function') throw new ArgumentError(`profile: expected a function, got ${typeof fn}`);
  refuseRecording('profile', 'because it measures what runs once; call it around the function that is compiled');
  const callers = trace ? new Callers() : null;
  const { observer, sums, calls } = meter(callers);
  const start = performance.now();
  const run = () =>
    observeToo(observer, () => {
      callers?.begin();
      return synchronous('profile', fn());
    });
  const result = trace ? withWholeStacks(run) : run();
  const elapsed = performance.now() - start;
  return new Profile(result, sums(), elapsed, calls());
}

/**
 * An observer that adds up what operations cost, and what it has come to; each call too, where it is asked by whom. It keeps
 * no tensors.
 */
function meter(callers: Callers | null): { observer: Observer; sums: () => ProfiledOp[]; calls: () => TracedCall[] } {
  const phases = { forward: new Map<string, Sums>(), backward: new Map<string, Sums>() };
  const calls: (() => TracedCall)[] = [];
  const began = performance.now();
  let phase: ProfiledOp['phase'] = 'forward';
  let started = 0;
  const observer: Observer = {
    looksOn: true,
    applying() {
      started = performance.now();
    },
    applied(op, inputs, attrs, output, node) {
      const ms = performance.now() - started;
      const { name } = op;
      let sum = phases[phase].get(name);
      if (sum === undefined) phases[phase].set(name, (sum = { op: name, phase, calls: 0, ms: 0, bytes: 0, flops: 0 }));
      const bytes = 'view' in op ? 0 : bytesOf(output);
      const flops = flopsOf(op, inputs, output, attrs);
      sum.calls++;
      sum.ms += ms;
      sum.bytes += bytes;
      sum.flops += flops;
      if (callers === null) return;
      const call = { op: name, phase, start: started - began, ms, bytes, flops, output: output.shape };
      const shapes = inputs.map(({ shape }) => shape);
      const site = callers.here(node);
      calls.push(() => ({ ...call, inputs: shapes, callers: callers.namesAt(site, name) }));
    },
    goingBack(walk) {
      const before = phase;
      phase = 'backward';
      try {
        return callers === null ? walk() : callers.goingBack(walk);
      } finally {
        phase = before;
      }
    },
    ...(callers === null ? {} : { differentiate: (node, rule) => callers.differentiate(node, rule) }),
  };
  return {
    observer,
    sums: () => [...phases.forward.values(), ...phases.backward.values()],
    calls: () => calls.map(call => call()),
  };
}

const bytesOf = ({ size, dtype }: Tensor): number => size * bytesPerElement[dtype];
