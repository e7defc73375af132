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

/** What an operation iterates over, and how it walks through its buffers; dims of one position are left out. */
interface Iteration {
  readonly sizes: readonly number[];
  /** The dims that are folded. */
  readonly folded: readonly number[];
  readonly inputs: readonly Access[];
  readonly output: Access;
}

const iterations = new WeakMap<Operation, Iteration>();

/** The iteration of an operation, found once: it is tried in many groups. */
function iterationOf(operation: Operation): Iteration {
  let found = iterations.get(operation);
  if (found === undefined) iterations.set(operation, (found = findIteration(operation)));
  return found;
}

function findIteration(operation: Operation): Iteration {
  const loop = elementwiseOf(operation);
  const fold = foldOf(operation);
  const shape = loop?.shape ?? operation.inputs[0].shape;
  const wide = [...shape.keys()].filter(d => shape[d] !== 1);
  const onWide = (strides: readonly number[]): number[] => wide.map(d => strides[d]);
  const { strides, offset } = loop?.output ?? { strides: foldedStrides(shape, fold!.dims), offset: 0 };
  return {
    sizes: onWide(shape),
    folded: (fold?.dims ?? []).filter(d => shape[d] !== 1).map(d => wide.indexOf(d)),
    inputs: (loop?.inputs ?? operation.inputs).map(view => ({
      value: view.value,
      strides: onWide(broadcast(view, shape)),
      offset: view.offset,
    })),
    output: { value: operation.output, strides: onWide(strides), offset },
  };
}

/** A group of one operation. */
export function started(operation: Operation): Group | undefined {
  const { sizes } = iterationOf(operation);
  return withMember({ shape: sizes, inner: undefined, members: [], reads: [] }, operation, [...sizes.keys()]);
}

/** The group with one operation more, or undefined where that does not fit. */
export function joined(group: Group, operation: Operation): Group | undefined {
  if (group.members.length >= mostMembers) return undefined;
  const { sizes } = iterationOf(operation);
  for (const dims of placesFor(sizes, group)) {
    const extended = withMember(group, operation, dims);
    if (extended !== undefined && extended.reads.length <= mostAccesses) return extended;
  }
  return undefined;
}

/** The dims of a group that sizes may stand for: all, or those that the output of a member has. */
function placesFor(sizes: readonly number[], { shape, members }: Group): number[][] {
  const fits = (dims: readonly number[]): boolean =>
    dims.length === sizes.length && dims.every((d, i) => shape[d] === sizes[i]);
  const all = [...shape.keys()];
  if (sizes.length === shape.length) return fits(all) ? [all] : [];
  const places = new Map<string, number[]>();
  for (const { output } of members) {
    const dims = all.filter(d => output.strides[d] !== 0);
    if (fits(dims)) places.set(dims.join(), dims);
  }
  return [...places.values()];
}

/** The group with an operation that iterates over these dims of it; undefined where its inputs are not to be had there. */
function withMember(group: Group, operation: Operation, dims: readonly number[]): Group | undefined {
  const { folded, inputs, output } = iterationOf(operation);
  const role =
    folded.length === 0
      ? 'elementwise'
      : roleOf(
          group,
          folded.map(d => dims[d]),
        );
  if (role === undefined) return undefined;
  const onGroup = (access: Access): Access => {
    if (dims.length === group.shape.length) return access;
    const strides = new Array<number>(group.shape.length).fill(0);
    dims.forEach((d, i) => {
      strides[d] = access.strides[i];
    });
    return { ...access, strides };
  };
  const sources: Source[] = [];
  const waits = hasShortRows(group);
  for (const input of inputs) {
    const source = sourceOf(group, onGroup(input));
    if (source === undefined) return undefined;
    if (waits && source.from === 'member' && isPerRow(group, group.members[source.index])) return undefined;
    sources.push(source);
  }
  const member = { operation, role, sources, output: onGroup(output) };
  if (operation.output.replaces && !mayReplace(group, sources, member.output)) return undefined;
  const inner =
    group.inner ??
    innerFor(
      group,
      role,
      folded.map(d => dims[d]),
    );
  return { ...group, inner, reads: withReads(group.reads, sources), members: [...group.members, member] };
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
function roleOf({ shape, inner, members }: Group, dims: readonly number[]): Role | undefined {
  const outer = shape.length - (inner ?? 0);
  const isSuffix = dims.every(d => d >= shape.length - dims.length);
  const isRow = isSuffix && (inner === undefined || dims.length === inner);
  // A row is gone through again for what depends on a fold of it, and must find what it found before.
  if (isRow) return members.some(({ operation }) => operation.output.replaces) ? undefined : 'row';
  if (inner === undefined) return dims.includes(shape.length - 1) ? undefined : 'end';
  if (dims.length === shape.length || dims.every(d => d < outer)) return 'end';
  return undefined;
}

/** How many dims the rows have once a fold has its say. */
function innerFor({ shape }: Group, role: Role, folded: readonly number[]): number | undefined {
  if (role === 'elementwise') return undefined;
  if (role === 'row') return folded.length;
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
export const sameWalk = (a: Access, b: Access): boolean => a.offset === b.offset && sameStrides(a, b);

const sameStrides = (a: Access, b: Access): boolean => a.strides.every((step, d) => step === b.strides[d]);
