import { rowMajorStrides, type Shape, sizeOf } from '@tapegrad/tensor';
import type { Operation, Value, View } from '../graph/graph.ts';
import { elementwiseOf, foldOf } from '../lower/kinds.ts';

/**
 * How the iteration of a group walks through one buffer: the element at the start, and how far each dim of the iteration
 * steps (in elements; 0 along dims that the buffer does not have).
 */
export interface Access {
  readonly value: Value;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** An input of a member: what another member has just computed, or something in memory. */
export type Source =
  | { readonly from: 'member'; readonly index: number }
  | { readonly from: 'memory'; readonly access: Access };

export type Role =
  /** An element at every point of the iteration. */
  | 'elementwise'
  /** A fold over the inner dims, there when a row is done. */
  | 'row'
  /** A fold over outer dims, or over all, there when everything is done. */
  | 'end';

export interface Member {
  readonly operation: Operation;
  readonly role: Role;
  readonly sources: readonly Source[];
  /** How its output lies in memory. */
  readonly output: Access;
}

/** Operations that run in one nest of loops: `shape` is what they iterate over, its last `inner` dims are the rows. */
export interface Group {
  readonly shape: readonly number[];
  readonly inner: number | undefined;
  readonly members: readonly Member[];
  /** Everything that it reads from memory, once for each way to walk through it. */
  readonly reads: readonly Access[];
}

/** More than these would not stay in registers, nor in a head. */
const mostMembers = 64;
const mostAccesses = 24;

/** Whether a group can take an operation at all. */
export const canFuse = (operation: Operation): boolean =>
  elementwiseOf(operation) !== undefined || foldOf(operation) !== undefined;

/** The dims of a shape that have more than one position: only these are iterated over. */
const wideDims = (shape: Shape): number[] => [...shape.keys()].filter(d => shape[d] !== 1);

/** What an operation iterates over: its output, or the input of a fold. */
const iterationOf = (operation: Operation): Shape => elementwiseOf(operation)?.shape ?? operation.inputs[0].shape;

/** A group of one operation. */
export function started(operation: Operation): Group | undefined {
  const iteration = iterationOf(operation);
  const dims = wideDims(iteration);
  const group: Group = { shape: dims.map(d => iteration[d]), inner: undefined, members: [], reads: [] };
  return withMember(group, operation, [...dims.keys()]);
}

/** The group with one operation more, or undefined where that does not fit. */
export function joined(group: Group, operation: Operation): Group | undefined {
  if (group.members.length >= mostMembers) return undefined;
  const iteration = iterationOf(operation);
  const sizes = wideDims(iteration).map(d => iteration[d]);
  const same = (dims: readonly number[]): boolean =>
    dims.length === sizes.length && dims.every((d, i) => group.shape[d] === sizes[i]);
  const all = [...group.shape.keys()];
  const candidates = [all, ...group.members.map(({ output }) => all.filter(d => output.strides[d] !== 0))].filter(same);
  for (const dims of candidates) {
    const extended = withMember(group, operation, dims);
    if (extended !== undefined && extended.reads.length <= mostAccesses) return extended;
  }
  return undefined;
}

/** The group with an operation that iterates over these dims of it; undefined where its inputs are not to be had there. */
function withMember(group: Group, operation: Operation, dims: readonly number[]): Group | undefined {
  const fold = foldOf(operation);
  const iteration = iterationOf(operation);
  const wide = wideDims(iteration);
  const onGroup = (strides: readonly number[]): number[] => {
    const result = new Array<number>(group.shape.length).fill(0);
    dims.forEach((d, i) => {
      result[d] = strides[wide[i]];
    });
    return result;
  };
  const folded = new Set((fold?.dims ?? []).filter(d => wide.includes(d)).map(d => dims[wide.indexOf(d)]));
  const role = folded.size === 0 ? 'elementwise' : roleOf(group, folded);
  if (role === undefined) return undefined;

  const sources: Source[] = [];
  const loop = elementwiseOf(operation);
  const waits = hasShortRows(group);
  for (const view of loop?.inputs ?? operation.inputs) {
    const access = { value: view.value, strides: onGroup(broadcast(view, iteration)), offset: view.offset };
    const source = sourceOf(group, access);
    if (source === undefined) return undefined;
    if (waits && source.from === 'member' && isPerRow(group, group.members[source.index])) return undefined;
    sources.push(source);
  }
  const { strides, offset } = loop?.output ?? { strides: foldedStrides(iteration, fold!.dims), offset: 0 };
  const output = { value: operation.output, strides: onGroup(strides), offset };
  const inner = group.inner ?? innerFor(group, role, folded);
  if (operation.output.replaces && !mayReplace(group, sources, output)) return undefined;
  const reads = withReads(group.reads, sources);
  return { ...group, inner, reads, members: [...group.members, { operation, role, sources, output }] };
}

/** Rows of fewer elements are too short to keep the processor busy while a fold of them is waited for. */
const shortRow = 64;

/** Whether what depends on a fold of a row is better done in loops of its own, when the folds of all rows are there. */
const hasShortRows = ({ shape, inner = 0 }: Group): boolean =>
  inner > 0 && inner < shape.length && sizeOf(shape.slice(shape.length - inner)) < shortRow;

/** Whether there is one element of a member for each row. */
export const isPerRow = ({ shape, inner = 0 }: Group, { role, output }: Member): boolean =>
  role !== 'end' && inner > 0 && output.strides.slice(shape.length - inner).every(step => step === 0);

/** The strides of a view as the shape that it broadcasts to. */
function broadcast({ shape, strides }: View, to: Shape): number[] {
  const lead = to.length - shape.length;
  return to.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : strides[d - lead]));
}

