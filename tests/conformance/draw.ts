import { bernoulli, full, Generator, type nn, rand, randint, randn, type Tensor, tensor } from 'tapegrad';

type Float = 'float32' | 'float64';

/**
 * The random tensors of a case. Every one starts from numbers that float32 holds, so that the same seed gives the same
 * numbers in both dtypes.
 */
export class Draw {
  readonly dtype: Float;
  readonly generator: Generator;

  constructor(seed: number, dtype: Float = 'float32') {
    this.dtype = dtype;
    this.generator = new Generator(seed);
  }

  /** Normal numbers. */
  normal(...shape: number[]): Tensor {
    return randn(shape, { generator: this.generator }).to(this.dtype);
  }

  /** Uniform numbers in [low, high). */
  uniform(low: number, high: number, ...shape: number[]): Tensor {
    return rand(shape, { generator: this.generator })
      .mul(high - low)
      .add(low)
      .to(this.dtype);
  }

  /** Different numbers around 0, 1/4 apart, in random order: nothing ties, and no comparison hangs on a rounding. */
  distinct(...shape: number[]): Tensor {
    const size = shape.reduce((n, m) => n * m, 1);
    const order = this.generator.permutation(size);
    const lowest = this.generator.integer(-8, 8) + 0.5 - (size >> 1);
    return this.of(Array.from(order, i => (lowest + i) / 4)).reshape(shape);
  }

  /** Normal numbers that gradients flow to. */
  leaf(...shape: number[]): Tensor {
    return leaf(this.normal(...shape));
  }

  /** Whole numbers from low up to, not including, high, as int32. */
  ids(low: number, high: number, ...shape: number[]): Tensor {
    return randint(low, high, shape, { generator: this.generator });
  }

  /** True and false, about as often. */
  mask(...shape: number[]): Tensor {
    return bernoulli(full(shape, 0.5), { generator: this.generator, dtype: 'bool' });
  }

  /** These numbers. */
  of(data: any): Tensor {
    return tensor(data).to(this.dtype);
  }

  /** The model that `make` makes with float32 weights, in the dtype of the run. */
  model<M extends nn.Module>(make: (options: { readonly generator: Generator }) => M): M {
    const model = make({ generator: this.generator });
    return this.dtype === 'float32' ? model : model.to(this.dtype);
  }
}

/** The tensor, which gradients flow to from now on. */
export function leaf(x: Tensor): Tensor {
  x.requiresGrad = true;
  return x;
}
