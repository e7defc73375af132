import {
  type Callable,
  type Code,
  doLess,
  type FunctionBuilder,
  i32,
  type Local,
  type ModuleBuilder,
  VectorMath,
} from '@tapegrad/wasm';
import { elementwiseOf, foldOf, isPositive } from '../lower/kinds.ts';
import { type Access, type Group, type Member, type Source, sameAccess } from '../passes/group.ts';
import type { Phases } from '../passes/phases.ts';
import { type FoldCode, foldAll, foldIntoMemory, foldParts, foldRow, foldRows } from './fold.ts';
import { bytesOfStep, type Cursor, loops, mergeDims } from './nest.ts';
import { constantVector, loadApart, loadSplat, loadVector, storeApart, storeVector } from './vectors.ts';

/** The number that an access shows everywhere, where it is known. */
export function constantOf({ value }: Access): number | undefined {
  const { origin } = value;
  return origin.from === 'constant' && value.size === 1 ? origin.data[0] : undefined;
}

/** What a group reads and writes, once for each way to walk through it; constants are part of the code. */
export function buffersOf(group: Group, { stored }: Phases): Access[] {
  const reads = group.reads.filter(access => constantOf(access) === undefined);
  return [...reads, ...group.members.filter((_, i) => stored.has(i)).map(({ output }) => output)];
}

/** Adds the function that runs a group to a module; its parameters are the addresses of `buffersOf` the group. */
export function emitLoop(m: ModuleBuilder, group: Group, phases: Phases, fma: boolean): Callable {
  const accesses = buffersOf(group, phases);
  const params = accesses.map(() => 'i32' as const);
  return m.function(null, params, [], (f, ...pointers) =>
    new LoopWriter(f, group, phases, accesses, pointers, fma).write(),
  );
}

/** Rows of more elements are summed in float64, whatever they hold. */
const longRow = 1024;
/** Rows of up to so many vectors are written out instead of looped over. */
const mostUnrolled = 4;

/** A vector of a row: how many elements of it count, and where it lies after the cursors. */
interface Chunk {
  readonly lanes: number;
  /** Elements from the cursors, known in advance. */
  readonly start: number;
  /** Elements on top of that, as a variable: four times as many, since most have four bytes. */
  readonly index: Local | null;
}

/** Writes the code of a group: loops over rows, and in each row one pass after the other. */
class LoopWriter {
  readonly #f: FunctionBuilder;
  readonly #group: Group;
  readonly #phases: Phases;
  readonly #math: VectorMath;
  readonly #sizes: readonly number[];
  /** How many of the merged dims are outside of the rows. */
  readonly #outer: number;
  readonly #cursors: readonly Cursor[];
  /** By member: its vector. */
  readonly #values: readonly Local[];
  readonly #folds: readonly (FoldCode | undefined)[];
  readonly #splats = new Map<Cursor, Local>();
  readonly #vectors = new Map<Cursor, Local>();

