import { primitives } from '@tapegrad/autograd';
import { bytesPerElement, type DType, type Shape, sizeOf } from '@tapegrad/tensor';
import {
  type Callable,
  type Code,
  call,
  f32,
  f32x4,
  f64,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  memoryCopy,
  v128,
  when,
} from '@tapegrad/wasm';
import { isWhole, type Operation, type View, wholeOf } from '../graph/graph.ts';
import type { Access } from '../passes/group.ts';
import type { Storage } from '../run/storage.ts';
import { addressOf, callWith } from './call.ts';
import { type Cursor, loops, mergeDims } from './nest.ts';

/** What is done at every id: an element is taken from there, put there, or added there. */
type Way = 'pick' | 'put' | 'putAdd';

/**
 * One buffer whose place along a dim is told by ids, and another that goes along with the ids: `far` is the first, `near` the
 * second.
 */
interface Indexed {
  readonly far: View;
  readonly near: View;
  readonly ids: View;
  readonly shape: Shape;
  /** Elements from one id to the next in the far buffer, and how many ids there are. */
  readonly jump: number;
  readonly bound: number;
}

/** Rows of up to so many bytes are copied by vectors that are written out. */
const shortRow = 256;

/** Writes the operations that go by ids. */
export class Picks {
  readonly #m: ModuleBuilder;
  readonly #storage: Storage;
  /** Called with the number of an operation whose id lies outside. */
  readonly #refuse: Callable;
  readonly #functions = new Map<string, Callable>();

  constructor(m: ModuleBuilder, storage: Storage, refuse: Callable) {
    this.#m = m;
    this.#storage = storage;
    this.#refuse = refuse;
  }

  /** The code of an operation; undefined where only JavaScript does it. `number` is what an id outside is reported by. */
  code(operation: Operation, way: Way, number: number): Code | undefined {
    const { inputs, output } = operation;
    if (way === 'pick') return this.#go(indexedOf(operation, inputs[0], wholeOf(output, operation.shape)), way, number);
    const [base, , source] = sourcesOf(operation);
    const isInPlace = output.replaces && isWhole(base);
    if (!isInPlace || source.value.home === output.home) return undefined;
    const far: View = { ...base, value: output };
    return this.#go(indexedOf(operation, far, source), way, number);
  }

  #go(indexed: Indexed, way: Way, number: number): Code {
    const { far, near, ids, shape, jump, bound } = indexed;
    if (sizeOf(shape) === 0) return [];
    const accesses: Access[] = [near, far, ids];
    const { dtype } = far.value;
    const key = [way, dtype, jump, bound, shape, ...accesses.map(({ strides }) => strides)].join(';');
    let f = this.#functions.get(key);
    if (f === undefined) {
      f = this.#function(indexed, accesses, way);
      this.#functions.set(key, f);
    }
    return callWith(f, ...accesses.map(access => addressOf(this.#storage, access)), number);
  }

  #function({ shape, jump, bound, far }: Indexed, accesses: readonly Access[], way: Way): Callable {
    const { dtype } = far.value;
    const bytes = bytesPerElement[dtype];
    const merged = mergeDims(shape, accesses, 0, shape.length);
    const last = merged.sizes.length - 1;
    // A row in which the id stays the same, and in which both buffers go on element by element, is moved as a whole.
    const isRow =
      last >= 0 && merged.strides[2][last] === 0 && merged.strides[0][last] === 1 && merged.strides[1][last] === 1;
    const count = isRow ? merged.sizes[last] : 1;
    return this.#m.function(null, ['i32', 'i32', 'i32', 'i32'], [], (f, ...params) => {
      const number = params[3];
      const cursors = accesses.map(
        (access, k): Cursor => ({
          access,
          pointer: params[k],
          steps: merged.strides[k].map(step => step * bytesPerElement[access.value.dtype]),
        }),
      );
      const [near, , ids] = params;
      const [id, at] = [f.local('i32'), f.local('i32')];
      const body = [
        id.set(i32.load(ids.get)),
        when(i32.geU(id.get, i32.const(bound)), call(this.#refuse, number.get, id.get)),
        at.set(i32.add(params[1].get, i32.mul(id.get, i32.const(jump * bytes)))),
        way === 'pick' ? moveElements(dtype, count, near, at) : putElements(dtype, count, at, near, way),
      ];
      return loops(merged.sizes, cursors, 0, isRow ? last : last + 1, () => f.local('i32'), body);
    });
  }
}

/** base, ids and source of an operation that puts elements into a base. */
const sourcesOf = ({ inputs }: Operation): readonly [base: View, ids: View, source: View] => [
  inputs[0],
  inputs[1],
  inputs[2],
];

/** Ids that count along one dim: for each slice as a whole (`indexSelect`, `indexAdd`), or for each element. */
function indexedOf({ op, attrs, inputs }: Operation, far: View, near: View): Indexed {
  const { dim } = attrs as { readonly dim: number };
  const ids = inputs[1];
  const bySlice = op === primitives.indexSelect || op === primitives.indexAdd;
  const shape = bySlice ? near.shape.map((n, d) => (d === dim ? (ids.shape[0] ?? 1) : n)) : ids.shape;
  const idStrides = bySlice ? shape.map((_, d) => (d === dim ? (ids.strides[0] ?? 0) : 0)) : ids.strides;
  return {
    far: { ...far, strides: far.strides.map((step, d) => (d === dim ? 0 : step)) },
    near,
    ids: { ...ids, strides: idStrides },
    shape,
    jump: far.strides[dim],
    bound: far.shape[dim],
  };
}

/** Copies consecutive elements. */
function moveElements(dtype: DType, count: number, to: Local, from: Local): Code {
  const bytes = count * bytesPerElement[dtype];
  if (bytes > shortRow) return memoryCopy(to.get, from.get, i32.const(bytes));
  const code: Code[] = [];
  let at = 0;
  for (; at + 16 <= bytes; at += 16) code.push(v128.store(to.get, v128.load(from.get, at), at));
  for (; at + 4 <= bytes; at += 4) code.push(i32.store(to.get, i32.load(from.get, at), at));
  for (; at < bytes; at++) code.push(i32.store8(to.get, i32.load8U(from.get, at), at));
  return code;
}

/** Copies consecutive elements to where the id points, or adds them to what is there. */
function putElements(dtype: DType, count: number, to: Local, from: Local, way: Way): Code {
  if (way === 'put') return moveElements(dtype, count, to, from);
  const code: Code[] = [];
  if (dtype === 'float64') {
    for (let k = 0; k < count; k++)
      code.push(f64.store(to.get, f64.add(f64.load(to.get, 8 * k), f64.load(from.get, 8 * k)), 8 * k));
    return code;
  }
  const vectors = dtype === 'float32' ? f32x4.add : i32x4.add;
  const single = dtype === 'float32' ? f32 : i32;
  let k = 0;
  for (; k + 4 <= count; k += 4)
    code.push(v128.store(to.get, vectors(v128.load(to.get, 4 * k), v128.load(from.get, 4 * k)), 4 * k));
  for (; k < count; k++)
    code.push(single.store(to.get, single.add(single.load(to.get, 4 * k), single.load(from.get, 4 * k)), 4 * k));
  return code;
}
