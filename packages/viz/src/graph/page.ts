import type { Graph, GraphNode } from '@tapegrad/graph';
import { bytesPerElement, showShape } from '@tapegrad/tensor';
import { checkGraph } from '../checks.ts';
import { graphClient } from '../client.ts';
import { escape, type PageOptions, page } from '../html.ts';
import type { GraphData, NodeData } from './data.ts';
import { drawingOf, mostNodes } from './draw.ts';

/**
 * The tape as a page to explore, in one HTML file that needs no network: zoom and pan; choose a node to see its shapes,
 * bytes and cost, what it was made from and what uses it; search by name or operation. Graphs of more than 250 nodes are
 * laid out as `graph(…).svg` is, in plain rows, since Viz.js would take minutes.
 *
 * @example
 * ```ts
 * const html = await graphPage(graph(loss, { names: model.namedParameters() }), { title: 'one step' });
 * ```
 */
export async function graphPage(graph: Graph, { title }: PageOptions = {}): Promise<string> {
  checkGraph('graphPage', graph);
  const nodes = graph.nodes.map(dataOf);
  const name = title ?? `The tape of ${nodes.flatMap(node => (node.isRoot ? [node.title] : [])).join(', ')}`;
  const drawing = await drawingOf(graph, nodes);
  const data: GraphData = { nodes, edges: graph.edges.map(({ from, to }) => [from, to]) };
  return page({ title: name, body: bodyOf(name, drawing, nodes), data, client: graphClient });
}

function dataOf(node: GraphNode): NodeData {
  const { id, kind, op, name, value, shape, dtype, flops, isRoot } = node;
  const leaf = value === null ? kind : String(Number(value.toPrecision(6)));
  const title = op === null ? (name ?? leaf) : name === null ? op : `${name} = ${op}`;
  const bytes = bytesPerElement[dtype] * shape.reduce((size, length) => size * length, 1);
  const tone = isRoot ? 'root' : kind;
  return { id, kind, op, name, value, title, type: showShape(shape), dtype, bytes, flops, isRoot, tone };
}

const tones = { parameter: 'parameter', operation: 'operation', constant: 'constant', root: 'asked for' };

function bodyOf(title: string, drawing: string, nodes: readonly NodeData[]): string {
  const sum = nodes.reduce((total, { flops }) => total + (flops ?? 0), 0);
  const legend = Object.entries(tones).map(([tone, says]) => `<li><span class="swatch ${tone}"></span>${says}</li>`);
  const rows =
    nodes.length > mostNodes
      ? ` <span>Laid out in rows: beyond ${mostNodes} nodes Graphviz takes too long.</span>`
      : '';
  return `<main class="explore">
<header class="bar">
<h1>${escape(title)}</h1>
<p>${nodes.length.toLocaleString('en')} nodes, ${sum.toLocaleString('en', { notation: 'compact' })} flop forward.${rows}</p>
<div class="finder"><input id="search" type="search" placeholder="Search a name or an operation" aria-label="Search a name or an operation" autocomplete="off" spellcheck="false"><ul id="results" class="links" aria-label="Found" hidden></ul></div>
</header>
<div id="drawing">
<svg role="group" aria-label="Graph of the tape. Arrows go from node to node, Enter tells of one, plus and minus zoom, 0 shows all."><g id="canvas">${drawing}</g></svg>
<div class="tools" role="group" aria-label="View"><button id="in" type="button" aria-label="Zoom in">+</button><button id="out" type="button" aria-label="Zoom out">−</button><button id="fit" type="button" aria-label="Show all">⤢</button></div>
<ul class="legend" aria-label="Legend">${legend.join('')}</ul>
</div>
<aside id="panel" aria-label="Node" hidden></aside>
<p id="said" role="status" aria-live="polite" class="unseen"></p>
</main>`;
}
