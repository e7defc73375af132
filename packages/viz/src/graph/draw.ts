import type { Graph } from '@tapegrad/graph';
import { ArgumentError } from '@tapegrad/tensor';
import { instance } from '@viz-js/viz';
import { checkGraph } from '../checks.ts';
import { escape } from '../html.ts';
import type { NodeData } from './data.ts';

/** From here on Viz.js takes seconds, then minutes: its time grows faster than the square of the nodes. */
export const mostNodes = 250;

let started: ReturnType<typeof instance> | undefined;

/**
 * The picture of a graph as Graphviz lays it out, a standalone SVG. Lines carry no shapes, as every box has its own: with
 * them the layout takes several times as long.
 *
 * @throws ArgumentError for a graph of more than 250 nodes, which `graph(…).svg` draws in a moment; `mostNodes` sets
 * another limit.
 *
 * @example
 * ```ts
 * const svg = await graphSvg(graph(loss, { names: model.namedParameters() }));
 * ```
 */
export async function graphSvg(graph: Graph, options: { readonly mostNodes?: number } = {}): Promise<string> {
  checkGraph('graphSvg', graph);
  const { length } = graph.nodes;
  const most = options.mostNodes ?? mostNodes;
  if (length > most)
    throw new ArgumentError(
      `graphSvg: expected a graph of at most ${most} nodes, got ${length}: Viz.js would take long; graph(…).svg and graphPage draw it, and mostNodes sets another limit`,
    );
  const viz = await (started ??= instance());
  const dot = graph.dot
    .replaceAll('fontname="monospace"', 'fontname="Courier"')
    .replace(/(-> n\d+ \[)label="[^"]*", /g, '$1');
  const svg = viz.renderString(dot, { format: 'svg' });
  const roots = graph.nodes.flatMap(({ isRoot, name, op, kind }) => (isRoot ? [name ?? op ?? kind] : []));
  return svg
    .slice(svg.indexOf('<svg'))
    .replace('<title>tape</title>', () => `<title>${escape(`The tape of ${roots.join(', ')}`)}</title>`)
    .replaceAll('Courier,monospace', 'ui-monospace, Menlo, Consolas, monospace');
}

/** The drawing within a page, as the content of an `svg`: boxes that a script can find and a person can reach. */
export async function drawingOf(graph: Graph, nodes: readonly NodeData[]): Promise<string> {
  const small = nodes.length <= mostNodes;
  const svg = small ? await graphSvg(graph) : graph.svg;
  const content = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'));
  return small ? fromViz(content, nodes) : fromRows(content, nodes);
}

/** Of Graphviz's drawing: without its paper and its comments. */
const fromViz = (content: string, nodes: readonly NodeData[]): string =>
  content
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/<title>[^<]*<\/title>\n<polygon [^>]*\/>/, '')
    .replace(/<g id="node\d+" class="node">\n<title>n(\d+)<\/title>/g, (_, id: string) => boxOf(nodes[Number(id)]))
    .replace(
      /<g id="edge\d+" class="edge">\n<title>n(\d+)&#45;&gt;n(\d+)<\/title>/g,
      (_, from: string, to: string) => `<g ${edgeOf(nodes, from, to)}>`,
    );

/** Of the drawing of `graph(…).svg`. */
const fromRows = (content: string, nodes: readonly NodeData[]): string =>
  content
    .replace(/<title>[\s\S]*?<\/title>\n<rect width="100%" [^>]*\/>/, '')
    .replace(/data-from="(\d+)" data-to="(\d+)"/g, (_, from: string, to: string) => edgeOf(nodes, from, to))
    .replace(/<g data-node="(\d+)"><title>[^<]*<\/title>/g, (_, id: string) => boxOf(nodes[Number(id)]));

const edgeOf = (nodes: readonly NodeData[], from: string, to: string): string =>
  `class="edge ${nodes[Number(from)].tone}" data-from="${from}" data-to="${to}"`;

const boxOf = ({ id, tone, title, type }: NodeData): string =>
  `<g class="node ${tone}" data-node="${id}" role="button" tabindex="-1" aria-label="${escape(`${title}, ${type}`)}"><title>${escape(`${title} ${type}`)}</title>`;
