import type { Profile, ProfiledOp } from '@tapegrad/autograd';

/** A function or an operation, by whom it was called: what all its calls took together. */
export interface Flame {
  readonly name: string;
  readonly phase: ProfiledOp['phase'] | 'all';
  readonly isOp: boolean;
  /** Milliseconds within operations, those of what it called included. */
  ms: number;
  /** Calls of operations. */
  calls: number;
  flops: number;
  bytes: number;
  readonly children: Flame[];
}

/** What the page of a profile is made with. */
export interface FlameData {
  readonly root: Flame;
  readonly ops: readonly ProfiledOp[];
}

const flame = (name: string, phase: Flame['phase'], isOp: boolean): Flame => ({
  name,
  phase,
  isOp,
  ms: 0,
  calls: 0,
  flops: 0,
  bytes: 0,
  children: [],
});

/** What a profile's operations took, under the functions that called them; flat where the profile was made without `trace`. */
export function flameOf({ calls, ops }: Profile<unknown>): Flame {
  const root = flame('all operations', 'all', false);
  if (calls.length > 0) for (const { callers, ...call } of calls) add(root, callers, { ...call, calls: 1 });
  else for (const op of ops) add(root, [op.phase], op);
  return root;
}

function add(root: Flame, callers: readonly string[], { op, phase, ...cost }: ProfiledOp): void {
  let at = root;
  grow(at, cost);
  for (const name of callers) grow((at = childOf(at, name, phase, false)), cost);
  grow(childOf(at, op, phase, true), cost);
}

function childOf({ children }: Flame, name: string, phase: Flame['phase'], isOp: boolean): Flame {
  const known = children.find(child => child.name === name && child.phase === phase && child.isOp === isOp);
  if (known !== undefined) return known;
  const child = flame(name, phase, isOp);
  children.push(child);
  return child;
}

function grow(flame: Flame, { ms, calls, flops, bytes }: Omit<ProfiledOp, 'op' | 'phase'>): void {
  flame.ms += ms;
  flame.calls += calls;
  flame.flops += flops;
  flame.bytes += bytes;
}

/** What stands on a box, which may be narrow. */
export const labelOf = ({ name }: Flame): string => name.replace(/^gradient of /, '∇ ');

/** Where a flame stands: its row, and its left side and width as parts of the whole. */
export interface Cell {
  readonly flame: Flame;
  readonly row: number;
  readonly left: number;
  readonly width: number;
}

/** A tree in rows, callers above what they called; what is narrower than `least` of the whole is left out. */
export function cellsOf(root: Flame, least: number): Cell[] {
  const cells: Cell[] = [];
  const place = (flame: Flame, row: number, left: number): void => {
    const width = root.ms > 0 ? flame.ms / root.ms : Number(row === 0);
    if (width < least) return;
    cells.push({ flame, row, left, width });
    let x = left;
    for (const child of flame.children) {
      place(child, row + 1, x);
      x += root.ms > 0 ? child.ms / root.ms : 0;
    }
  };
  place(root, 0, 0);
  return cells;
}
