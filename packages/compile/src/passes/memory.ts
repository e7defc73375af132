import { bytesPerElement } from '@tapegrad/tensor';
import type { Value } from '../graph/graph.ts';

/** What the plan has to know of one step of a program. */
export interface Step {
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
  /** Pairs of a value that is written and one that is read, whose memory it may take over when nobody reads that again. */
  readonly reuses: readonly (readonly [written: Value, read: Value])[];
}

/** Where in the arena the values of a program lie. */
export interface Arena {
  /** The byte at which each value begins. */
  readonly offsets: ReadonlyMap<Value, number>;
  readonly bytes: number;
  /** What all values would take side by side. */
  readonly bytesApart: number;
}

/** Vectors are loaded whole, past the last element too. */
const alignment = 16;

/** The bytes that a value takes with what a vector may read past its end. */
export const paddedBytes = ({ dtype, size }: Value): number =>
  (size * bytesPerElement[dtype] + 2 * alignment - 1) & -alignment;

/** Values that share memory, and the steps from the first to the last that one of them is needed in. */
interface Block {
  readonly bytes: number;
  from: number;
  to: number;
  /** The step in which a value has last taken over the memory of another: only one can. */
  takenIn: number;
  offset: number;
}

/**
 * Gives every value that a program makes (`early` ones are there before the first step, `late` ones are needed after the
 * last) a place in one arena, such that values share memory that are not needed at the same time. The largest come
 * first, each in the lowest place that is free all through its life.
 */
export function planArena(
  steps: readonly Step[],
  early: readonly Value[],
  late: readonly Value[],
  isInArena: (value: Value) => boolean,
): Arena {
  const lives = findLives(steps, early, late, isInArena);
  const blocks = new Map<Value, Block>();
  let bytesApart = 0;
  for (const [value, { from, to }] of lives) {
    bytesApart += paddedBytes(value);
    const shared = reusable(value, steps[from], blocks, from);
    if (shared !== undefined) {
      shared.to = Math.max(shared.to, to);
      shared.takenIn = from;
      blocks.set(value, shared);
    } else blocks.set(value, { bytes: paddedBytes(value), from, to, takenIn: -1, offset: 0 });
  }
  const bytes = place([...new Set(blocks.values())]);
  const offsets = new Map([...blocks].map(([value, { offset }]) => [value, offset] as const));
  return { offsets, bytes, bytesApart };
}

interface Life {
  from: number;
  to: number;
}

/** The steps in which each value is needed, in order of their beginning. A value is told by its home. */
function findLives(
  steps: readonly Step[],
  early: readonly Value[],
  late: readonly Value[],
  isInArena: (value: Value) => boolean,
): Map<Value, Life> {
  const lives = new Map<Value, Life>();
  const need = (value: Value, step: number): void => {
    if (!isInArena(value.home)) return;
    const life = lives.get(value.home);
    if (life === undefined) lives.set(value.home, { from: step, to: step });
    else life.to = step;
  };
  for (const value of early) need(value, -1);
  steps.forEach(({ reads, writes }, i) => {
    for (const value of reads) need(value, i);
    for (const value of writes) need(value, i);
  });
  for (const value of late) need(value, steps.length);
  return lives;
}

/** The memory that a new value may take over: of one that is read for the last time in the step that writes the new one. */
function reusable(
  value: Value,
  step: Step | undefined,
  blocks: ReadonlyMap<Value, Block>,
  now: number,
): Block | undefined {
  for (const [written, read] of step?.reuses ?? []) {
    if (written !== value || paddedBytes(read) !== paddedBytes(value)) continue;
    const block = blocks.get(read.home);
    if (block !== undefined && block.from < now && block.to === now && block.takenIn !== now) return block;
  }
  return undefined;
}

/** Sets the offsets of the blocks, and returns the bytes of all. */
function place(blocks: Block[]): number {
  /** By offset. */
  const placed: Block[] = [];
  let bytes = 0;
  for (const block of blocks.sort((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    let offset = 0;
    for (const other of placed) {
      if (other.from > block.to || block.from > other.to) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    block.offset = offset;
    bytes = Math.max(bytes, offset + block.bytes);
    const after = placed.findIndex(other => other.offset > offset);
    placed.splice(after < 0 ? placed.length : after, 0, block);
  }
  return bytes;
}
