import { describe, expect, test } from 'vitest';
import { heatMap } from '../../examples/04-char-rnn/report/bitmap.ts';
import { reportPage } from '../../examples/04-char-rnn/report/page.ts';
import { report } from './char-rnn-report.ts';

describe('the report of a run', () => {
  test('is one file that loads nothing and runs no script', () => {
    const html = reportPage(report());
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'`);
    expect(html).not.toContain('<script');
    expect(html.match(/(?:src|srcset|href)="(?!data:)/g)).toBeNull();
  });

  test('has the curves, the samples, the hidden state and the facts', () => {
    const html = reportPage(report());
    expect(html).not.toMatch(/NaN|undefined/);
    for (const heading of ['Loss', 'Gradients', 'Samples', 'Hidden state', 'The run'])
      expect(html).toContain(`<h2>${heading}</h2>`);
    expect(html.match(/<svg/g)).toHaveLength(2);
    expect(html.match(/<details/g)).toHaveLength(3);
    expect(html.match(/<details open/g)).toHaveLength(1);
    expect(html).toContain('<dd>3.559</dd>');
    expect(html).toContain('clipped to 5');
    expect(html).toContain('<th scope="row">cell</th><td>lstm</td>');
  });

  test('lets what the network read and wrote be text alone', () => {
    const evil = '</pre><script>alert(1)</script><img src=x onerror="alert(2)">';
    const html = reportPage({
      ...report(),
      title: evil,
      samples: [{ step: 10, temperature: 1, prompt: evil, text: evil }],
      hidden: { characters: [...'"><b'], states: [[0], [1], [-1], [0.5]] },
      facts: [[evil, evil]],
    });
    expect(html).not.toMatch(/<script|<img src=x/);
    expect(html.match(/&lt;script&gt;/g)).toHaveLength(6);
    expect(html).toContain('alt="Hidden state over the text: &quot;><b"');
  });

  test('is one without samples, hidden states and held-out losses too', () => {
    const history = [{ step: 1, loss: 2, gradientNorm: 1 }];
    const html = reportPage({ ...report(), history, samples: [], hidden: { characters: [], states: [] } });
    expect(html).not.toMatch(/NaN|undefined|held out|Samples|Hidden state/);
  });

  test('shows of very many samples some, the last among them', () => {
    const samples = Array.from({ length: 1000 }, (_, i) => ({ step: i + 1, temperature: 1, prompt: 'a', text: 'b' }));
    const html = reportPage({ ...report(), samples });
    expect(html.match(/<details/g)).toHaveLength(40);
    expect(html).toContain('Step 1,000');
  });
});

describe('a heat map', () => {
  test('is a bitmap with a byte for every number, rows from above', () => {
    const url = heatMap(
      [
        [-1, 0, 1],
        [2, -2, 0.5],
      ],
      'light',
    );
    const bytes = Buffer.from(url.replace('data:image/bmp;base64,', ''), 'base64');
    expect(bytes.toString('latin1', 0, 2)).toBe('BM');
    expect(bytes.readUInt32LE(2)).toBe(bytes.length);
    expect([bytes.readInt32LE(18), bytes.readInt32LE(22), bytes.readUInt16LE(28)]).toEqual([3, -2, 8]);
    const pixels = bytes.subarray(bytes.readUInt32LE(10));
    expect([...pixels]).toEqual([0, 128, 255, 0, 255, 0, 191, 0]);
    const colour = (i: number) => [...bytes.subarray(54 + 4 * i, 57 + 4 * i)].reverse();
    expect([colour(0), colour(255)]).toEqual([
      [33, 102, 172],
      [190, 86, 14],
    ]);
  });
});
