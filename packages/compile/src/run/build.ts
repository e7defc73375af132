import { IndexError, type NdArray, showShape } from '@tapegrad/tensor';
import { instantiate, isWide, relaxedSimd, wasmAllowed } from '@tapegrad/wasm';
import type { CompileOptions } from '../compile.ts';
import { tableBytes } from '../emit/products.ts';
import { emitProgram } from '../emit/program.ts';
import { importedFunctions } from '../emit/scalar.ts';
import type { Graph, Operation, Value } from '../graph/graph.ts';
import { printOperations, printProgram } from '../graph/print.ts';
import { fuse, type Kernel } from '../passes/fuse.ts';
import type { Group } from '../passes/group.ts';
import { forWasm, optimize, type PassName } from '../passes/index.ts';
import { type Arena, planArena, type Step } from '../passes/memory.ts';
import { type Phases, phasesOf, readsOf, reusesOf } from '../passes/phases.ts';
import type { Recording } from '../record/record.ts';
import { heap } from './heap.ts';
import { interpret, stepOf } from './interpret.ts';
import { Program } from './program.ts';
import { type Kept, planKept, Storage } from './storage.ts';

/** Makes a program of a recording, for WebAssembly where that is wanted, allowed, and has room. */
export function build(
  recording: Recording,
  { executor, without }: Pick<Required<CompileOptions>, 'executor' | 'without'>,
  recordMs: number,
): Program {
  const start = performance.now();
  const planFor = (left: readonly PassName[]): Plan => {
    const graph = optimize(recording.graph, left);
    return { recording, graph, left, kept: planKept(keptValues(recording, graph)), recordMs, start };
  };
  const program = executor === 'wasm' && wasmAllowed() ? compiledProgram(planFor(without)) : null;
  return program ?? interpretedProgram(planFor([...without, ...forWasm]));
}

interface Plan {
  readonly recording: Recording;
  readonly graph: Graph;
  /** The passes that were left out. */
  readonly left: readonly PassName[];
  readonly kept: Kept;
  readonly recordMs: number;
  readonly start: number;
}

function interpretedProgram({ recording, graph, kept, recordMs, start }: Plan): Program {
  const { operations } = graph;
  const arena = planArena(operations.map(stepOf), earlyValues(recording), lateValues(graph), isInArena(kept));
  const memory = new ArrayBuffer(kept.bytes + arena.bytes);
  const storage = new Storage({ memory, kept: 0, arena: { address: kept.bytes } }, kept, arena);
  fillConstants(kept, storage);
  return new Program(
    recording,
    graph,
    { storage, run: interpret(operations, storage) },
    {
      ...sizesOf(recording, graph, arena),
      kernels: operations.length,
      callsToJavaScript: operations.length,
      moduleBytes: 0,
      executor: 'javascript',
      recordMs,
      emitMs: performance.now() - start,
      compileMs: 0,
    },
    () => printOperations(operations),
  );
}

