import { showShape } from '@tapegrad/tensor';
import { coloursOf, titleOf, typeOf } from './label.ts';
import { boxHeight, layOut, type Point } from './layout/layout.ts';
import type { GraphEdge, GraphNode, Tape } from './read.ts';

/** Pixels that a letter takes, and that are left beside a text. */
const letter = { title: 7.25, type: 6.05 };
const padding = 12;
const mostLetters = 40;

/** A tape as a standalone SVG. */
export function toSvg({ nodes, edges }: Tape): string {
  const { width, height, corners, lines } = layOut({ widths: nodes.map(widthOf), lines: edges });
  const size = `${pixels(width)} ${pixels(height)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${pixels(width)}" height="${pixels(height)}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" text-anchor="middle">`,
    `<title>${escape(
      `The tape of ${nodes
        .filter(({ isRoot }) => isRoot)
        .map(titleOf)
        .join(', ')}`,
    )}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    '<g fill="none" stroke-width="1.2">',
    ...edges.map((edge, i) => drawEdge(edge, lines[i], coloursOf(nodes[edge.from]).line)),
    '</g>',
    ...nodes.map((node, i) => drawNode(node, corners[i])),
    '</svg>',
    '',
  ].join('\n');
}

/** A line that is upright within rows and swings from one to the next, with the head of an arrow at its end. */
function drawEdge({ from, to, shape }: GraphEdge, points: readonly Point[], colour: string): string {
  const { x, y } = points.at(-1)!;
  const path = points.map((point, i) => {
    if (i === 0) return `M${at(point)}`;
    const before = points[i - 1];
    if (pixels(before.x) === pixels(point.x))
      return pixels(points[i + 1]?.x ?? Number.NaN) === pixels(point.x) ? '' : `V${pixels(point.y)}`;
    const middle = pixels((before.y + point.y) / 2);
    return `C${pixels(before.x)} ${middle} ${pixels(point.x)} ${middle} ${at(point)}`;
  });
  const head = `M${at({ x: x - 3.5, y: y - 7 })}L${at({ x, y })}L${at({ x: x + 3.5, y: y - 7 })}`;
  return `<path data-from="${from}" data-to="${to}" stroke="${colour}" d="${path.join('')}${head}"><title>${showShape(shape)}</title></path>`;
}

function drawNode(node: GraphNode, { x, y }: Point): string {
  const { fill, line } = coloursOf(node);
  const [title, type] = [titleOf(node), typeOf(node)];
  const width = widthOf(node);
  const middle = pixels(x + width / 2);
  const rounding = node.kind === 'operation' ? 5 : boxHeight / 2;
  return [
    `<g data-node="${node.id}"><title>${escape(`${title} ${type}`)}</title>`,
    `<rect x="${pixels(x)}" y="${pixels(y)}" width="${pixels(width)}" height="${boxHeight}" rx="${rounding}" fill="${fill}" stroke="${line}" stroke-width="${node.isRoot ? 2 : 1.2}"/>`,
    `<text x="${middle}" y="${pixels(y + 16)}" font-size="12" font-weight="600" fill="#1c2433">${escape(shorten(title))}</text>`,
    `<text x="${middle}" y="${pixels(y + 30)}" font-size="10" fill="#54617a">${escape(shorten(type))}</text></g>`,
  ].join('');
}

const widthOf = (node: GraphNode): number =>
  Math.max(lettersOf(shorten(titleOf(node))) * letter.title, lettersOf(shorten(typeOf(node))) * letter.type) +
  2 * padding;

/** How many letters wide a text is: the signs of East Asian scripts, and pictures, take two. */
const lettersOf = (text: string): number =>
  [...text].reduce((sum, sign) => sum + (sign.codePointAt(0)! < 0x1100 ? 1 : 2), 0);

function shorten(text: string): string {
  const signs = [...text];
  return signs.length <= mostLetters ? text : `${signs.slice(0, mostLetters - 1).join('')}…`;
}

const at = ({ x, y }: Point): string => `${pixels(x)} ${pixels(y)}`;

/** To a tenth of a pixel. */
const pixels = (n: number): number => Math.round(n * 10) / 10;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text in XML, which control characters and halves of surrogate pairs may not be part of. */
const escape = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, sign => entities[sign]);
