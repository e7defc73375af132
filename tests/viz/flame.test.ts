import { flameGraph, profilePage } from '@tapegrad/viz';
import { ones, profile } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { cellsOf, type Flame, flameOf } from '../../packages/viz/src/flame/tree.ts';
import { tracedStep } from './pages.ts';

const outline = ({ name, children }: Flame, depth = 0): string[] => [
  `${'  '.repeat(depth)}${name}`,
  ...children.flatMap(child => outline(child, depth + 1)),
];

describe('a flame graph', () => {
  test('puts operations under who called them, and gradients under where their operation was called', () => {
    expect(outline(flameOf(tracedStep())).slice(0, 16)).toEqual([
      'all operations',
      '  Perceptron.forward',
      '    Linear.forward',
      '      linear',
      '        permute',
      '        matmul',
      '        add',
      '    tanh',
      '  square',
      '  mean',
      '    sum',
      '    div',
      '  backward',
      '    mean',
      '      gradient of div',
      '        div',
    ]);
  });

  test('is as wide as the time: what was called takes no more than its caller', () => {
    const traced = tracedStep();
    const { total } = traced;
    const root = flameOf(traced);
    expect(root.ms).toBeCloseTo(total.ms, 9);
    expect(root.calls).toBe(total.calls);
    expect(root.flops).toBe(total.flops);
    for (const { left, width } of cellsOf(root, 0)) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThan(1 + 1e-9);
    }
  });

  test('is flat without callers', () => {
    const flat = profile(() => ones([2]).exp().sum());
    expect(outline(flameOf(flat)).sort()).toEqual(['    exp', '    sum', '  forward', 'all operations'].sort());
    expect(profilePage(flat)).toContain('callers are not known');
  });

  test('of nothing is drawn too', () => {
    const nothing = profile(() => {}, { trace: true });
    expect(cellsOf(flameOf(nothing), 0.001).map(({ width }) => width)).toEqual([1]);
    expect(flameGraph(nothing)).not.toMatch(/NaN|Infinity|undefined/);
    expect(profilePage(nothing)).toMatch(/^<!doctype html>/);
  });

  test('is a standalone SVG, and titles are text', () => {
    const svg = flameGraph(tracedStep(), { title: '<script>' });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('>Perceptron.forward: ');
  });

  test('is on a page whose names are text', () => {
    const html = profilePage(tracedStep(), { title: '</title><script>alert(1)</script>' });
    expect(html.match(/<script/g)).toHaveLength(2);
  });
});
