import { gradcheck, randn, tensor, where } from 'tapegrad';

/** Medians of repeated timings: the middle of many runs says more than their mean on a machine that does other things. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

export interface MeasureOptions {
  /** For how many ms each function is called before anything counts. Default 200. */
  readonly warmUp?: number;
  /** How many timings the median is taken of. Default 60. */
  readonly rounds?: number;
  /** How many µs one timing lasts at least, for the sake of the clock. Default 2000. */
  readonly atLeast?: number;
  /** After how many ms of timings slow functions get no more rounds than five. Default: never. */
  readonly budget?: number;
}

/** Microseconds per call of each function, taken in turn so that all of them see the same machine. */
export function compare<Name extends string>(
  functions: Record<Name, () => unknown>,
  { warmUp = 200, rounds = 60, atLeast = 2000, budget = Infinity }: MeasureOptions = {},
): Record<Name, number> {
  const names = Object.keys(functions) as Name[];
  const calls = {} as Record<Name, number>;
  for (const name of names) {
    const start = performance.now();
    let n = 0;
    do {
      functions[name]();
      n++;
    } while (performance.now() < start + warmUp);
    calls[name] = Math.max(1, Math.round((n * atLeast) / ((performance.now() - start) * 1000)));
  }
  const times = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  const begin = performance.now();
  for (let round = 0; round < rounds && (round < 5 || performance.now() < begin + budget); round++)
    for (const name of names) {
      const start = performance.now();
      for (let i = 0; i < calls[name]; i++) functions[name]();
      times[name].push(((performance.now() - start) * 1000) / calls[name]);
    }
  return Object.fromEntries(names.map(name => [name, median(times[name])])) as Record<Name, number>;
}

/** Calls everything with everything, as programs do: from then on no loop of this process is specialised to one use. */
export function warmManyCallSites(): void {
  gradcheck((x, y) => x.matmul(y).tanh().sum(0).softmax(0), [randn([5, 4]), randn([4, 3])]);
  for (const dtype of ['float32', 'float64', 'int32'] as const) {
    const x = tensor([[1, 2, 3]], { dtype });
    for (let i = 0; i < 2000; i++) {
      x.add(x).mul(2).sub(x.t()).maximum(x).sum(1);
      where(x.gt(2), x, 0);
    }
  }
}
