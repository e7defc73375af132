import { flopsOf, type Node, reachable, type Sized, Tensor } from '@tapegrad/autograd';
import { ArgumentError, type DType, GradError, type NdArray, type Shape, showShape } from '@tapegrad/tensor';

/** What tensors are called in a drawing: an object, or pairs as `model.namedParameters()` gives them. */
export type Names = Readonly<Record<string, Tensor>> | Iterable<readonly [name: string, tensor: Tensor]>;

/** One tensor of a tape, by what made it. */
export interface GraphNode {
  /** Its place in `nodes`. */
  readonly id: number;
  /**
   * The result of an operation; a leaf that requires a gradient; or what requires none, and is there because the
   * gradient of an operation reads it. Other inputs that require none are not on the tape.
   */
  readonly kind: 'operation' | 'parameter' | 'constant';
  /** The name of the operation, null for others. */
  readonly op: string | null;
  /** What `names` calls it, or null. */
  readonly name: string | null;
  /** Its shape. */
  readonly shape: Shape;
  /** The type of its elements. */
  readonly dtype: DType;
  /** The number in a constant without dims, null for all else. */
  readonly value: number | null;
  /**
   * The floating-point operations of making it, as `profile` counts them; null for what no operation made, and where the
   * tape has let go of an input that the count goes by.
   */
  readonly flops: number | null;
  /** Whether the graph was asked for of this one. */
  readonly isRoot: boolean;
}

/** That a tensor is an input of an operation. */
export interface GraphEdge {
  /** The id of the input, which is smaller than the operation's. */
  readonly from: number;
  /** The id of the operation. */
  readonly to: number;
  /** Which of the operation's inputs it is, counted from 0. */
  readonly input: number;
  /** The shape of what flows. */
  readonly shape: Shape;
}

/** The tape of some tensors as plain data: nodes in the order in which they were made, each after its inputs. */
export interface Tape {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Reads the tape that the histories of `roots` are. */
export function readTape(roots: readonly Tensor[], names: Names | undefined): Tape {
  const rootNodes = new Set(roots.map(historyOf));
  const nameOf = lookUp(names);
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const ids = new Map<Node<any> | NdArray, number>();
  const add = (key: Node<any> | NdArray, node: Omit<GraphNode, 'id'>): void => {
    ids.set(key, nodes.length);
    nodes.push({ id: nodes.length, ...node });
  };
  const addConstant = ({ value: array }: Tensor): void => {
    const { shape, dtype } = array;
    const value = shape.length === 0 ? array.buffer[array.offset] : null;
    add(array, {
      kind: 'constant',
      op: null,
      name: nameOf(null, array),
      shape,
      dtype,
      value,
      flops: null,
      isRoot: false,
    });
  };
  for (const node of reachable([...rootNodes])) {
    const { op, parents, inputs, shape, dtype, target } = node;
    const sources = parents.map((parent, k) => parent ?? inputs[k]?.value);
    inputs.forEach((input, k) => {
      if (parents[k] === null && !ids.has(input.value)) addConstant(input);
    });
    const kind = op === null ? 'parameter' : 'operation';
    const name = nameOf(node, target?.value ?? null);
    const flops = flopsFor(node, sources);
    add(node, { kind, op: op?.name ?? null, name, shape, dtype, value: null, flops, isRoot: rootNodes.has(node) });
    sources.forEach((source, input) => {
      if (source !== undefined) edges.push({ from: ids.get(source)!, to: ids.get(node)!, input, shape: source.shape });
    });
  }
  return { nodes, edges };
}

function flopsFor({ op, attrs, shape }: Node<any>, sources: readonly ({ readonly shape: Shape } | undefined)[]) {
  if (op === null) return null;
  const flops = flopsOf(op, sources.map(sized), sized({ shape }), attrs);
  return Number.isNaN(flops) ? null : flops;
}

/** What is not known any more has a size that is no number, and so has all that is counted from it. */
const sized = (of: { readonly shape: Shape } | undefined): Sized =>
  of === undefined
    ? { shape: [], size: Number.NaN }
    : { shape: of.shape, size: of.shape.reduce((size, length) => size * length, 1) };

function historyOf(root: Tensor, i: number, { length }: readonly Tensor[]): Node<any> {
  if (root.node !== null) return root.node;
  const which = length === 1 ? 'the tensor' : `tensor ${i}`;
  throw new GradError(
    `graph: ${which}, of shape ${showShape(root.shape)}, has no history: nothing that it was made from requires a gradient (or it was made under noGrad, or by a compiled function)`,
  );
}

/**
 * What a tensor is called: found by its history, or by its array, which it shares with what was detached from it, as the
 * tensors of a state dict are. Where two names are given for one, the first is taken.
 */
function lookUp(names: Names | undefined): (node: Node<any> | null, array: NdArray | null) => string | null {
  const known = new Map<Node<any> | NdArray, string>();
  for (const [name, tensor] of entriesOf(names)) {
    if (!(tensor instanceof Tensor))
      throw new ArgumentError(`graph: expected names to hold tensors, got ${typeof tensor} for ${name}`);
    for (const key of [tensor.node, tensor.value]) if (key !== null && !known.has(key)) known.set(key, name);
  }
  return (node, array) => (node && known.get(node)) ?? (array && known.get(array)) ?? null;
}

function entriesOf(names: Names | undefined): Iterable<readonly [name: string, tensor: Tensor]> {
  if (names === undefined) return [];
  if (typeof names !== 'object' || names === null)
    throw new ArgumentError(
      `graph: expected names to be an object or pairs, got ${names === null ? null : typeof names}`,
    );
  if (names instanceof Tensor) throw new ArgumentError('graph: expected names to be an object or pairs, got a tensor');
  return isIterable(names) ? names : Object.entries(names);
}

const isIterable = (names: Names): names is Iterable<readonly [string, Tensor]> => Symbol.iterator in names;
