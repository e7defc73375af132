import type { Graph, Value } from '../graph/graph.ts';
import { optimize } from '../passes/index.ts';
import { planArena } from '../passes/memory.ts';
import type { Recording } from '../record/record.ts';
import { interpret, stepOf } from './interpret.ts';
import { Program } from './program.ts';
import { type Kept, planKept, Storage } from './storage.ts';

/** Makes a program of a recording. */
export function build(recording: Recording, executor: 'wasm' | 'javascript', recordMs: number): Program {
  const start = performance.now();
  const graph = optimize(recording.graph);
  const kept = planKept(keptValues(recording, graph));
  const { operations } = graph;
  const arena = planArena(operations.map(stepOf), earlyValues(recording), lateValues(graph), isInArena(kept));
  const memory = new ArrayBuffer(kept.bytes + arena.bytes);
  const storage = new Storage({ memory, kept: 0, arena: kept.bytes }, kept, arena);
  fillConstants(kept, storage);
  const stats = {
    recorded: recording.graph.operations.length,
    operations: operations.length,
    kernels: operations.length,
    arenaBytes: arena.bytes,
    bytesWithoutSharing: arena.bytesApart,
    moduleBytes: 0,
    executor,
    recordMs,
    emitMs: performance.now() - start,
    compileMs: 0,
  };
  return new Program(recording, operations, { storage, run: interpret(operations, storage) }, stats);
}

/** Constants that something reads, and the gradients that stay with the program until somebody asks for them. */
function keptValues({ gradients }: Recording, { operations, results }: Graph): Value[] {
  const read = [...operations.flatMap(({ inputs }) => inputs), ...results].map(({ value }) => value.home);
  const constants = read.filter(({ origin }) => origin.from === 'constant');
  const left = gradients.flatMap(({ after }) => (after === null || after === undefined ? [] : [after.value]));
  return [...constants, ...left.filter(value => !value.replaces && value.origin.from === 'operation')];
}

/** What is there before the first step. */
const earlyValues = ({ inputs, draws, gradients }: Recording): Value[] => [
  ...inputs.map(({ value }) => value),
  ...draws,
  ...gradients.flatMap(({ slot }) => slot.before ?? []),
];

const lateValues = ({ results }: Graph): Value[] => results.map(({ value }) => value);

const isInArena =
  (kept: Kept) =>
  (value: Value): boolean =>
    value.origin.from !== 'resident' && !kept.offsets.has(value);

function fillConstants(kept: Kept, storage: Storage): void {
  for (const value of kept.offsets.keys())
    if (value.origin.from === 'constant') storage.arrayOf(value).buffer.set(value.origin.data);
}
