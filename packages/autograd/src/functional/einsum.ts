import { ArgumentError, DTypeError, einsumLabels, promote } from '@tapegrad/tensor';
import type { Tensor } from '../tensor.ts';
import { checkTensors } from './operands.ts';

/** A tensor with the labels of its dims, each of which is there once. */
interface Term {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

type Sizes = ReadonlyMap<string, number>;

/** Contracts the tensors from left to right, each pair by one matrix product; what stands nowhere else is summed before. */
export function einsum(spec: string, tensors: readonly Tensor[]): Tensor {
  if (typeof spec !== 'string')
    throw new ArgumentError(`einsum: expected a specification such as 'ij,jk->ik', got ${typeof spec}`);
  checkTensors('einsum', tensors);
  const { operands, output, sizes } = einsumLabels(
    spec,
    tensors.map(x => x.shape),
  );
  const dtype = tensors.map(x => x.dtype).reduce(promote);
  if (dtype === 'bool' && tensors.length > 1)
    throw new DTypeError(`einsum: expected numbers, got ${tensors.length} bool tensors; use to()`);
  const terms = tensors.map((x, i) => labelled(x.to(dtype), operands[i], sizes));
  const last = terms.reduce((a, b, i) => {
    const later = terms.slice(i + 1).flatMap(({ labels }) => labels);
    return contract(a, b, [...output, ...later], sizes);
  });
  return ordered(
    summed(last, label => output.includes(label)),
    output,
  );
}

/** x with a diagonal for each label that stands twice, and without its dims of size 1 that others broadcast. */
function labelled(x: Tensor, given: readonly string[], sizes: Sizes): Term {
  let y = x;
  let labels = given;
  for (;;) {
    const d = labels.findIndex((label, k) => labels.indexOf(label) < k);
    if (d < 0) break;
    const first = labels.indexOf(labels[d]);
    y = y.diagonal(0, first, d);
    labels = [...labels.filter((_, k) => k !== first && k !== d), labels[d]];
  }
  for (let d = labels.length - 1; d >= 0; d--)
    if (y.shape[d] === 1 && sizes.get(labels[d]) !== 1) {
      y = y.squeeze(d);
      labels = labels.filter((_, k) => k !== d);
    }
  return { x: y, labels };
}

/** The sum over all dims but those to keep. */
function summed({ x, labels }: Term, keep: (label: string) => boolean): Term {
  const gone: number[] = [];
  for (let d = 0; d < labels.length; d++) if (!keep(labels[d])) gone.push(d);
  return gone.length === 0 ? { x, labels } : { x: x.sum(gone), labels: labels.filter(keep) };
}

/** x with its dims in another order. */
function ordered({ x, labels }: Term, order: readonly string[]): Tensor {
  return order.every((label, d) => label === labels[d]) ? x : x.permute(order.map(label => labels.indexOf(label)));
}

/** The product of two terms, summed over what both have and nobody else needs. */
function contract(a: Term, b: Term, needed: readonly string[], sizes: Sizes): Term {
  const left = summed(a, label => b.labels.includes(label) || needed.includes(label));
  const right = summed(b, label => a.labels.includes(label) || needed.includes(label));
  const shared = left.labels.filter(label => right.labels.includes(label));
  const rows = left.labels.filter(label => !right.labels.includes(label));
  const columns = right.labels.filter(label => !left.labels.includes(label));
  const inner = shared.filter(label => !needed.includes(label));
  if (inner.length === 0) return multiplied(left, right, columns, sizes);
  const batch = shared.filter(label => needed.includes(label));
  const product = stacked(left, batch, rows, inner, sizes).matmul(stacked(right, batch, inner, columns, sizes));
  const labels = [...batch, ...rows, ...columns];
  return { x: product.reshape(shapeOf(labels, sizes)), labels };
}

const shapeOf = (labels: readonly string[], sizes: Sizes): number[] => labels.map(label => sizes.get(label)!);

const sizeOf = (labels: readonly string[], sizes: Sizes): number =>
  labels.reduce((n, label) => n * sizes.get(label)!, 1);

/** A term as matrices [...batch, rows, columns]. */
const stacked = (
  term: Term,
  batch: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
  sizes: Sizes,
): Tensor =>
  ordered(term, [...batch, ...rows, ...columns]).reshape([
    ...shapeOf(batch, sizes),
    sizeOf(rows, sizes),
    sizeOf(columns, sizes),
  ]);

/** The product element by element, where nothing is summed; `columns` are the labels that the left one does not have. */
function multiplied(left: Term, right: Term, columns: readonly string[], sizes: Sizes): Term {
  const labels = [...left.labels, ...columns];
  const order = labels.filter(label => right.labels.includes(label));
  const spread = labels.map(label => (right.labels.includes(label) ? sizes.get(label)! : 1));
  const x = left.x.reshape([...left.x.shape, ...columns.map(() => 1)]);
  return { x: x.mul(ordered(right, order).reshape(spread)), labels };
}
