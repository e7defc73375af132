const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text in HTML and in XML, which control characters and halves of surrogate pairs may not be part of. */
export const escape = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, sign => entities[sign]);

/** Options of a page, or of a flame graph. */
export interface PageOptions {
  /** What stands in its head, and in the tab of a page. */
  readonly title?: string;
}

/** What a page is made of. */
export interface Page {
  readonly title: string;
  /** What is on it, as HTML. */
  readonly body: string;
  /** What its script reads, as JSON. */
  readonly data: unknown;
  /** What it runs, with the hash of that, and looks like. */
  readonly client: { readonly hash: string; readonly script: string; readonly style: string };
}

/**
 * A page in one file: it loads nothing, and a policy within lets no script run but its own, which is known by its hash.
 */
export const page = ({ title, body, data, client }: Page): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${client.hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escape(title)}</title>`,
    `<style>${client.style}</style>`,
    '</head>',
    '<body>',
    body,
    `<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
    `<script>${client.script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
