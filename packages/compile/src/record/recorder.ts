import { callSite, type Observer, observe, type Primitive, type Tensor } from '@tapegrad/autograd';
import { GradError, type NdArray, showShape, type TypedArray } from '@tapegrad/tensor';
import { isUniform, type Operation, Value, type View } from '../graph/graph.ts';
import { overwrite } from '../graph/operations.ts';

/** Something that the recording took for granted, asked again before every call. */
export interface Fact {
  readonly ask: () => unknown;
  readonly answer: unknown;
}

/** A leaf whose `grad` the function reads or writes. */
export interface GradientSlot {
  readonly leaf: Tensor;
  /** The number of the argument that the leaf is, or -1 for one that the function closes over. */
  readonly argument: number;
  /** The gradient before the call, where the function reads it; null where there must be none. */
  before: Value | null | undefined;
  /** Whether the function sets it. */
  written: boolean;
}

/**
 * Listens to a function that runs, and writes down what it does: every operation becomes one on values. Operations that
 * only change shape and strides leave no trace but the views of the others.
 */
export class Recorder implements Observer {
  readonly operations: Operation[] = [];
  readonly inputs: Value[] = [];
  readonly draws: Value[] = [];
  readonly facts: Fact[] = [];
  readonly slots: GradientSlot[] = [];
  /** The tensors that the function closes over, with the array that each had. */
  readonly closedOver = new Map<Tensor, NdArray>();
  /** What every buffer holds at the moment, by the array that owns it. */
  readonly #current = new Map<NdArray, Value>();
  /** The tensors that operations made. */
  readonly #made = new Set<Tensor>();
  /** The arrays that the function made from data. */
  readonly #data = new Set<NdArray>();
  /** Arrays that were filled with one number, which an operation may have been allowed to overwrite. */
  readonly #filled = new Map<NdArray, number>();
  readonly #arguments: readonly Tensor[];

  /** `args` are the tensors that stand for the arguments, each with a row-major array of its own. */
  constructor(args: readonly Tensor[]) {
    this.#arguments = args;
    args.forEach(({ value }, index) => {
      this.inputs.push(this.#begin(value, new Value(value.dtype, value.size, { from: 'input', index })));
    });
  }

  applied(op: Primitive<any>, inputs: readonly Tensor[], attrs: unknown, output: Tensor): void {
    if (op.name === 'assign') {
      this.#overwritten(inputs[0], inputs[1]);
      return;
    }
    this.#made.add(output);
    const { value } = output;
    const base = value.base;
    const isView = 'view' in op || (this.#current.has(base) && !inputs.some(x => x.value === value));
    if (isView) {
      this.view(inputs[0]);
      return;
    }
    if (inputs[0].value === value && !this.#current.has(base)) this.#beginFilled(base);
    const views = inputs.map(x => this.view(x));
    const made = new Value(value.dtype, value.size, { from: 'operation' });
    this.#current.set(base, made);
    this.operations.push({ op, attrs, inputs: views, output: made, shape: value.shape });
  }

  made(tensor: Tensor, redraw: ((data: TypedArray) => void) | null): void {
    const { value } = tensor;
    this.#data.add(value.base);
    if (redraw === null) {
      const { buffer } = value;
      if (value.size > 0 && isUniform(buffer)) this.#filled.set(value, buffer[0]);
      return;
    }
    this.draws.push(this.#begin(value, new Value(value.dtype, value.size, { from: 'draw', redraw })));
  }

  read(tensor: Tensor, how: string): void {
    throw new GradError(
      `compile: ${how} was asked of a tensor of shape ${showShape(tensor.shape)} while the function was recorded, ${callSite()}; ` +
        'its elements are known only when the recorded program runs: return the tensor and read it outside, or choose by where()',
    );
  }

  gradRead(leaf: Tensor): void {
    const slot = this.#slot(leaf);
    if (slot.before !== undefined || slot.written) return;
    const gradient = observe(null, () => leaf.grad);
    if (gradient === null) slot.before = null;
    else {
      const { value } = gradient;
      const origin = { from: 'gradient', leaf: this.slots.indexOf(slot) } as const;
      slot.before = this.#begin(value, new Value(value.dtype, value.size, origin));
    }
  }

  gradSet(leaf: Tensor): void {
    this.#slot(leaf).written = true;
  }

  depends(ask: () => unknown): void {
    this.facts.push({ ask, answer: ask() });
  }

  /** The view of values that a tensor is at this moment. */
  view(tensor: Tensor): View {
    const { value } = tensor;
    const known = this.#current.get(value.base);
    if (known === undefined) return this.#viewOf(value, this.#foreign(tensor));
    const { from } = known.home.origin;
    if (from === 'resident' && !this.#made.has(tensor)) this.closedOver.set(tensor, value);
    return this.#viewOf(value, known);
  }

  /** What the array that an argument or a closed-over tensor had at first holds now, if it was overwritten. */
  get overwritten(): Value[] {
    return [...this.#current.values()].filter(({ replaces }) => replaces);
  }

  #viewOf({ shape, strides, offset }: NdArray, value: Value): View {
    return { value, shape, strides, offset };
  }

  #begin(array: NdArray, value: Value): Value {
    this.#current.set(array.base, value);
    return value;
  }

  /** An array that an operation has written its result into: what was there before is only known of filled ones. */
  #beginFilled(base: NdArray): void {
    const filled = this.#filled.get(base) ?? 0;
    const data = base.buffer.slice().fill(filled);
    this.#begin(base, new Value(base.dtype, base.size, { from: 'constant', data }));
  }

  /** An array that no operation made: a constant of the function, or something from outside. */
  #foreign(tensor: Tensor): Value {
    const { base } = tensor.value;
    const isConstant = this.#data.has(base);
    if (!isConstant) this.closedOver.set(tensor, tensor.value);
    return this.#begin(
      base,
      isConstant
        ? new Value(base.dtype, base.size, { from: 'constant', data: base.buffer.slice() })
        : new Value(base.dtype, base.size, { from: 'resident', array: base }),
    );
  }

  /** The buffer of the target takes a new value: that of the source where it is overwritten as a whole. */
  #overwritten(target: Tensor, source: Tensor): void {
    const from = this.view(source);
    const { value, shape, strides, offset } = this.view(target);
    const persists = value.home.origin.from !== 'operation' && value.home.origin.from !== 'constant';
    const next = new Value(value.dtype, value.size, { from: 'operation' }, persists ? value.home : undefined);
    const place = { shape, strides, offset };
    this.operations.push(overwrite(value, place, from, next));
    this.#current.set(target.value.base, next);
  }

  #slot(leaf: Tensor): GradientSlot {
    const known = this.slots.find(slot => slot.leaf === leaf);
    if (known !== undefined) return known;
    const slot = { leaf, argument: this.#arguments.indexOf(leaf), before: undefined, written: false };
    this.slots.push(slot);
    return slot;
  }
}
