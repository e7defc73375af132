import { type Graph, type GraphNode, graph } from '@tapegrad/graph';
import { ArgumentError, GradError } from '@tapegrad/tensor';
import { checkpoint, defineOp, manualSeed, nn, noGrad, ones, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

const leaf = (shape: number[]): Tensor => ones(shape, { requiresGrad: true });

/** The nodes as `kind title`, and the edges as `from -> to`. */
const show = ({ nodes, edges }: Graph): { nodes: string[]; edges: string[] } => {
  const title = ({ op, name, value, kind }: GraphNode): string => op ?? name ?? (value === null ? kind : String(value));
  return {
    nodes: nodes.map(node => `${node.kind[0]} ${title(node)} [${node.shape}]${node.isRoot ? ' root' : ''}`),
    edges: edges.map(
      ({ from, to, input, shape }) => `${title(nodes[from])} -> ${title(nodes[to])} ${input} [${shape}]`,
    ),
  };
};

describe('graph', () => {
  test('has leaves, constants that gradients read, operations and the root, each after its inputs', () => {
    const [x, W, b] = [zeros([5, 3]), leaf([3, 2]), leaf([2])];
    const loss = x.matmul(W).add(b).mul(0.5).sum();
    expect(show(graph(loss, { names: { x, W, b } }))).toEqual({
      nodes: [
        'p W [3,2]',
        'p b [2]',
        'c x [5,3]',
        'o matmul [5,2]',
        'o add [5,2]',
        'c 0.5 []',
        'o mul [5,2]',
        'o sum [] root',
      ],
      edges: [
        'x -> matmul 0 [5,3]',
        'W -> matmul 1 [3,2]',
        'matmul -> add 0 [5,2]',
        'b -> add 1 [2]',
        'add -> mul 0 [5,2]',
        '0.5 -> mul 1 []',
        'mul -> sum 0 [5,2]',
      ],
    });
  });

  test('knows what each operation costs, unless the tape has let go of an input that the cost goes by', () => {
    const [x, W] = [zeros([5, 3]), leaf([3, 2])];
    const loss = x
      .matmul(W)
      .add(ones([2]))
      .sum();
    const costs = graph(loss).nodes.flatMap(({ op, flops }) => (op === null ? [] : [[op, flops]]));
    expect(costs).toEqual([
      ['matmul', 60],
      ['add', 10],
      ['sum', 10],
    ]);
    const added = leaf([3]).indexAdd(0, tensor([0, 2], { dtype: 'int32' }), ones([2]));
    expect(graph(added).nodes.at(-1)).toMatchObject({ op: 'indexAdd', flops: null });
  });

  test('is plain data, numbered in its order, that goes through JSON and holds no tensor', () => {
    const { nodes, edges } = graph(
      leaf([2])
        .mul(zeros([2], { dtype: 'float64' }))
        .sum(),
    );
    expect(JSON.parse(JSON.stringify({ nodes, edges }))).toEqual({ nodes, edges });
    expect(nodes.map(({ id }) => id)).toEqual(nodes.map((_, i) => i));
    for (const { from, to } of edges) expect(from).toBeLessThan(to);
    expect(nodes.map(({ dtype }) => dtype)).toContain('float64');
  });

  test('shows one tensor once, however often it is used, and an edge for each use', () => {
    const x = zeros([2]);
    const w = leaf([2]);
    const y = w.mul(x);
    expect(show(graph(y.mul(y).add(w.mul(x)).sum())).nodes).toEqual([
      'p parameter [2]',
      'c constant [2]',
      'o mul [2]',
      'o mul [2]',
      'o mul [2]',
      'o add [2]',
      'o sum [] root',
    ]);
    expect(show(graph(y.mul(y))).edges.slice(-2)).toEqual(['mul -> mul 0 [2]', 'mul -> mul 1 [2]']);
  });

  test('of several tensors shows what all of them were made from, and which they are', () => {
    const w = leaf([2]);
    const [y, z] = [w.exp(), w.sin()];
    expect(show(graph([y, z, y])).nodes).toEqual(['p parameter [2]', 'o exp [2] root', 'o sin [2] root']);
  });

  test('of a leaf is that leaf', () => {
    expect(show(graph(leaf([3])))).toEqual({ nodes: ['p parameter [3] root'], edges: [] });
  });

  test('shows operations of your own by name, and what is checkpointed as one', () => {
    const cube = defineOp({
      name: 'cube',
      forward: (x: Tensor) => x.mul(x).mul(x),
      backward: (g, [x]) => g.mul(x).mul(x).mul(3),
    });
    const w = leaf([2]);
    expect(show(graph(cube(w))).edges).toEqual(['parameter -> cube 0 [2]']);
    expect(show(graph(checkpoint(x => x.exp().sin(), w))).edges).toEqual(['parameter -> checkpoint 0 [2]']);
  });

  test('changes nothing: a backward after it gives the same', () => {
    const w = leaf([2]);
    const loss = w.exp().sum();
    graph(loss).svg;
    loss.backward();
    expect(w.grad!.toArray()).toEqual(w.detach().exp().toArray());
  });
});

describe('names', () => {
  manualSeed(1);
  const model = new nn.Linear(3, 2);
  const x = zeros([1, 3]);
  const namesIn = ({ nodes }: Graph): (string | null)[] => nodes.map(({ name }) => name).filter(name => name !== null);

  test('may be an object, pairs, a map, or a state dict', () => {
    const loss = model.forward(x).sum();
    for (const names of [
      { weight: model.weight, bias: model.bias! },
      model.namedParameters(),
      new Map(model.namedParameters()),
      model.stateDict(),
    ])
      expect(namesIn(graph(loss, { names })).sort()).toEqual(['bias', 'weight']);
  });

  test('may be given to results of operations and to constants too', () => {
    const hidden = model.forward(x);
    const loss = hidden.square().sum();
    expect(namesIn(graph(loss, { names: { x, hidden, loss } })).sort()).toEqual(['hidden', 'loss', 'x']);
    expect(graph(loss, { names: { hidden, loss } }).dot).toContain('label="loss = sum\\n[]"');
  });

  test('for one tensor give the first, and those of others are not used', () => {
    const w = leaf([1]);
    expect(namesIn(graph(w.exp(), { names: { first: w, second: w, other: ones([1]) } }))).toEqual(['first']);
  });
});

describe('errors of graph', () => {
  test('say what was expected and what came', () => {
    expect(() => graph(3 as never)).toThrow(
      new ArgumentError('graph: expected a tensor, or an array of them, got number'),
    );
    expect(() => graph(null as never)).toThrow(
      new ArgumentError('graph: expected a tensor, or an array of them, got null'),
    );
    expect(() => graph([])).toThrow(new ArgumentError('graph: expected at least one tensor, got none'));
    expect(() => graph([leaf([1]), 'x' as never])).toThrow(
      new ArgumentError('graph: expected tensor 1 to be a tensor, got string'),
    );
    expect(() => graph(leaf([1]), { names: 3 as never })).toThrow(
      new ArgumentError('graph: expected names to be an object or pairs, got number'),
    );
    expect(() => graph(leaf([1]), { names: leaf([1]) as never })).toThrow(
      new ArgumentError('graph: expected names to be an object or pairs, got a tensor'),
    );
    expect(() => graph(leaf([1]), { names: { W: 3 as never } })).toThrow(
      new ArgumentError('graph: expected names to hold tensors, got number for W'),
    );
  });

  test('name the tensor that has no history', () => {
    const without = noGrad(() => leaf([2, 3]).exp());
    expect(() => graph(without)).toThrow(GradError);
    expect(() => graph(without)).toThrow(/^graph: the tensor, of shape \[2, 3\], has no history: nothing that/);
    expect(() => graph([leaf([1]), tensor([1])])).toThrow(/^graph: tensor 1, of shape \[1\], has no history/);
  });
});

describe('DOT', () => {
  test('of a small graph is this text', () => {
    const [x, W] = [zeros([5, 3], { dtype: 'float64' }), ones([3, 2], { dtype: 'float64', requiresGrad: true })];
    const loss = x.matmul(W).sum();
    const drawn = graph(loss, { names: { W, loss } });
    expect(drawn.dot).toBe(`digraph tape {
  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11]
  edge [fontname="monospace", fontsize=9]
  n0 [label="W\\n[3, 2] float64", fillcolor="#e2f4e6", color="#2f8a4f"]
  n1 [label="constant\\n[5, 3] float64", fillcolor="#f0f0f3", color="#9393a3"]
  n2 [label="matmul\\n[5, 2] float64", fillcolor="#ffffff", color="#54617a"]
  n3 [label="loss = sum\\n[] float64", fillcolor="#ffedd5", color="#c2640c"]
  n1 -> n2 [label="[5, 3]", color="#9393a3"]
  n0 -> n2 [label="[3, 2]", color="#2f8a4f"]
  n2 -> n3 [label="[5, 2]", color="#54617a"]
}
`);
    expect(`${drawn}`).toBe(drawn.dot);
  });

  test('escapes what Graphviz would read in a label', () => {
    const w = leaf([1]);
    const name = 'a "b" \\N <c> &amp;\nd\0';
    expect(graph(w, { names: { [name]: w } }).dot).toContain('label="a \\"b\\" \\\\N <c> &amp;amp;\\nd\ufffd\\n[1]"');
  });

  test('and the picture are the same for the same program, whatever was done before', () => {
    const draw = (): Graph => {
      const w = leaf([2]);
      return graph(w.exp().mul(w).sum(), { names: { w } });
    };
    const first = draw();
    randn([3], { requiresGrad: true }).exp().sum().backward();
    const second = draw();
    expect(second.dot).toBe(first.dot);
    expect(second.svg).toBe(first.svg);
  });

  test('of 100,000 operations in a row is made without running out of stack', () => {
    let y: Tensor = leaf([1]);
    for (let i = 0; i < 100_000; i++) y = y.neg();
    const lines = graph(y).dot.split('\n');
    expect(lines.filter(line => line.includes('label="neg'))).toHaveLength(100_000);
    expect(lines.filter(line => line.includes('->'))).toHaveLength(100_000);
  });
});
