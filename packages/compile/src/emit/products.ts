import {
  type Callable,
  type Code,
  call,
  emitGemm,
  emitSmallMatmul,
  type Gemm,
  i32,
  isSmall,
  isWide,
  type ModuleBuilder,
} from '@tapegrad/wasm';
import { type Operation, type View, wholeOf } from '../graph/graph.ts';
import type { Access } from '../passes/group.ts';
import type { Storage } from '../run/storage.ts';
import { addressOf, callWith } from './call.ts';
import { type Cursor, loops, mergeDims } from './nest.ts';
import type { EmitOptions } from './program.ts';

/** The sizes and strides (in bytes) of one product C = A B, of many of one kind. */
interface Layout {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly rowA: number;
  readonly colA: number;
  readonly rowB: number;
  readonly colB: number;
}

/** Whether a product [M, K] @ [K, N] goes through packed panels, so that its right factor may be packed for several. */
export const worthPacking = (M: number, N: number, K: number, colB: number): boolean =>
  M > 0 && N > 0 && K > 0 && !isSmall(M, N, K, { colB, wide: isWide() });

/** The bytes of a packed right factor [K, N], for whatever width panels have. */
export const packedBytes = (K: number, N: number): number => 4 * K * 16 * Math.ceil(N / 16);

/** Bytes of the tables that a program's sums of products need: the addresses of both factors of each. */
export const tableBytes = (operations: readonly Operation[]): number =>
  operations.reduce((sum, { inputs }) => sum + (inputs.length > 2 ? 4 * inputs.length : 0), 0);

/** Writes the products of matrices of a program: small ones as functions of their own, others through packed panels. */
export class Products {
  readonly #m: ModuleBuilder;
  readonly #storage: Storage;
  readonly #options: EmitOptions;
  readonly #functions = new Map<string, Callable>();
  #gemm: Gemm | undefined;
  #table: number;

  constructor(m: ModuleBuilder, storage: Storage, options: EmitOptions) {
    this.#m = m;
    this.#storage = storage;
    this.#options = options;
    this.#table = options.tables;
  }

  /** The code of one operation; undefined where only JavaScript does it. */
  code(operation: Operation): Code | undefined {
    const { inputs, output, shape } = operation;
    if (output.dtype !== 'float32' || output.size === 0 || inputs[0].shape.at(-1) === 0) return undefined;
    const batch = shape.slice(0, -2);
    return batch.every(n => n === 1) ? this.#sum(operation) : this.#batched(operation, batch);
  }

