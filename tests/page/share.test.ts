import { describe, expect, test } from 'vitest';
import { pageDefaults } from '../../examples/browser/src/settings.ts';
import { decodeHash, encodeHash } from '../../examples/browser/src/share.ts';

const settings = { ...pageDefaults, cell: 'gru', hidden: 48, lr: 0.0125, seed: 7, temperature: 0 } as const;

describe('a link', () => {
  test('says only what is not as usual', async () => {
    expect(await encodeHash({ settings: pageDefaults })).toBe('');
    expect(await encodeHash({ settings, textName: 'numbers' })).toBe(
      'cell=gru&hidden=48&seed=7&lr=0.0125&temperature=0&text=numbers',
    );
  });

  test('brings back the settings and the text', async () => {
    const short = { settings, textName: undefined, text: 'naïve & 日本 🌍\n' };
    const long = { ...short, text: 'The same line again and again. '.repeat(300) };
    for (const shared of [short, long]) expect(await decodeHash(`#${await encodeHash(shared)}`)).toEqual(shared);
  });

  test('has a text packed where that is shorter, and as it is where not', async () => {
    expect(await encodeHash({ settings: pageDefaults, text: 'a few words' })).toBe('plain=a+few+words');
    const packed = await encodeHash({ settings: pageDefaults, text: 'again '.repeat(500) });
    expect(packed).toMatch(/^packed=[\w-]+$/);
    expect(packed.length).toBeLessThan(80);
  });

  test('leaves out a text that is too long even when packed', async () => {
    let [text, x] = ['', 1];
    while (text.length < 20_000) text += String((x = (x * 48271) % 2147483647));
    expect(await encodeHash({ settings, text })).not.toMatch(/plain|packed/);
  });
});

describe('a link from elsewhere', () => {
  test.each([
    ['cell=cnn', 'cell: expected rnn, lstm or gru, got "cnn"'],
    ['hidden=1e9', 'hidden: expected a whole number from 1 to 4096, got "1e9"'],
    ['lr=NaN', 'lr: expected a number greater than 0, got "NaN"'],
    ['text=constructor', 'text: expected jack, sonnets or numbers, got "constructor"'],
    ['packed=%F0%9F%8C%8D', 'text: expected base64, got something else; the link may be cut off'],
    ['packed=AAAA', 'text: expected a text that was packed by this page, got a damaged one; the link may be cut off'],
  ])('with %s is refused', async (hash, reason) => {
    await expect(decodeHash(hash)).rejects.toThrow(reason);
  });

  test('cannot unfold to more than a text', async () => {
    const zeros = new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = Buffer.from(await new Response(zeros).arrayBuffer());
    await expect(decodeHash(`packed=${bytes.toString('base64url')}`)).rejects.toThrow('at most 200000 bytes');
  });

  test('may hold names that the page does not know', async () => {
    expect((await decodeHash('utm_source=x&hidden=8')).settings).toEqual({ ...pageDefaults, hidden: 8 });
  });
});
