import { parseHTML } from 'linkedom';

/** A document to build a page in: text put into it is text, whatever it is. */
export const { document } = parseHTML('<!doctype html><html lang="en"><head></head><body></body></html>');

/** A part of a page. */
export type Element = ReturnType<typeof document.createElementNS>;

/** An element with its attributes and what it holds. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (Element | string)[]
): Element {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
