import type { Convolution } from '@tapegrad/tensor';
import type { Tensor } from 'tapegrad';
import { type Case, none, spread } from './inputs.ts';

/** Windows with all that they can have: 4x3 of them over planes of 6x5, of which some lie over the ends. */
const bent: Convolution = {
  windows: { input: [6, 5], output: [3, 3], kernel: [2, 3], stride: [2, 2], padding: [1, 1], dilation: [3, 1] },
  groups: 2,
};

/** One window an element, which is a product of matrices alone. */
const pointwise: Convolution = {
  windows: { input: [2, 3], output: [2, 3], kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] },
  groups: 1,
};

type Of = (a: Tensor, b: Tensor, convolution: Convolution) => Tensor;

/** `shapes` of the two inputs for so many images, with channels of x, of y, kernels, planes of x, and of y. */
type ShapesOf = (images: number, x: number[], y: number[], weight: number[]) => [number[], number[]];

const convolutions = (fn: Of, shapes: ShapesOf): Case[] => {
  const kinds = [
    {
      of: 'windows in groups, with padding, strides and dilation',
      convolution: bent,
      x: [4, 6, 5],
      y: [2, 3, 3],
      w: [2, 2, 2, 3],
    },
    { of: 'single elements', convolution: pointwise, x: [2, 2, 3], y: [3, 2, 3], w: [3, 2, 1, 1] },
  ];
  const some = kinds.map(({ of, convolution, x, y, w }) => ({
    of,
    fn: (a: Tensor, b: Tensor) => fn(a, b, convolution),
    inputs: shapes(2, x, y, w).map(shape => spread(shape)),
  }));
  const nothing = kinds.map(({ of, convolution, x, y, w }) => ({
    of: `no pictures, ${of}`,
    fn: (a: Tensor, b: Tensor) => fn(a, b, convolution),
    inputs: shapes(0, x, y, w).map(shape => (shape.includes(0) ? none(...shape) : spread(shape))),
  }));
  return [...some, ...nothing];
};

const { windows } = bent;
const planes: Case[] = [
  {
    of: 'windows with padding, strides and dilation',
    fn: x => x.sumWindows({ windows }),
    inputs: [spread([2, 3, 6, 5])],
  },
  { of: 'a plane alone', fn: x => x.sumWindows({ windows }), inputs: [spread([6, 5])] },
  { of: 'no planes', fn: x => x.sumWindows({ windows }), inputs: [none(0, 6, 5)] },
];

/** For every primitive of convolution and pooling the cases that its gradient is checked at. */
export const convolutionCases = {
  conv: convolutions(
    (x, w, attrs) => x.convOf(w, attrs),
    (n, x, _, w) => [[n, ...x], w],
  ),
  convTranspose: convolutions(
    (g, w, attrs) => g.convTransposeOf(w, attrs),
    (n, _, y, w) => [[n, ...y], w],
  ),
  convWeight: convolutions(
    (x, g, attrs) => x.convWeightOf(g, attrs),
    (n, x, y) => [
      [n, ...x],
      [n, ...y],
    ],
  ),
  maxPositions: 'no gradient',
  sumWindows: planes,
  spreadWindows: [
    {
      of: 'windows with padding, strides and dilation',
      fn: x => x.spreadWindows({ windows }),
      inputs: [spread([2, 3, 3, 3])],
    },
    { of: 'no planes', fn: x => x.spreadWindows({ windows }), inputs: [none(0, 3, 3)] },
  ],
} satisfies Record<string, Case[] | 'no gradient'>;
