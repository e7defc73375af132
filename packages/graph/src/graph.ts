import { Tensor } from '@tapegrad/autograd';
import { ArgumentError } from '@tapegrad/tensor';
import { toDot } from './dot.ts';
import { type GraphEdge, type GraphNode, type Names, readTape, type Tape } from './read.ts';
import { toSvg } from './svg.ts';

/** Options of `graph`. */
export interface GraphOptions {
  /**
   * What tensors are called, results of operations too: `{ W, b, loss }`, `model.namedParameters()` or
   * `model.stateDict()`.
   */
  readonly names?: Names;
}

/** A tape as a picture. It holds no tensors. */
export class Graph {
  /** The tensors of the tape, each after those that it was made from. */
  readonly nodes: readonly GraphNode[];
  /** What is an input of what. */
  readonly edges: readonly GraphEdge[];
  #svg: string | undefined;

  /** @internal */
  constructor({ nodes, edges }: Tape) {
    this.nodes = nodes;
    this.edges = edges;
  }

  /** The graph in the language of Graphviz. */
  get dot(): string {
    return toDot(this);
  }

  /**
   * The picture, a standalone SVG: inputs above what is made from them, parameters green, constants grey, and what was
   * asked for orange. dtypes are shown where they are not float32. It is readable for some 200 nodes; where boxes and the
   * bends of lines together are more than 5000, rows are left unsorted and lines go straight, through boxes too.
   */
  get svg(): string {
    this.#svg ??= toSvg(this);
    return this.#svg;
  }

  /** The DOT text. */
  toString(): string {
    return this.dot;
  }
}

/**
 * The tape of a tensor, or of several: what they were made from, as far as gradients flow.
 *
 * @throws GradError for a tensor without a history; ArgumentError for something that is no tensor.
 *
 * @example
 * ```ts
 * const { svg, dot } = graph(loss, { names: model.namedParameters() });
 * ```
 */
export function graph(tensors: Tensor | readonly Tensor[], { names }: GraphOptions = {}): Graph {
  const roots: readonly Tensor[] = Array.isArray(tensors) ? tensors : [tensors];
  if (roots.length === 0) throw new ArgumentError('graph: expected at least one tensor, got none');
  roots.forEach((root, i) => {
    if (root instanceof Tensor) return;
    const which = Array.isArray(tensors) ? `tensor ${i} to be a tensor` : 'a tensor, or an array of them';
    throw new ArgumentError(`graph: expected ${which}, got ${root === null ? null : typeof root}`);
  });
  return new Graph(readTape(roots, names));
}
