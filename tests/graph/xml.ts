/** An element of XML. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const token = /<\/([\w:-]+)\s*>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** The root of an XML document without declarations; throws where it is not well-formed. */
export function parseXml(source: string): Element {
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (found === null) throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 40)}`);
    const [, closing, opening, attributes, empty, text] = found;
    const inner = open.at(-1)!;
    if (closing !== undefined) {
      if (inner.name !== closing) throw new Error(`</${closing}> closes <${inner.name}>`);
      open.pop();
    } else if (opening !== undefined) {
      const element: Element = { name: opening, attributes: parseAttributes(attributes), children: [], text: '' };
      inner.children.push(element);
      if (empty === '') open.push(element);
    } else inner.text += decode(text);
  }
  if (open.length !== 1 || top.children.length !== 1 || top.text.trim() !== '') throw new Error('expected one root');
  return top.children[0];
}

function parseAttributes(source: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [, name, value] of source.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (name in result) throw new Error(`${name} is there twice`);
    result[name] = decode(value);
  }
  return result;
}

/** Text with its entities; throws at what XML 1.0 does not allow. */
function decode(text: string): string {
  const bad = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|&(?!(?:amp|lt|gt|quot);)/u.exec(text);
  if (bad !== null) throw new Error(`not allowed in XML: ${JSON.stringify(bad[0])}`);
  return text.replace(/&(\w+);/g, (_, name) => entities[name]);
}

/** All elements of a name below another. */
export const elementsOf = (root: Element, name: string): Element[] =>
  root.children.flatMap(child => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);
