/** What the page of a graph knows of a node. */
export interface NodeData {
  readonly id: number;
  readonly kind: string;
  readonly op: string | null;
  readonly name: string | null;
  readonly value: number | null;
  /** The name and the operation. */
  readonly title: string;
  /** The shape, as it is shown. */
  readonly type: string;
  readonly dtype: string;
  readonly bytes: number;
  readonly flops: number | null;
  readonly isRoot: boolean;
  /** What colour it has. */
  readonly tone: string;
}

/** What the page of a graph is made with. */
export interface GraphData {
  readonly nodes: readonly NodeData[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}
