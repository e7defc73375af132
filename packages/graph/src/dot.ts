import { showShape } from '@tapegrad/tensor';
import { coloursOf, titleOf, typeOf } from './label.ts';
import type { Tape } from './read.ts';

/** A tape in the language of Graphviz. */
export function toDot({ nodes, edges }: Tape): string {
  return [
    'digraph tape {',
    '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11]',
    '  edge [fontname="monospace", fontsize=9]',
    ...nodes.map(node => {
      const { fill, line } = coloursOf(node);
      const label = `${escape(titleOf(node))}\\n${escape(typeOf(node))}`;
      return `  n${node.id} [label="${label}", fillcolor="${fill}", color="${line}"]`;
    }),
    ...edges.map(({ from, to, shape }) => {
      const { line } = coloursOf(nodes[from]);
      return `  n${from} -> n${to} [label="${showShape(shape)}", color="${line}"]`;
    }),
    '}',
    '',
  ].join('\n');
}

/** Text between the quotes of a DOT string, in which Graphviz knows `\n`, `\N` and their like, and HTML's entities. */
const escape = (text: string): string =>
  text
    .replace(/\0/g, '\ufffd')
    .replace(/[\\"]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/\r\n|[\r\n]/g, '\\n');
