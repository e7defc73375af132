import { type Graph, graph } from '@tapegrad/graph';
import fc from 'fast-check';
import { defineOp, nn, ones, randn, type Tensor, tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { largestGrid } from '../../packages/graph/src/layout/grid.ts';
import { layOut } from '../../packages/graph/src/layout/layout.ts';
import { type Element, elementsOf, parseXml } from './xml.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A straight part of a line, or one that swings. */
interface Stroke {
  readonly kind: 'V' | 'C';
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

interface Drawn {
  readonly root: Element;
  readonly boxes: readonly Box[];
  readonly lines: readonly { readonly from: number; readonly to: number; readonly strokes: readonly Stroke[] }[];
}

/** Reads a picture back: boxes by the ids of their nodes, and lines. */
function read(svg: string): Drawn {
  const root = parseXml(svg);
  const boxes: Box[] = [];
  for (const group of elementsOf(root, 'g')) {
    if (!('data-node' in group.attributes)) continue;
    const { x, y, width, height } = elementsOf(group, 'rect')[0].attributes;
    boxes[Number(group.attributes['data-node'])] = { x: +x, y: +y, width: +width, height: +height };
  }
  const lines = elementsOf(root, 'path').map(({ attributes }) => ({
    from: Number(attributes['data-from']),
    to: Number(attributes['data-to']),
    strokes: strokesOf(attributes.d),
  }));
  return { root, boxes, lines };
}

/** The strokes of a path up to the head of the arrow, which begins with its second M. */
function strokesOf(path: string): Stroke[] {
  const [start, ...rest] = path.split(/M/)[1].split(/(?=[VC])/);
  const strokes: Stroke[] = [];
  let [x, y] = start.split(' ').map(Number);
  for (const part of rest) {
    const kind = part[0] as 'V' | 'C';
    const numbers = part.slice(1).split(' ').map(Number);
    const to: [number, number] = kind === 'V' ? [x, numbers[0]] : [numbers[4], numbers[5]];
    strokes.push({ kind, from: [x, y], to });
    [x, y] = to;
  }
  return strokes;
}

/** Checks that boxes keep apart, that each line joins its boxes, and that none goes through another. */
function check({ nodes, edges, svg }: Graph): Drawn {
  const drawn = read(svg);
  const { root, boxes, lines } = drawn;
  const [, , width, height] = root.attributes.viewBox.split(' ').map(Number);
  expect(boxes).toHaveLength(nodes.length);
  expect(lines.map(({ from, to }) => [from, to])).toEqual(edges.map(({ from, to }) => [from, to]));
  boxes.forEach((a, i) => {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
    for (const b of boxes.slice(0, i)) expect(overlap(a, b)).toBe(false);
  });
  for (const { from, to, strokes } of lines) {
    const [source, target] = [boxes[from], boxes[to]];
    expect(strokes[0].from[0]).toBeCloseTo(source.x + source.width / 2, 0);
    expect(strokes[0].from[1]).toBeCloseTo(source.y + source.height, 5);
    const [endX, endY] = strokes.at(-1)!.to;
    expect(endX > target.x && endX < target.x + target.width).toBe(true);
    expect(endY).toBeCloseTo(target.y, 5);
    for (const box of boxes) expect(strokes.some(stroke => passesThrough(stroke, box))).toBe(false);
  }
  return drawn;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** An upright stroke beside a box passes it; one that swings has to stay out of its height. */
function passesThrough({ kind, from, to }: Stroke, { x, y, width, height }: Box): boolean {
  if (to[1] <= y || from[1] >= y + height) return false;
  return kind === 'C' || (from[0] > x && from[0] < x + width);
}

/** The loss of a network with one hidden layer. */
function network(): Graph {
  const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 4));
  const loss = model.forward(randn([5, 8])).crossEntropy(tensor([0, 1, 2, 3, 0], { dtype: 'int32' }));
  return graph(loss, { names: model.namedParameters() });
}

function recurrence(steps: number): Graph {
  const cell = new nn.LSTMCell(4, 8);
  let state: [Tensor, Tensor] = [zeros([2, 8]), zeros([2, 8])];
  for (let t = 0; t < steps; t++) {
    const [h, c] = cell.forward(ones([2, 4]) as Tensor, state);
    state = [h, c];
  }
  return graph(state[0].sum(), { names: cell.namedParameters() });
}

describe('SVG', () => {
  test('of a network says what is in it', () => {
    const { root, boxes } = check(network());
    expect(root.name).toBe('svg');
    expect(root.attributes.xmlns).toBe('http://www.w3.org/2000/svg');
    expect(root.children[0].text).toBe('The tape of sub');
    const texts = elementsOf(root, 'text').map(({ text }) => text);
    for (const text of ['0.weight', '[16, 8]', '2.bias', 'matmul', 'tanh', 'logSoftmax', '[5, 1] int32'])
      expect(texts).toContain(text);
    expect(texts).toHaveLength(2 * boxes.length);
  });

  test('of a recurrence of 3 and of 10 steps keeps lines out of boxes', () => {
    check(recurrence(3));
    const long = recurrence(10);
    expect(long.nodes.length).toBeGreaterThan(200);
    check(long);
  });

  test('of one leaf is one box', () => {
    const { boxes, lines } = check(graph(ones([2], { requiresGrad: true })));
    expect([boxes.length, lines.length]).toEqual([1, 0]);
  });

  test('has room for the text in every box', () => {
    const name = 'a name of more than forty letters, which is cut at forty';
    const w = ones([2], { requiresGrad: true });
    const { root, boxes } = check(graph([w.exp(), w], { names: { [name]: w } }));
    const texts = elementsOf(root, 'text').map(({ text }) => text);
    const shown = texts.find(text => text.startsWith('a name'))!;
    expect(shown).toBe('a name of more than forty letters, whic…');
    expect(elementsOf(root, 'title').map(({ text }) => text)).toContain(`${name} [2]`);
    expect(boxes[0].width).toBeGreaterThan(shown.length * 7.2);
    const wide = check(graph(w, { names: { 東京東京東京: w } })).boxes[0].width;
    expect(wide).toBeGreaterThan(6 * 12);
  });

  test('escapes what is not allowed in XML', () => {
    const name = '<a> & "b" \u0001 \ud800 \u{1f600}';
    const odd = defineOp({ name, forward: (x: Tensor) => x.clone(), backward: g => g });
    const { root } = check(graph(odd(ones([1], { requiresGrad: true }))));
    expect(elementsOf(root, 'text').map(({ text }) => text)).toContain('<a> & "b" \ufffd \ufffd \u{1f600}');
  });

  test('puts every input above what is made from it, and a leaf just above its first use', () => {
    const drawn = recurrence(4);
    const { boxes } = check(drawn);
    const below = drawn.nodes.map(() => Number.POSITIVE_INFINITY);
    for (const { from, to } of drawn.edges) {
      expect(boxes[from].y + boxes[from].height).toBeLessThan(boxes[to].y);
      below[from] = Math.min(below[from], boxes[to].y);
    }
    const rows = [...new Set(boxes.map(({ y }) => y))].sort((a, b) => a - b);
    drawn.nodes.forEach(({ isRoot }, i) => {
      if (!isRoot) expect(rows.indexOf(below[i]) - rows.indexOf(boxes[i].y)).toBe(1);
    });
  });

  test('draws a chain as a straight column', () => {
    let y: Tensor = ones([1], { requiresGrad: true });
    for (let i = 0; i < 20; i++) y = y.neg();
    const { boxes } = check(graph(y));
    const middles = boxes.map(({ x, width }) => x + width / 2);
    for (const middle of middles) expect(middle).toBeCloseTo(middles[0], 0);
  });

  test('of whatever graph keeps boxes apart, lines out of them, and joins what belongs together', () => {
    const inputs = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 4 }), (choices, leaves) => {
        const made: Tensor[] = Array.from({ length: leaves }, () => ones([2], { requiresGrad: true }));
        for (const [a, b, isBinary] of choices) {
          const [x, y] = [made[a % made.length], made[b % made.length]];
          made.push(isBinary ? x.add(y) : x.neg());
        }
        check(graph(made.slice(-2)));
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('the layout', () => {
  const crossings = ({ lines }: ReturnType<typeof layOut>): number => {
    let count = 0;
    lines.forEach((a, i) => {
      for (const b of lines.slice(0, i)) if (a[0].y === b[0].y && (a[0].x - b[0].x) * (a[1].x - b[1].x) < 0) count++;
    });
    return count;
  };

  test('draws trees without crossings', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), parents => {
        const count = parents.length + 1;
        // Box i leads to a later one; the last one is the root.
        const lines = parents.map((choice, i) => ({ from: i, to: i + 1 + (choice % (count - 1 - i)) }));
        expect(crossings(layOut({ widths: lines.map(() => 50).concat(50), lines }))).toBe(0);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  test('uncrosses lines that need not cross', () => {
    // Six pairs, numbered so that the rows are in opposite orders.
    const lines = Array.from({ length: 6 }, (_, i) => ({ from: i, to: 11 - i }));
    const joined = [...lines, ...lines.slice(1).map(({ from, to }) => ({ from, to: to + 1 }))];
    expect(crossings(layOut({ widths: new Array(12).fill(40), lines: joined }))).toBe(0);
  });

  test('lets lines that leave one box share a trunk', () => {
    // 0 leads to every one of the chain 1, 2, …, 7.
    const lines = Array.from({ length: 7 }, (_, i) => ({ from: 0, to: i + 1 }));
    const chain = Array.from({ length: 6 }, (_, i) => ({ from: i + 1, to: i + 2 }));
    const { lines: drawn } = layOut({ widths: new Array(8).fill(40), lines: [...lines, ...chain] });
    const [longest] = drawn.slice(6);
    for (const line of drawn.slice(0, 6)) expect(longest.slice(0, line.length - 1)).toEqual(line.slice(0, -1));
    expect(new Set(longest.slice(1, -1).map(({ x }) => Math.round(x))).size).toBe(1);
  });

  test('goes without bends where there would be too many, and still keeps boxes apart', () => {
    const count = 200;
    const chain = Array.from({ length: count - 1 }, (_, i) => ({ from: i, to: i + 1 }));
    const skips = Array.from({ length: count - 1 }, (_, i) => ({ from: i, to: count - 1 }));
    const { lines, corners } = layOut({ widths: new Array(count).fill(40), lines: [...chain, ...skips] });
    expect((count * count) / 2).toBeGreaterThan(largestGrid);
    for (const line of lines) expect(line).toHaveLength(2);
    expect(new Set(corners.map(({ y }) => y)).size).toBe(count);
    const fewer = layOut({ widths: new Array(count).fill(40), lines: [...chain, ...skips.slice(0, 10)] });
    expect(fewer.lines[count - 1].length).toBe(2 + 2 * (count - 2));
  });

  test('of 10,000 operations of a recurrence is made, in rows', () => {
    const drawn = recurrence(480);
    expect(drawn.nodes.length).toBeGreaterThan(10_000);
    const { boxes, lines } = read(drawn.svg);
    expect(lines).toHaveLength(drawn.edges.length);
    for (const { from, to } of drawn.edges) expect(boxes[from].y).toBeLessThan(boxes[to].y);
    const rows = rowsOf(boxes);
    for (const row of rows)
      row.forEach((box, i) => {
        if (i > 0) expect(box.x).toBeGreaterThan(row[i - 1].x + row[i - 1].width);
      });
  });
});

/** The boxes of each row, from the left. */
function rowsOf(boxes: readonly Box[]): Box[][] {
  const rows = new Map<number, Box[]>();
  for (const box of boxes) {
    if (rows.has(box.y)) rows.get(box.y)!.push(box);
    else rows.set(box.y, [box]);
  }
  return [...rows.values()].map(row => row.sort((a, b) => a.x - b.x));
}
