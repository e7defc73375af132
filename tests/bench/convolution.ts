import { Generator, randn, type Tensor } from 'tapegrad';
import { compare } from './measure.ts';
import type { Table } from './table.ts';

/** Convolutions of pictures, forward and backward, beside the three products of matrices that they amount to. */
export function convolutionTable(): Table {
  const rows = [
    { title: '3x3, 16 to 32 channels, 28x28, batch 32', batch: 32, input: 16, output: 32, kernel: 3, size: 28 },
    { title: '5x5, 1 to 6 channels, 28x28, batch 32', batch: 32, input: 1, output: 6, kernel: 5, size: 28 },
    { title: '3x3, 64 to 64 channels, 7x7, batch 32', batch: 32, input: 64, output: 64, kernel: 3, size: 7 },
    { title: '1x1, 64 to 128 channels, 14x14, batch 32', batch: 32, input: 64, output: 128, kernel: 1, size: 14 },
  ].map(({ title, batch, input, output, kernel, size }): [string, number, number, number] => {
    const generator = new Generator(4);
    const leaf = (shape: number[]): Tensor => randn(shape, { generator, requiresGrad: true });
    const [x, w] = [leaf([batch, input, size, size]), leaf([output, input, kernel, kernel])];
    const g: Tensor = randn([batch, output, size, size], { generator });
    const [depth, positions] = [input * kernel ** 2, batch * size ** 2];
    const [weight, columns, out]: Tensor[] = [
      randn([output, depth], { generator }),
      randn([depth, positions], { generator }),
      randn([output, positions], { generator }),
    ];
    const { conv, products } = compare(
      {
        conv: () => {
          x.zeroGrad();
          w.zeroGrad();
          x.conv2d(w, null, { padding: 'same' }).backward(g);
        },
        products: () => [weight.matmul(columns), out.matmul(columns.t()), weight.t().matmul(out)],
      },
      { rounds: 25, budget: 3000 },
    );
    return [title, conv / 1000, products / 1000, conv / products];
  });
  return {
    title: 'conv2d forward and backward beside its three products of matrices: ms, and the ratio (target: below 3)',
    columns: ['convolution', 'conv2d', 'products', 'ratio'],
    rows,
    write: x => x.toFixed(2),
  };
}
