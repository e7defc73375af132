/** The element of the page with this id. @throws Error when there is none of this kind. */
export function find<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`find: expected a ${kind.name} with id ${id}, got ${found?.tagName ?? 'nothing'}`);
}

/** A new element with a text. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
