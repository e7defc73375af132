import { graphPage, graphSvg } from '@tapegrad/viz';
import { graph, ones } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { recurrent } from './pages.ts';

const dataOf = (html: string) =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]) as {
    nodes: { title: string; type: string; bytes: number; flops: number | null }[];
    edges: [number, number][];
  };

describe('the page of a graph', () => {
  test('is one file under a policy that lets nothing be loaded and no script run but its own', async () => {
    const html = await graphPage(recurrent(1), { title: 'one step' });
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain(`content="default-src 'none'; script-src 'sha256-`);
    expect(html).not.toMatch(/\s(?:src|href)=|@import|url\(/);
    expect(html).toContain('<title>one step</title>');
  });

  test('knows the shape, the bytes and the cost of every node', async () => {
    const [x, W] = [ones([5, 3]), ones([3, 2], { requiresGrad: true })];
    const { nodes, edges } = dataOf(await graphPage(graph(x.matmul(W).exp(), { names: { x, W } })));
    expect(nodes.map(({ title, type, bytes, flops }) => [title, type, bytes, flops])).toEqual([
      ['W', '[3, 2]', 24, null],
      ['x', '[5, 3]', 60, null],
      ['matmul', '[5, 2]', 40, 60],
      ['exp', '[5, 2]', 40, 10],
    ]);
    expect(edges).toEqual([
      [1, 2],
      [0, 2],
      [2, 3],
    ]);
  });

  test.each([1, 24, 250])('has a box for every node and a line for every edge, over %i steps', async steps => {
    const tape = recurrent(steps);
    const html = await graphPage(tape);
    expect(html.match(/data-node="\d+" role="button"/g)).toHaveLength(tape.nodes.length);
    expect(html.match(/class="edge \w+" data-from="\d+" data-to="\d+"/g)).toHaveLength(tape.edges.length);
    expect(html.includes('Laid out in rows')).toBe(tape.nodes.length > 250);
  });

  test.each([1, 250])('lets names be text alone, over %i steps', async steps => {
    const name = `</script><script>alert(1)</script><img src=x onerror='alert("2")'>`;
    const html = await graphPage(recurrent(steps, name));
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
    expect(dataOf(html).nodes.at(-1)?.title).toBe(`${name} = div`);
  });
});

describe('graphSvg', () => {
  test('is a standalone SVG by Graphviz', async () => {
    const svg = await graphSvg(recurrent(1, '<b> & more'));
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
    expect(svg).toContain('<title>The tape of &lt;b&gt; &amp; more</title>');
    expect(svg).toContain('&lt;b&gt; &amp; more = div');
    expect(svg.match(/class="node"/g)).toHaveLength(recurrent(1).nodes.length);
  });

  test('says of a graph that would take Viz.js long what draws it', async () => {
    await expect(graphSvg(recurrent(3), { mostNodes: 20 })).rejects.toThrow(
      'graphSvg: expected a graph of at most 20 nodes, got 36: Viz.js would take long; graph(…).svg and graphPage draw it, and mostNodes sets another limit',
    );
  });
});
