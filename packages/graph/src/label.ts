import { type DType, type Shape, showShape } from '@tapegrad/tensor';
import type { GraphNode } from './read.ts';

/** What a node is called: `loss = mean`, `matmul`, `weight`, `0.5`. */
export function titleOf({ kind, op, name, value }: GraphNode): string {
  if (op !== null) return name === null ? op : `${name} = ${op}`;
  return name ?? (value === null ? kind : String(Number(value.toPrecision(6))));
}

/** A shape, and the dtype where it is not the usual one. */
export const typeOf = ({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): string =>
  dtype === 'float32' ? showShape(shape) : `${showShape(shape)} ${dtype}`;

/** The colours of a node: of its box, and of its border and the lines that go out from it. */
export interface Colours {
  readonly fill: string;
  readonly line: string;
}

const colours: Readonly<Record<GraphNode['kind'] | 'root', Colours>> = {
  operation: { fill: '#ffffff', line: '#54617a' },
  parameter: { fill: '#e2f4e6', line: '#2f8a4f' },
  constant: { fill: '#f0f0f3', line: '#9393a3' },
  root: { fill: '#ffedd5', line: '#c2640c' },
};

export const coloursOf = ({ kind, isRoot }: GraphNode): Colours => colours[isRoot ? 'root' : kind];
