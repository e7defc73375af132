import { either } from '../../04-char-rnn/run/options.ts';
import type { Settings } from './protocol.ts';
import { names, pageDefaults, settingsFrom } from './settings.ts';
import { texts } from './texts.ts';

/** What a link says: the settings, and the text, by name or in full, if it was short. */
export interface Shared {
  readonly settings: Settings;
  /** The name of a text that the page brings along. */
  readonly textName?: string;
  readonly text?: string;
}

/** Links that are longer are cut off by some programs. */
const longestText = 6000;
/** What a text may unfold to: a few bytes could ask for gigabytes. */
const mostBytes = 200_000;

/** The part of a link after `#`. A text that is too long for a link is left out. */
export async function encodeHash({ settings, textName, text }: Shared): Promise<string> {
  const fields = new URLSearchParams();
  for (const name of names) if (settings[name] !== pageDefaults[name]) fields.set(name, String(settings[name]));
  if (textName !== undefined) fields.set('text', textName);
  else if (text !== undefined) {
    const plain = new URLSearchParams({ plain: text });
    const packed = new URLSearchParams({ packed: toBase64(await deflate(text)) });
    const [shorter] = [plain, packed].sort((a, b) => String(a).length - String(b).length);
    if (String(shorter).length <= longestText) for (const [name, value] of shorter) fields.set(name, value);
  }
  return String(fields);
}

/** Whether a link with this hash says what the text is. */
export const namesText = (hash: string): boolean => {
  const fields = new URLSearchParams(hash);
  return ['text', 'plain', 'packed'].some(name => fields.has(name));
};

/**
 * What a link says, which may come from anywhere.
 *
 * @throws Error when it says what no setting can be, or has a damaged or overlong text.
 */
export async function decodeHash(hash: string): Promise<Shared> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const settings = settingsFrom(name => fields.get(name));
  const textName = fields.get('text') ?? undefined;
  if (textName !== undefined && !Object.hasOwn(texts, textName))
    throw new Error(`text: expected ${either(Object.keys(texts))}, got ${JSON.stringify(textName.slice(0, 40))}`);
  const packed = fields.get('packed');
  const text = packed === null ? (fields.get('plain') ?? undefined) : await inflate(fromBase64(packed));
  return { settings, textName, text };
}

const deflate = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer(),
  );

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  let [text, size] = ['', 0];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      size += value.length;
      if (size > mostBytes) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    throw new Error('text: expected a text that was packed by this page, got a damaged one; the link may be cut off');
  }
  await reader.cancel();
  throw new Error(`text: expected at most ${mostBytes} bytes when unpacked, got more`);
}

const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
  } catch {
    throw new Error('text: expected base64, got something else; the link may be cut off');
  }
}
