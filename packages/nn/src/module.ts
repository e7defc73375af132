import { dependOn, noGrad, refuseRecording, Tensor } from '@tapegrad/autograd';
import { ArgumentError, type DType, DTypeError, isFloat, sameShape, showShape } from '@tapegrad/tensor';
import { kindOf, optionsOf } from './checks.ts';
import { deepCopy } from './copy.ts';
import { Buffer, Parameter } from './parameter.ts';

/** Tensors by name, as they are saved and loaded: a plain object. */
export type StateDict = { [name: string]: Tensor };

/** What did not fit when a state dict was loaded; with `strict` both lists are empty. */
export interface LoadResult {
  /** Names that the module has and the dict has not. */
  readonly missing: readonly string[];
  /** Names that the dict has and the module has not. */
  readonly unexpected: readonly string[];
}

/**
 * The base of everything with parameters: subclasses set fields and write `forward`.
 *
 * A parameter, buffer or child module is found because it is an own field that holds a `Parameter`, a `Buffer` or a
 * `Module` (not a `#private` one, nor an array: use `ModuleList`). Names are the paths of fields, `head.weight`.
 *
 * @example
 * class Perceptron extends nn.Module {
 *   readonly hidden = new nn.Linear(2, 16);
 *   readonly head = new nn.Linear(16, 1);
 *   forward(x: Tensor) {
 *     return this.head.forward(this.hidden.forward(x).tanh());
 *   }
 * }
 */
export abstract class Module {
  #training = true;