  constructor(
    f: FunctionBuilder,
    group: Group,
    phases: Phases,
    accesses: readonly Access[],
    pointers: readonly Local[],
    fma: boolean,
  ) {
    this.#f = f;
    this.#group = group;
    this.#phases = phases;
    this.#math = new VectorMath(f, { fma });
    const { shape, inner, members } = group;
    const split = inner === undefined ? 0 : shape.length - inner;
    const outside = mergeDims(shape, accesses, 0, split);
    const inside = mergeDims(shape, accesses, split, shape.length);
    // A scalar is a row of one element.
    const isScalar = inside.sizes.length === 0;
    this.#sizes = [...outside.sizes, ...inside.sizes, ...(isScalar ? [1] : [])];
    this.#outer = inner === undefined ? this.#sizes.length - 1 : outside.sizes.length;
    this.#cursors = accesses.map((access, k) => ({
      access,
      pointer: pointers[k],
      steps: [
        ...outside.strides[k],
        ...inside.strides[k],
        ...(isScalar ? [access.value.dtype === 'float64' ? 0 : 1] : []),
      ].map(step => bytesOfStep(access, step)),
    }));
    this.#values = members.map(() => f.local('v128'));
    this.#folds = members.map((member, i) => this.#foldOf(member, i));
  }

  write(): Code {
    const folds = this.#folds.filter(fold => fold !== undefined);
    const row = [this.#between(-1), Array.from({ length: this.#phases.count }, (_, phase) => this.#phase(phase))];
    return [
      folds.map(fold => fold.begin),
      loops(this.#sizes, this.#cursors, 0, this.#outer, () => this.#f.local('i32'), row),
      folds.map(fold => fold.end),
    ];
  }

  #foldOf(member: Member, index: number): FoldCode | undefined {
    const fold = foldOf(member.operation)?.fold;
    if (fold === undefined || member.role === 'elementwise') return undefined;
    const f = this.#f;
    if (member.role === 'row') return foldRow(f, fold, this.#needsPrecision(member), this.#values[index]);
    const { pointer, steps } = this.#cursorOf(member.output);
    const [source] = member.sources;
    const perRow = source.from === 'member' && this.#phases.perRow[source.index];
    const { size } = member.operation.output;
    if (steps.every(step => step === 0)) {
      return perRow ? foldRows(f, fold, this.#values[source.index], pointer.get) : foldAll(f, fold, pointer.get);
    }
    const intoMemory = foldIntoMemory(f, fold, pointer, size);
    if (perRow) {
      const place = { address: pointer.get, offset: 0 };
      return { ...intoMemory, take: () => [], endRow: intoMemory.take(this.#values[source.index].get, 1, place) };
    }
    return steps.at(-1) === 0 ? foldParts(f, fold, pointer, size) : intoMemory;
  }

  /** Whether a sum may lose digits in float32: in a long row, or where terms of both signs cancel. */
  #needsPrecision({ sources: [source] }: Member): boolean {
    const length = this.#sizes.slice(this.#outer).reduce((n, size) => n * size, 1);
    return length > longRow || source.from === 'memory' || !isPositive(this.#group.members[source.index].operation);
  }

  /** One pass through a row: all its vectors, and then what there is one of for the row. */
  #phase(phase: number): Code {
    const folds = this.#foldsOf(phase);
    const needed = this.#computedIn(phase);
    const last = this.#sizes.length - 1;
    const splats = this.#loadSplats(
      [...needed].map(index => this.#group.members[index]),
      folds,
    );
    return [
      folds.map(({ fold }) => fold.beginRow),
      splats.outside,
      loops(this.#sizes, this.#cursors, this.#outer, last, () => this.#f.local('i32'), [
        splats.inside,
        this.#row(this.#sizes[last], chunk => this.#chunk(phase, needed, chunk)),
      ]),
      folds.map(({ fold, member }) => (member.role === 'row' ? fold.endRow : [])),
      this.#between(phase),
      // What is folded over all rows may be made between them.
      folds.map(({ fold, member }) => (member.role === 'end' ? fold.endRow : [])),
    ];
  }

  /** The vectors of a row, written out or as a loop, and what is left at its end. */
  #row(n: number, write: (chunk: Chunk) => Code): Code {
    const whole = n - (n % 4);
    const rest = n === whole ? [] : write({ lanes: n - whole, start: whole, index: null });
    if (whole <= 4 * mostUnrolled) {
      const starts = Array.from({ length: whole / 4 }, (_, i) => 4 * i);
      return [starts.map(start => write({ lanes: 4, start, index: null })), rest];
    }
    const index = this.#f.local('i32');
    const body = write({ lanes: 4, start: 0, index });
    return [doLess(index, i32.const(0), i32.const(4 * whole), 16, body), rest];
  }

  /** One vector: loads and computes all that the phase asks for, and only then stores. */
  #chunk(phase: number, needed: ReadonlySet<number>, chunk: Chunk): Code {
    const { members } = this.#group;
    const loaded = new Set<Cursor>();
    const code: Code[] = [];
    const operand = (source: Source): Code => {
      if (source.from === 'member' && !this.#isLoaded(source.index, needed)) return this.#values[source.index].get;
      const access = source.from === 'member' ? members[source.index].output : source.access;
      return this.#vector(access, chunk, loaded, code);
    };
    for (const index of needed) {
      const member = members[index];
      if (foldOf(member.operation) !== undefined && member.role !== 'elementwise') continue;
      code.push(this.#values[index].set(this.#compute(member, member.sources.map(operand))));
    }
    for (const { fold, member } of this.#foldsOf(phase)) {
      const [source] = member.sources;
      if (source.from === 'member' && this.#phases.perRow[source.index]) continue;
      const place =
        member.role === 'end' ? this.#placeOf(this.#cursorOf(member.output), chunk) : { address: [], offset: 0 };
      code.push(fold.take(operand(source), chunk.lanes, place));
    }
    for (const index of needed)
      if (this.#phases.of[index] === phase && this.#phases.stored.has(index) && members[index].role === 'elementwise')
        code.push(this.#store(members[index], index, chunk));
    return code;
  }

  /** Whether a later phase takes a member from where an earlier one stored it. */
  readonly #isLoaded = (index: number, needed: ReadonlySet<number>): boolean =>
    !this.#phases.perRow[index] && !needed.has(index);

  /** The members whose vectors a phase computes: its own, and those of earlier ones that are computed again. */
  #computedIn(phase: number): ReadonlySet<number> {
    const { members } = this.#group;
    const { of, perRow, stored } = this.#phases;
    const needed = new Set<number>();
    const need = (index: number): void => {
      if (needed.has(index) || perRow[index] || (of[index] < phase && stored.has(index))) return;
      for (const source of members[index].sources) if (source.from === 'member') need(source.index);
      needed.add(index);
    };
    members.forEach((_, index) => {
      if (of[index] === phase && !perRow[index]) need(index);
      else if (of[index] === phase && members[index].role === 'row') {
        for (const source of members[index].sources) if (source.from === 'member') need(source.index);
      }
    });
    return new Set([...needed].sort((a, b) => a - b));
  }

  #foldsOf(phase: number): { readonly fold: FoldCode; readonly member: Member }[] {
    return this.#group.members.flatMap((member, i) => {
      const fold = this.#folds[i];
      return fold !== undefined && this.#phases.of[i] === phase ? [{ fold, member }] : [];
    });
  }

  /** What there is one of for each row, computed and stored after a phase. */
  #between(phase: number): Code {
    const { members } = this.#group;
    const { of, perRow, stored } = this.#phases;
    return members.map((member, index) => {
      if (!perRow[index] || of[index] !== phase) return [];
      const value = this.#values[index];
      const operands = member.sources.map(source =>
        source.from === 'member' ? this.#values[source.index].get : this.#splat(source.access),
      );
      const compute = member.role === 'elementwise' ? value.set(this.#compute(member, operands)) : [];
      if (!stored.has(index)) return compute;
      const { pointer } = this.#cursorOf(member.output);
      return [compute, storeVector(member.operation.output.dtype, pointer.get, value.get, 0, 1)];
    });
  }

  #compute({ operation }: Member, operands: readonly Code[]): Code {
    const loop = elementwiseOf(operation);
    // A fold over dims of size 1 is the element itself.
    if (loop === undefined) return operands[0];
    const input = loop.inputs[0].value.dtype;
    return loop.rule(operands, { math: this.#math, input, output: operation.output.dtype });
  }

  /** Loads what is the same all along a row: before the row's loops where it is, else in them. */
  #loadSplats(
    members: readonly Member[],
    folds: readonly { readonly member: Member }[],
  ): { readonly outside: Code; readonly inside: Code } {
    const outside: Code[] = [];
    const inside: Code[] = [];
    const sources = [...members, ...folds.map(({ member }) => member)].flatMap(member => member.sources);
    const done = new Set<Cursor>();
    for (const source of sources) {
      if (source.from === 'member' || constantOf(source.access) !== undefined) continue;
      const { access } = source;
      const cursor = this.#cursorOf(access);
      if (cursor.steps.at(-1) !== 0 || done.has(cursor)) continue;
      done.add(cursor);
      const local = this.#localOf(this.#splats, cursor);
      const isFixed = cursor.steps.slice(this.#outer).every(step => step === 0);
      (isFixed ? outside : inside).push(local.set(loadSplat(access.value.dtype, cursor.pointer.get)));
    }
    return { outside, inside };
  }

  #splat(access: Access): Code {
    const constant = constantOf(access);
    const { dtype } = access.value;
    return constant === undefined
      ? loadSplat(dtype, this.#cursorOf(access).pointer.get)
      : constantVector(dtype, constant);
  }

  /** The vector of an access, loaded once for each chunk. */
  #vector(access: Access, chunk: Chunk, loaded: Set<Cursor>, code: Code[]): Code {
    const { dtype } = access.value;
    const constant = constantOf(access);
    if (constant !== undefined) return constantVector(dtype, constant);
    const cursor = this.#cursorOf(access);
    const step = cursor.steps.at(-1)!;
    if (step === 0) return this.#localOf(this.#splats, cursor).get;
    const local = this.#localOf(this.#vectors, cursor);
    if (!loaded.has(cursor)) {
      loaded.add(cursor);
      const { address, offset } = this.#placeOf(cursor, chunk);
      const follows = step === bytesOfStep(access, 1);
      code.push(local.set(follows ? loadVector(dtype, address, offset) : loadApart(dtype, address, step, chunk.lanes)));
    }
    return local.get;
  }

  #store({ output }: Member, index: number, chunk: Chunk): Code {
    const cursor = this.#cursorOf(output);
    const { dtype } = output.value;
    const step = cursor.steps.at(-1)!;
    const { address, offset } = this.#placeOf(cursor, chunk);
    const vector = this.#values[index].get;
    return step === bytesOfStep(output, 1)
      ? storeVector(dtype, address, vector, offset, chunk.lanes)
      : storeApart(dtype, address, vector, step, chunk.lanes);
  }

  /** The address of a chunk, split into what the loop knows and what is known now, where that can be. */
  #placeOf(cursor: Cursor, { start, index }: Chunk): { readonly address: Code; readonly offset: number } {
    const step = cursor.steps.at(-1)!;
    const bytes = start * step;
    const base = cursor.pointer.get;
    if (index === null)
      return step === bytesOfStep(cursor.access, 1)
        ? { address: base, offset: bytes }
        : { address: i32.add(base, i32.const(bytes)), offset: 0 };
    const elements = i32.shrU(index.get, i32.const(2));
    const along = step === 4 ? index.get : step === 1 ? elements : i32.mul(elements, i32.const(step));
    return { address: i32.add(base, along), offset: 0 };
  }

  #cursorOf(access: Access): Cursor {
    const found = this.#cursors.find(cursor => sameAccess(cursor.access, access));
    if (found === undefined) throw new Error('compile: a buffer of a group has no place in its loops');
    return found;
  }

  #localOf(locals: Map<Cursor, Local>, cursor: Cursor): Local {
    const known = locals.get(cursor);
    if (known !== undefined) return known;
    const made = this.#f.local('v128');
    locals.set(cursor, made);
    return made;
  }
}
