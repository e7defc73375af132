import { short as shorten } from '@tapegrad/autograd';

/** The one element that a selector finds. */
export function find<E extends Element = HTMLElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (element === null) throw new Error(`expected an element ${selector} on the page`);
  return element;
}

/** An element with what it holds, all text as text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The data that the page was made with. */
export const pageData = <Data>(): Data => JSON.parse(find('#data').textContent ?? '');

/** Three digits and a prefix: 1.23 M. */
export const short = (n: number): string => shorten(n, ' ');