/** The strides of the result of a fold along the dims of its input. */
function foldedStrides(iteration: Shape, dims: readonly number[]): number[] {
  const kept = iteration.map((n, d) => (dims.includes(d) ? 1 : n));
  return rowMajorStrides(kept).map((step, d) => (dims.includes(d) ? 0 : step));
}

/** When a fold over these dims of the group is done; undefined where its loops do not come by in that order. */
function roleOf({ shape, inner, members }: Group, folded: ReadonlySet<number>): Role | undefined {
  const outer = shape.length - (inner ?? 0);
  const dims = [...folded];
  const isSuffix = dims.every(d => d >= shape.length - dims.length);
  const isRow = isSuffix && (inner === undefined || dims.length === inner);
  // A row is gone through again for what depends on a fold of it, and must find what it found before.
  if (isRow) return members.some(({ operation }) => operation.output.replaces) ? undefined : 'row';
  if (inner === undefined) return dims.includes(shape.length - 1) ? undefined : 'end';
  if (dims.length === shape.length || dims.every(d => d < outer)) return 'end';
  return undefined;
}

/** How many dims the rows have once a fold has its say. */
function innerFor({ shape }: Group, role: Role, folded: ReadonlySet<number>): number | undefined {
  if (role === 'elementwise') return undefined;
  if (role === 'row') return folded.size;
  return shape.length - 1 - Math.max(...folded);
}

/** Where an input comes from: a member that makes just this element at this point, or memory that no member writes. */
function sourceOf({ members }: Group, access: Access): Source | undefined {
  const index = members.findIndex(({ operation }) => operation.output === access.value);
  if (index < 0) {
    const overwritten = members.some(
      ({ operation: { output } }) => output.replaces && output.home === access.value.home,
    );
    return overwritten ? undefined : { from: 'memory', access };
  }
  const { output, role } = members[index];
  return sameWalk(access, output) && role !== 'end' ? { from: 'member', index } : undefined;
}

/**
 * Whether a member may overwrite a buffer: all that read its old contents here read the element that is written, and no
 * other member writes that element at another point of the iteration, which may come later.
 */
function mayReplace({ shape, members }: Group, own: readonly Source[], output: Access): boolean {
  const { home } = output.value;
  const sources = [...members.flatMap(member => member.sources), ...own];
  const writes = members.map(member => member.output).filter(({ value }) => value.home === home);
  if (members.some(({ role }) => role === 'row')) return false;
  return (
    sources.every(
      source => source.from === 'member' || source.access.value.home !== home || sameWalk(source.access, output),
    ) &&
    writes.every(other => sameStrides(other, output) && !reaches(shape, output.strides, other.offset - output.offset))
  );
}

/** Whether two points of an iteration that are not the same lie so many elements apart in a buffer. */
const reaches = (shape: readonly number[], strides: readonly number[], distance: number): boolean =>
  distance !== 0 && canStep(shape, strides, Math.abs(distance), 0);

/** Whether steps along the dims from `d` on, up to the size of each, forward and back, add up to a distance. */
function canStep(shape: readonly number[], strides: readonly number[], distance: number, d: number): boolean {
  if (d === shape.length) return distance === 0;
  const farthest = shape.reduce((sum, n, k) => (k < d ? sum : sum + (n - 1) * Math.abs(strides[k])), 0);
  if (Math.abs(distance) > farthest) return false;
  if (strides[d] === 0) return canStep(shape, strides, distance, d + 1);
  for (let steps = 1 - shape[d]; steps < shape[d]; steps++)
    if (canStep(shape, strides, distance - steps * strides[d], d + 1)) return true;
  return false;
}

/** The list with what is new among the sources. */
function withReads(reads: readonly Access[], sources: readonly Source[]): readonly Access[] {
  const found = [...reads];
  for (const source of sources)
    if (source.from === 'memory' && !found.some(access => sameAccess(access, source.access))) found.push(source.access);
  return found;
}

export const sameAccess = (a: Access, b: Access): boolean => a.value === b.value && sameWalk(a, b);

/** Whether two walks come by the same elements of their buffers at the same time. */
const sameWalk = (a: Access, b: Access): boolean => a.offset === b.offset && sameStrides(a, b);

const sameStrides = (a: Access, b: Access): boolean => a.strides.every((step, d) => step === b.strides[d]);
