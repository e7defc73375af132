import { catInto, catShape, padInto, type Shape, sliceAddInto, sliceView } from '@tapegrad/tensor';
import type { Computed, Viewing } from '../tape/primitive.ts';

export interface ShapeAttrs {
  readonly shape: Shape;
}

/** The same elements in row-major order under another shape, of a contiguous input. */
export const reshape: Viewing<ShapeAttrs> = {
  name: 'reshape',
  gradients: [(g, { parents: [x] }) => g.reshape(x!.shape)],
  keeps: [],
  view: (a, { shape }) => a.view(shape, undefined),
};

export interface PermuteAttrs {
  readonly dims: readonly number[];
}

export const permute: Viewing<PermuteAttrs> = {
  name: 'permute',
  gradients: [
    (g, { attrs: { dims } }) => {
      const inverse = new Array<number>(dims.length);
      for (let d = 0; d < dims.length; d++) inverse[dims[d]] = d;
      return g.permute(inverse);
    },
  ],
  keeps: [],
  view: (a, { dims }) => {
    const n = dims.length;
    const shape = new Array<number>(n);
    const strides = new Array<number>(n);
    for (let d = 0; d < n; d++) {
      shape[d] = a.shape[dims[d]];
      strides[d] = a.strides[dims[d]];
    }
    return a.view(shape, strides);
  },
};

/** Repeats dims of size 1 (and new leading ones) without copying; the walk sums the gradient over what was repeated. */
export const expand: Viewing<ShapeAttrs> = {
  name: 'expand',
  gradients: [g => g],
  keeps: [],
  view: (a, { shape }) => {
    const lead = shape.length - a.ndim;
    const strides = shape.map((n, d) => (d < lead || (a.shape[d - lead] === 1 && n !== 1) ? 0 : a.strides[d - lead]));
    return a.view(shape, strides);
  },
};

export interface SliceAttrs {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

/** Every step-th position from `start` along `dim`, `length` of them. */
export const slice: Viewing<SliceAttrs> = {
  name: 'slice',
  gradients: [{ addTo: (total, g, { attrs }) => total.sliceAdd(g, attrs) }],
  keeps: [],
  view: (a, { dim, start, length, step }) => sliceView(a, dim, start, length, step),
};

/** The first input with the second added to a slice of it: the adjoint of `slice`. */
export const sliceAdd: Computed<SliceAttrs> = {
  name: 'sliceAdd',
  gradients: [g => g, (g, { attrs }) => g.sliceOf(attrs)],
  keeps: [],
  shape: ([base]) => base.shape,
  inPlace: true,
  kernel: (out, [base, source], { dim, start, step }) => sliceAddInto(out, base, source, dim, start, step),
};

export interface SelectAttrs {
  readonly dim: number;
  readonly index: number;
}

/** One position along `dim`, which goes away. */
export const select: Viewing<SelectAttrs> = {
  name: 'select',
  gradients: [
    {
      addTo: (total, g, { attrs: { dim, index } }) =>
        total.sliceAdd(g.unsqueeze(dim), { dim, start: index, length: 1, step: 1 }),
    },
  ],
  keeps: [],
  view: (a, { dim, index }) => {
    const shape = a.shape.slice();
    const strides = a.strides.slice();
    shape.splice(dim, 1);
    strides.splice(dim, 1);
    return a.view(shape, strides, a.offset + index * a.strides[dim]);
  },
};

export interface FlipAttrs {
  readonly dims: readonly number[];
}

/** The order of the elements reversed along `dims`. */
export const flip: Viewing<FlipAttrs> = {
  name: 'flip',
  gradients: [(g, { attrs: { dims } }) => g.flip(dims)],
  keeps: [],
  view: (a, { dims }) => {
    const strides = a.strides.slice();
    let { offset } = a;
    for (const d of dims) {
      if (a.shape[d] > 0) offset += (a.shape[d] - 1) * a.strides[d];
      strides[d] = -strides[d];
    }
    return a.view(a.shape, strides, offset);
  },
};

export interface PadAttrs {
  /** How many elements stand before those of the input along each dim, and how many after them. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The first input with the second, a single element, around it. */
export const pad: Computed<PadAttrs> = {
  name: 'pad',
  gradients: [
    (g, { attrs: { before }, parents: [x] }) =>
      before.reduce((inner, start, d) => inner.narrow(d, start, x!.shape[d]), g),
    null,
  ],
  keeps: [],
  shape: ([a], { before, after }) => a.shape.map((n, d) => before[d] + n + after[d]),
  kernel: (out, [a, value], { before }) => padInto(out, a, before, value.buffer[value.offset]),
};

export interface CatAttrs {
  readonly dim: number;
}

/** Tensors joined along `dim`. */
export const cat: Computed<CatAttrs & { readonly starts: readonly number[]; readonly sizes: readonly number[] }> = {
  name: 'cat',
  gradients: [
    (g, { attrs: { dim, starts, sizes } }, i) => g.sliceOf({ dim, start: starts[i], length: sizes[i], step: 1 }),
  ],
  keeps: [],
  shape: (inputs, { dim }) =>
    catShape(
      inputs.map(a => a.shape),
      dim,
    ),
  kernel: (out, inputs, { dim }) => catInto(out, inputs, dim),
};
