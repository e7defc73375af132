import { Tensor } from '@tapegrad/autograd';
import { ArgumentError, type Chk, type Fn, type In, IndexError, type Sequence, type Sh } from '@tapegrad/tensor';
import { checkTensor, kindOf } from './checks.ts';
import { Module } from './module.ts';

type Modules = readonly Module[];

/** A list of modules, whose names are their positions. */
abstract class Layers<L extends Modules> extends Module {
  /** The modules, in order. */
  readonly layers: Readonly<L>;

  constructor(name: string, layers: L) {
    super();
    if (!Array.isArray(layers)) throw new ArgumentError(`${name}: expected an array of modules, got ${kindOf(layers)}`);
    layers.forEach((layer, i) => {
      if (!(layer instanceof Module))
        throw new ArgumentError(`${name}: expected layer ${i} to be a Module, got ${kindOf(layer)}`);
    });
    this.layers = layers;
  }

  /** The number of modules. */
  get length(): number {
    return this.layers.length;
  }

  /**
   * The module at a position; negative counts from the end.
   *
   * @throws IndexError when there is none.
   */
  at<I extends number>(index: I): `${I}` extends keyof L ? L[`${I}`] : L[number] {
    const layer = this.layers.at(index);
    if (layer === undefined)
      throw new IndexError(`at: expected an index in -${this.length}..${this.length - 1}, got ${index}`);
    return layer as `${I}` extends keyof L ? L[`${I}`] : L[number];
  }

  /** The modules, one after the other. */
  *[Symbol.iterator](): IterableIterator<L[number]> {
    yield* this.layers;
  }

  override namedChildren(): [name: string, child: Module][] {
    const listed = this.layers.map((layer, i): [string, Module] => [String(i), layer]);
    return [...listed, ...super.namedChildren()];
  }
}

interface SequentialFn<L extends Modules> extends Fn {
  out: Sequence<L, In<this>>;
}

/**
 * Layers one after the other: each takes what the one before it gives.
 *
 * The compiler follows the shape through the layers that say what they do to it, which all of this package's do.
 *
 * @example
 * ```ts
 * const net = new nn.Sequential(new nn.Linear(3, 32), new nn.ReLU(), new nn.Linear(32, 1));
 * net.forward(zeros([5, 3])).shape; // [5, 1]
 * net.at(0).weight.shape; // [32, 3]
 * ```
 */
export class Sequential<const L extends Modules = any> extends Layers<L> {
  /** What the layer does to a shape, for the compiler. @internal */
  declare readonly '~fn': SequentialFn<L>;

  /**
   * The layers, in order.
   * @throws ArgumentError for what is no module.
   */
  constructor(...layers: L) {
    super('Sequential', layers);
  }

  forward<X extends Tensor>(x: Chk<Sequence<L, X['shape']>, X>): Tensor<Sh<Sequence<L, X['shape']>>> {
    checkTensor('Sequential', x);
    let y: Tensor = x as Tensor;
    for (let i = 0; i < this.layers.length; i++) {
      y = this.layers[i].forward(y);
      if (!(y instanceof Tensor))
        throw new ArgumentError(
          `Sequential: expected layer ${i}, ${this.layers[i].constructor.name}, to give a tensor, got ${kindOf(y)}`,
        );
    }
    return y;
  }
}

/**
 * Modules in a list, whose parameters are found; what is done with them is written by who holds it.
 *
 * @example
 * ```ts
 * class Tower extends nn.Module {
 *   readonly layers = new nn.ModuleList(Array.from({ length: 3 }, () => new nn.Linear(8, 8)));
 *   forward(x: Tensor) {
 *     for (const layer of this.layers) x = layer.forward(x).relu().add(x);
 *     return x;
 *   }
 * }
 * ```
 */
export class ModuleList<const L extends Modules = any> extends Layers<L> {
  /**
   * The modules, in an array.
   * @throws ArgumentError for what is no module.
   */
  constructor(modules: L) {
    super('ModuleList', modules);
  }

  /** @throws ArgumentError, for a list does not say what it computes. */
  override forward(): never {
    throw new ArgumentError('ModuleList: expected its modules to be called one by one, it has no forward of its own');
  }
}
