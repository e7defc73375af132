import {
  ArgumentError,
  allocate,
  type DType,
  DTypeError,
  flatData,
  format,
  GradError,
  isDType,
  isFloat,
  NdArray,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
  type TypedArray,
  toNested,
} from '@tapegrad/tensor';
import { checkTensor } from '../functional/operands.ts';
import { cast, copy } from '../primitives/elementwise.ts';
import { apply } from '../tape/apply.ts';
import { assignTo, castInPlace } from '../tape/assign.ts';
import { backward } from '../tape/backward.ts';
import { isGradEnabled } from '../tape/mode.ts';
import { type GradientHook, leafNode, type Node, type RemovableHook } from '../tape/node.ts';
import { activeObserver, type Redraw, tellMade } from '../tape/observer.ts';
import { none } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';
import type { NestedArray } from '../types.ts';

/**
 * What every tensor is: an array, perhaps a history, perhaps a gradient. The operations are in the classes above it.
 */
export abstract class TensorBase<out S extends Shape = any> {
  /** The array; only a cast of a module replaces it. @internal */
  value: NdArray;
  /** How gradients get on from here; null when none flow. @internal */
  node: Node<any> | null = null;
  /** The gradient, or how it is made when it is first read. */
  #grad: Tensor | (() => Tensor) | null = null;

  /** @internal */
  constructor(value: NdArray) {
    this.value = value;
  }

  /** A tensor of another value and no history. @internal */
  abstract derive(value: NdArray): Tensor;

  /** The sizes of the dims, outermost first. */
  get shape(): S {
    return this.value.shape as unknown as S;
  }

  /** The number of dims. */
  get ndim(): number {
    return this.value.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.value.size;
  }

  /** The type of the elements. */
  get dtype(): DType {
    return this.value.dtype;
  }

  /**
   * The elements in row-major order, exactly `size` of them: Float32Array, Float64Array, Int32Array, or Uint8Array for
   * bool. Read it; to write use `assign`, which the tape knows of. Its `buffer` may hold other tensors too: what is
   * transferred to another thread is `data.slice()`.
   */
  get data(): TypedArray {
    activeObserver()?.read?.(this as unknown as Tensor, 'data');
    return flatData(this.value);
  }

  /**
   * The value of a tensor of one element.
   *
   * @throws ShapeError when there are more elements, or none.
   */
  item<T extends number | boolean = number>(): T {
    const { value } = this;
    if (value.size !== 1)
      throw new ShapeError(`item: expected a tensor of one element, got shape ${showShape(value.shape)}`);
    activeObserver()?.read?.(this as unknown as Tensor, 'item()');
    const element = value.buffer[value.offset];
    return (value.dtype === 'bool' ? element !== 0 : element) as T;
  }

  /** Nested plain arrays of numbers (booleans for bool: say `toArray<boolean>()`); the bare element for a scalar. */
  toArray<E extends number | boolean = number>(): NestedArray<this['shape'], E> {
    activeObserver()?.read?.(this as unknown as Tensor, 'toArray()');
    return toNested(this.value) as NestedArray<this['shape'], E>;
  }