/** A program in WebAssembly; null when the heap has no room for it. */
function compiledProgram({ recording, graph, left, kept, recordMs, start }: Plan): Program | null {
  const { operations } = graph;
  const kernels = fuse(operations, left.includes('fuse'));
  const isNeeded = neededBy(kernels, graph);
  const phases = new Map<Group, Phases>();
  for (const kernel of kernels) if (kernel.kind === 'group') phases.set(kernel.group, phasesOf(kernel.group, isNeeded));
  const steps = kernels.map(kernel =>
    kernel.kind === 'group' ? stepOfGroup(kernel.group, phases) : stepOf(kernel.operation),
  );
  const arena = planArena(steps, earlyValues(recording), lateValues(graph), isInArena(kept));

  const shared = heap();
  const ownRegion = shared.allocate(kept.bytes + tableBytes(operations));
  const arenaRegion = shared.arena(arena.bytes);
  const { scratch } = shared;
  if (ownRegion === null) return null;
  if (scratch === undefined || arenaRegion === null || !residentsOf(graph).every(array => shared.take(array))) {
    shared.release(ownRegion);
    return null;
  }
  const regions = { memory: shared.memory.buffer, kept: ownRegion.address, arena: arenaRegion };
  const storage = new Storage(regions, kept, arena);
  shared.releaseWith(storage, ownRegion);
  fillConstants(kept, storage);
  const { module, called, refusals } = emitProgram(kernels, phases, storage, {
    fma: relaxedSimd(),
    wide: isWide(),
    memory: shared.memory.buffer,
    scratch,
    tables: ownRegion.address + kept.bytes,
  });
  const bytes = module.bytes();
  const emitted = performance.now();
  const { run } = instantiate<{ run(): void }>(bytes, shared.memory, {
    javascript: index => called[index](),
    refuse: (index, id) => refuse(refusals[index], id),
    ...importedFunctions,
  });
  return new Program(
    recording,
    graph,
    { storage, run },
    {
      ...sizesOf(recording, graph, arena),
      kernels: kernels.length,
      callsToJavaScript: called.length,
      moduleBytes: bytes.length,
      executor: 'wasm',
      recordMs,
      emitMs: emitted - start,
      compileMs: performance.now() - emitted,
    },
    () => printProgram(kernels, phases),
  );
}

/** Throws what the shape rule of an eager operation throws at an id that lies outside. */
function refuse({ op, attrs, inputs }: Operation, id: number): never {
  const { shape } = inputs[0];
  const { dim, calledAs = op.name } = attrs as { readonly dim: number; readonly calledAs?: string };
  const place = `dim ${dim} of shape ${showShape(shape)}`;
  throw new IndexError(`${calledAs}: ids must lie in 0..${shape[dim] - 1} (${place}), got ${id}`);
}

const sizesOf = (recording: Recording, graph: Graph, arena: Arena) => ({
  recorded: recording.graph.operations.length,
  operations: graph.operations.length,
  arenaBytes: arena.bytes,
  bytesWithoutSharing: arena.bytesApart,
});

/** Whether a value has to be in memory: a result, or read by a kernel other than the one that makes it. */
function neededBy(kernels: readonly Kernel[], { results }: Graph): (value: Value) => boolean {
  const needed = new Set(results.map(({ value }) => value));
  for (const kernel of kernels) {
    const inputs = kernel.kind === 'group' ? readsOf(kernel.group) : kernel.operation.inputs.map(({ value }) => value);
    for (const value of inputs) needed.add(value);
  }
  return value => needed.has(value) || value.replaces;
}

function stepOfGroup(group: Group, phases: ReadonlyMap<Group, Phases>): Step {
  const own = phases.get(group)!;
  const writes = group.members.filter((_, i) => own.stored.has(i)).map(({ operation }) => operation.output);
  return { reads: readsOf(group), writes, reuses: reusesOf(group, own) };
}

/** The arrays of the function's surroundings that the program reads or writes. */
function residentsOf({ operations, results }: Graph): NdArray[] {
  const values = [
    ...operations.flatMap(({ inputs, output }) => [...inputs.map(({ value }) => value), output]),
    ...results.map(({ value }) => value),
  ];
  return values.flatMap(({ home }) => (home.origin.from === 'resident' ? [home.origin.array] : []));
}

/** Constants that something reads, and the gradients that stay with the program until somebody asks for them. */
function keptValues({ gradients }: Recording, { operations, results }: Graph): Value[] {
  const read = [...operations.flatMap(({ inputs }) => inputs), ...results].map(({ value }) => value.home);
  const constants = read.filter(({ origin }) => origin.from === 'constant');
  const left = gradients.flatMap(({ after }) =>
    after === null || after === undefined ? [] : [results[after].value.home],
  );
  return [...constants, ...left.filter(({ origin }) => origin.from === 'operation')];
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