  /** Whether layers such as `Dropout` behave as in training; true at first. Set it by `train()` and `eval()`. */
  get training(): boolean {
    dependOn(() => this.#training);
    return this.#training;
  }

  set training(mode: boolean) {
    this.#training = mode;
  }

  /** What the module computes. */
  abstract forward(...inputs: any[]): any;

  /** The child modules with the names of their fields, in the order in which these were set. */
  namedChildren(): [name: string, child: Module][] {
    return Object.entries(this).filter(([, field]) => field instanceof Module);
  }

  /** This module, named '', and all below it, each once, parents before children. */
  namedModules(): [name: string, module: Module][] {
    const found = new Map<Module, string>();
    const visit = (name: string, module: Module): void => {
      if (found.has(module)) return;
      found.set(module, name);
      for (const [key, child] of module.namedChildren()) visit(join(name, key), child);
    };
    visit('', this);
    return Array.from(found, ([module, name]) => [name, module]);
  }

  /** This module and all below it, each once, parents before children. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** All parameters with their names, shared ones once, under the first name. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return this.#fieldsOf(Parameter);
  }

  /** All parameters, shared ones once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All buffers with their names, shared ones once, under the first name. */
  namedBuffers(): [name: string, buffer: Buffer][] {
    return this.#fieldsOf(Buffer);
  }

  /** All buffers, shared ones once. */
  buffers(): Buffer[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  #fieldsOf<T extends Tensor>(kind: abstract new (...args: never[]) => T): [name: string, tensor: T][] {
    const found = new Map<T, string>();
    for (const [name, module] of this.namedModules())
      for (const [key, field] of Object.entries(module))
        if (field instanceof kind && !found.has(field)) found.set(field, join(name, key));
    return Array.from(found, ([tensor, name]) => [name, tensor]);
  }

  /**
   * Every parameter and buffer by name: detached tensors that share the module's memory. Keys and their order, shapes and
   * layouts are PyTorch's; what is shared appears under each of its names.
   */
  stateDict(): StateDict {
    const dict: StateDict = {};
    for (const [name, tensor] of this.#state('')) dict[name] = tensor.detach();
    return dict;
  }

  *#state(prefix: string): Iterable<[name: string, tensor: Tensor]> {
    const fields = Object.entries(this);
    for (const kind of [Parameter, Buffer])
      for (const [key, field] of fields) if (field instanceof kind) yield [join(prefix, key), field];
    for (const [key, child] of this.namedChildren()) yield* child.#state(join(prefix, key));
  }

  /**
   * Overwrites parameters and buffers in place with those of the same names in `dict`, cast to their dtypes; an optimiser
   * keeps its parameters. `strict` (the default) wants the same names on both sides.
   *
   * @throws ArgumentError that lists every missing and unexpected name and every wrong shape; then nothing has changed.
   */
  loadStateDict(dict: { readonly [name: string]: Tensor }, options: { readonly strict?: boolean } = {}): LoadResult {
    if (typeof dict !== 'object' || dict === null || dict instanceof Promise)
      throw new ArgumentError(`loadStateDict: expected a dict of tensors, got ${kindOf(dict)}`);
    optionsOf('loadStateDict', options, ['strict']);
    const own = new Map(this.#state(''));
    const given = new Map(Object.entries(dict));
    const missing = [...own.keys()].filter(name => !given.has(name));
    const unexpected = [...given.keys()].filter(name => !own.has(name));
    const problems: string[] = [];
    if (options.strict ?? true) {
      if (missing.length > 0) problems.push(`missing ${missing.join(', ')}`);
      if (unexpected.length > 0) problems.push(`unexpected ${unexpected.join(', ')}`);
    }
    for (const [name, source] of given) {
      const target = own.get(name);
      if (target === undefined) continue;
      if (!(source instanceof Tensor)) problems.push(`${name}: expected a tensor, got ${typeof source}`);
      else if (!sameShape(source.shape, target.shape))
        problems.push(`${name}: expected shape ${showShape(target.shape)}, got ${showShape(source.shape)}`);
    }
    if (problems.length > 0)
      throw new ArgumentError(`loadStateDict: the dict does not fit ${this.constructor.name}: ${problems.join('; ')}`);
    noGrad(() => {
      for (const [name, target] of own) if (given.has(name)) target.assign(given.get(name)!);
    });
    return { missing, unexpected };
  }

  /** Sets `training` here and in all modules below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** The same as `train(false)`: dropout lets everything pass. */
  eval(): this {
    return this.train(false);
  }

  /** Sets the gradients of all parameters to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /**
   * Casts float parameters and buffers, and their gradients, in place: an optimiser made before keeps training them. Views
   * of them that were taken before, `stateDict()` among them, keep the old numbers.
   *
   * @throws DTypeError for a dtype that is not float.
   */
  to(dtype: DType): this {
    if (!isFloat(dtype)) throw new DTypeError(`Module.to: expected float32 or float64, got ${JSON.stringify(dtype)}`);
    for (const tensor of [...this.parameters(), ...this.buffers()])
      if (isFloat(tensor.dtype) && tensor.dtype !== dtype) tensor.castInPlace(dtype);
    return this;
  }

  /**
   * A copy that shares no memory with this module: parameters, buffers and other tensors in its fields, arrays, plain
   * objects and the modules below are copied, and what is shared among them is shared among the copies. Functions and
   * objects of other classes, a `Generator` among them, stay the same ones. The copies have no gradients and no hooks.
   *
   * The constructors do not run, so that a class with `#private` members of its own has to override `blank`.
   *
   * @throws GradError where a field holds the result of an operation on tensors that require a gradient.
   */
  clone(): this {
    refuseRecording('Module.clone', 'because it makes parameters; clone the module before');
    return deepCopy(this, original => {
      if (!(original instanceof Module)) return null;
      const made = original.blank();
      made.#training = original.#training;
      return made;
    });
  }

  /** What `clone` copies the fields into: an object of this class that no constructor but `Module`'s has seen. */
  protected blank(): this {
    return Reflect.construct(Module, [], this.constructor);
  }

  /** Calls `fn` with every module below this one, children before parents, and at last with this one. */
  apply(fn: (module: Module) => void): this {
    for (const [, child] of this.namedChildren()) child.apply(fn);
    fn(this);
    return this;
  }

  /** What stands between the parentheses when the module is printed, its children aside. */
  extraRepr(): string {
    return '';
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    const own = this.extraRepr();
    const children = this.namedChildren().map(([name, child]) => `(${name}): ${child}`);
    const name = this.constructor.name;
    if (children.length === 0) return `${name}(${own})`;
    const lines = (own === '' ? children : [own, ...children]).join('\n');
    return `${name}(\n${lines.replaceAll(/^/gm, '  ')}\n)`;
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);