  /** The elements as a person reads them, aligned in columns, large tensors by their edges; then what is special. */
  toString(): string {
    activeObserver()?.read?.(this as unknown as Tensor, 'toString()');
    const { dtype } = this;
    const notes = [
      dtype === 'float32' || dtype === 'bool' ? '' : `, dtype=${dtype}`,
      this.node === null ? '' : this.isLeaf ? ', requiresGrad' : `, from ${this.node.op?.name}`,
    ];
    return format(this.value, { suffix: notes.join('') });
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /**
   * What JavaScript takes a tensor for: the text in a template, and where a number is wanted, as in `loss < best` and
   * `Number(norm)`, its one element.
   *
   * @throws ShapeError when a number is wanted and there are more elements, or none; ArgumentError for `x + y` and
   * `x == 1`, which would take the text.
   */
  [Symbol.toPrimitive](hint: string): string | number {
    if (hint === 'string') return this.toString();
    if (hint === 'default')
      throw new ArgumentError(
        'a tensor has no operators: write x.add(y) for + and x.eq(y) for ==, x.item() for its number, String(x) for its text',
      );
    if (this.size !== 1)
      throw new ShapeError(
        `item: expected a tensor of one element, got shape ${showShape(this.shape)}; a tensor has no operators: write x.sub(y) for - and x.lt(y) for <`,
      );
    return Number(this.item());
  }

  /** What JSON.stringify writes: the nested arrays. */
  toJSON(): unknown {
    return this.toArray();
  }

  /** The tensors along the first dim. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.ndim === 0) throw new ShapeError('iteration: expected at least one dim, got a scalar, shape []');
    yield* (this as unknown as Tensor).unbind(0);
  }

  /** True for a tensor that no recorded operation made. */
  get isLeaf(): boolean {
    return this.node === null || this.node.isLeaf;
  }

  /** Whether gradients flow to this tensor. It can be set on leaves of a float dtype. */
  get requiresGrad(): boolean {
    return this.node !== null;
  }

  set requiresGrad(requires: boolean) {
    if (requires === this.requiresGrad) return;
    if (!this.isLeaf)
      throw new GradError(
        'requiresGrad: can only be changed on a leaf, not on the result of an operation; use detach()',
      );
    if (requires && !isFloat(this.dtype))
      throw new DTypeError(`requiresGrad: only float tensors can require a gradient, got dtype ${this.dtype}`);
    this.node = requires ? leafNode(this as unknown as Tensor) : null;
  }

  /** The gradient that `backward` has accumulated here, or null. Only leaves (and tensors that retain it) get one. */
  get grad(): Tensor<S> | null {
    activeObserver()?.gradRead?.(this as unknown as Tensor);
    if (typeof this.#grad === 'function') this.#grad = this.#grad();
    return this.#grad;
  }

  set grad(gradient: Tensor | null) {
    this.#grad = gradient;
    activeObserver()?.gradSet?.(this as unknown as Tensor);
  }

  /** Sets `grad` to a tensor that is made when it is read, if it is before it is set again. @internal */
  setLazyGrad(make: () => Tensor): void {
    this.#grad = make;
    activeObserver()?.gradSet?.(this as unknown as Tensor);
  }

  /** How `grad` is made when it is next read, or null where it is there already, or none is. @internal */
  get lazyGrad(): (() => Tensor) | null {
    return typeof this.#grad === 'function' ? this.#grad : null;
  }

  /**
   * Adds the gradient of this tensor into `grad` of every leaf that requires one. May be called again on the same tape.
   *
   * @param gradient - where to start from, of this tensor's shape; 1 when left out, for a tensor of one element.
   * @throws GradError when a gradient is needed and not given, when there is no history, or when a value that is still
   * needed was overwritten.
   * @example
   * ```ts
   * const w = tensor([1, 2], { requiresGrad: true });
   * w.square().sum().backward();
   * w.grad; // tensor([2, 4])
   * ```
   */
  backward(gradient?: Tensor): void {
    backward(this as unknown as Tensor, gradient);
  }

  /** Sets `grad` to null. */
  zeroGrad(): void {
    this.grad = null;
  }

  /**
   * Calls `hook` with the gradient of this tensor whenever one is computed; what it returns, if anything, goes on in
   * its place. Returns the way to remove it.
   *
   * @throws GradError when this tensor does not require a gradient.
   */
  registerHook(hook: GradientHook): RemovableHook {
    const node = this.node;
    if (node === null) throw new GradError('registerHook: expected a tensor that requires a gradient');
    const registered = { hook };
    node.hooks = [...(node.hooks ?? []), registered];
    return {
      remove: () => {
        if (this.node === null) return;
        const rest = this.node.hooks?.filter(other => other !== registered) ?? [];
        this.node.hooks = rest.length > 0 ? rest : null;
      },
    };
  }

  /** Keeps the gradient of the result of an operation in `grad`, as leaves do. */
  retainGrad(): void {
    if (this.node === null) throw new GradError('retainGrad: expected a tensor that requires a gradient');
    this.node.target = this as unknown as Tensor;
  }

  /**
   * The same array (not a copy) without the history.
   *
   * @example
   * ```ts
   * const target = next.detach(); // no gradient flows through it; it shares memory with next
   * ```
   */
  detach<X extends Tensor>(this: X): Tensor<X['shape']> {
    return this.derive(this.value);
  }

  /** A copy, with its history. */
  clone<X extends Tensor>(this: X): Tensor<X['shape']> {
    return apply(copy, [this], none);
  }

  /**
   * The same numbers as another dtype; this tensor itself when it has it. To int32 truncates, to bool asks for
   * non-zero.
   */
  to<X extends Tensor>(this: X, dtype: DType): Tensor<X['shape']> {
    if (!isDType(dtype))
      throw new DTypeError(`to: expected float32, float64, int32 or bool, got ${JSON.stringify(dtype)}`);
    return dtype === this.dtype ? this : apply(cast, [this], { dtype });
  }

  /**
   * Overwrites this tensor in place with `source`, which broadcasts to its shape and is cast to its dtype. Views and
   * detached copies of it show the new values; a backward that still needs the old ones is an error.
   *
   * @throws GradError on the result of an operation, and on a leaf that requires a gradient outside of `noGrad`;
   * ShapeError where the source does not broadcast, and on an expanded view, whose elements share their memory.
   * @example
   * ```ts
   * noGrad(() => parameter.assign(parameter.sub(gradient.mul(0.1))));
   * ```
   */
  assign<X extends Tensor>(this: X, source: Tensor | number): X {
    if (!this.isLeaf)
      throw new GradError(
        'assign: only leaves can be overwritten, not the result of an operation; use its value instead',
      );
    if (this.requiresGrad && isGradEnabled())
      throw new GradError('assign: a leaf that requires a gradient can be overwritten only inside of noGrad(() => …)');
    const from = typeof source === 'number' ? this.filled([], source) : source;
    checkTensor('assign', 'the source', from, 'a tensor or a number');
    assignTo(this, from);
    return this;
  }

  /**
   * Gives this leaf, and its gradient, another float dtype, and lets it be the same tensor: for a module's cast.
   * @internal
   */
  castInPlace(this: Tensor, dtype: DType): void {
    castInPlace(this, dtype);
  }

  /** A tensor of an array that was made, and filled, from data; `redraw` is for elements that were drawn. @internal */
  fresh(value: NdArray, redraw: Redraw | null = null): Tensor {
    return tellMade(this.derive(value), redraw);
  }

  /** A constant, of this dtype unless another is given. @internal */
  filled(shape: Shape, value: number, dtype: DType = this.dtype): Tensor {
    const buffer = allocate(dtype, sizeOf(shape));
    const element = dtype === 'bool' ? Number(value !== 0) : value;
    if (element !== 0) {
      if (buffer.length === 1) buffer[0] = element;
      else buffer.fill(element);
    }
    return this.fresh(new NdArray(dtype, shape, buffer));
  }

  /** A list of ids. @internal */
  idsOf(ids: Int32Array): Tensor {
    return this.fresh(new NdArray('int32', [ids.length], ids));
  }
}