  /** Packs a factor that several products share. */
  pack({ inputs: [view], output }: Operation): Code {
    const [K, N] = view.shape;
    const [rowB, colB] = view.strides.map(step => 4 * step);
    const { packB } = this.#gemmOf();
    return callWith(packB, this.#storage.addressOf(output), this.#address(view), N, K, rowB, colB);
  }

  /** A product with a factor that was packed. */
  packed({ inputs: [a, packed], output, shape: [M, N] }: Operation): Code {
    const K = a.shape[1];
    const [rowA, colA] = a.strides.map(step => 4 * step);
    const [from, B, C] = [this.#address(a), this.#storage.addressOf(packed.value), this.#storage.addressOf(output)];
    return callWith(this.#gemmOf().gemmPacked, M, N, K, from, rowA, colA, B, C, 4 * N, 0);
  }

  /** The sum of products of two matrices, each kind in one go. */
  #sum({ inputs, output }: Operation): Code {
    const C = this.#storage.addressOf(output);
    const kinds = new Map<string, { readonly layout: Layout; readonly factors: number[] }>();
    for (let i = 0; i < inputs.length; i += 2) {
      const layout = layoutOf(inputs[i], inputs[i + 1]);
      const key = JSON.stringify(layout);
      const kind = kinds.get(key) ?? { layout, factors: [] };
      kind.factors.push(this.#address(inputs[i]), this.#address(inputs[i + 1]));
      kinds.set(key, kind);
    }
    return [...kinds.values()].map(({ layout, factors }, i) => this.#sumOfKind(layout, factors, C, i > 0));
  }

  #sumOfKind(layout: Layout, factors: readonly number[], C: number, accumulate: boolean): Code {
    const { M, N, K, rowA, colA, rowB, colB } = layout;
    const pieces = factors.length / 2;
    if (this.#isSmall(layout, pieces)) return callWith(this.#small(layout, pieces, accumulate), C, ...factors);
    const flag = Number(accumulate);
    const { gemm, gemmSum } = this.#gemmOf();
    if (pieces === 1) return callWith(gemm, M, N, K, factors[0], rowA, colA, factors[1], rowB, colB, C, 4 * N, flag);
    const table = this.#table;
    new Int32Array(this.#options.memory, table, factors.length).set(factors);
    this.#table += 4 * factors.length;
    return callWith(gemmSum, M, N, K, pieces, table, rowA, colA, rowB, colB, C, 4 * N, flag);
  }

  /** The products of many pairs of matrices, as a function that loops over them. */
  #batched({ inputs, output, shape }: Operation, batch: readonly number[]): Code {
    const C = wholeOf(output, shape);
    return Array.from({ length: inputs.length / 2 }, (_, i) => {
      const [A, B] = [inputs[2 * i], inputs[2 * i + 1]];
      const views = [C, A, B];
      const layout = layoutOf(A, B);
      const accesses = views.map((view): Access => ({ ...view, strides: batchStrides(view, batch) }));
      const key = JSON.stringify([layout, batch, accesses.map(({ strides }) => strides), i > 0]);
      const f = this.#known(key, () => this.#batchFunction(layout, batch, accesses, i > 0));
      return callWith(f, ...views.map(view => this.#address(view)));
    });
  }

  #batchFunction(layout: Layout, batch: readonly number[], accesses: readonly Access[], accumulate: boolean): Callable {
    const { M, N, K, rowA, colA, rowB, colB } = layout;
    const small = this.#isSmall(layout, 1) ? this.#small(layout, 1, accumulate) : undefined;
    const gemm = small ?? this.#gemmOf().gemm;
    const { sizes, strides } = mergeDims(batch, accesses, 0, batch.length);
    return this.#m.function(null, ['i32', 'i32', 'i32'], [], (f, ...pointers) => {
      const [C, A, B] = pointers;
      const cursors = accesses.map(
        (access, k): Cursor => ({
          access,
          pointer: pointers[k],
          steps: strides[k].map(step => 4 * step),
        }),
      );
      const numbers = (...list: number[]): Code[] => list.map(i32.const);
      const body =
        small === undefined
          ? call(
              gemm,
              ...numbers(M, N, K),
              A.get,
              ...numbers(rowA, colA),
              B.get,
              ...numbers(rowB, colB),
              C.get,
              ...numbers(4 * N, Number(accumulate)),
            )
          : call(small, C.get, A.get, B.get);
      return loops(sizes, cursors, 0, sizes.length, () => f.local('i32'), body);
    });
  }

  #isSmall({ M, N, K, rowA, colA, rowB, colB }: Layout, pieces: number): boolean {
    // Offsets in instructions cannot go back, as a reversed matrix would have them.
    return Math.min(rowA, colA, rowB, colB) >= 0 && isSmall(M, N, K * pieces, { colB, wide: this.#options.wide });
  }

  #small(layout: Layout, pieces: number, accumulate: boolean): Callable {
    const options = { ...layout, rowC: 4 * layout.N, pieces, accumulate, fma: this.#options.fma };
    return this.#known(JSON.stringify(options), () => emitSmallMatmul(this.#m, options));
  }

  #known(key: string, make: () => Callable): Callable {
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#functions.set(key, made);
    return made;
  }

  #gemmOf(): Gemm {
    const { scratch, fma, wide } = this.#options;
    this.#gemm ??= emitGemm(this.#m, { scratch, fma, wide });
    return this.#gemm;
  }

  #address(view: View): number {
    return addressOf(this.#storage, view);
  }
}

function layoutOf(a: View, b: View): Layout {
  const [M, K] = a.shape.slice(-2);
  const [rowA, colA] = a.strides.slice(-2).map(step => 4 * step);
  const [rowB, colB] = b.strides.slice(-2).map(step => 4 * step);
  return { M, N: b.shape[b.shape.length - 1], K, rowA, colA, rowB, colB };
}

/** The strides of a view along the dims of the batch, which it broadcasts to. */
function batchStrides({ shape, strides }: View, batch: readonly number[]): number[] {
  const lead = batch.length - (shape.length - 2);
  return batch.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : strides[d - lead]));
}
