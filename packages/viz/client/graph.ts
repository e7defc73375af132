import { select } from 'd3-selection';
import { type ZoomTransform, zoom, zoomIdentity, zoomTransform } from 'd3-zoom';
import type { GraphData, NodeData } from '../src/graph/data.ts';
import { element, find, pageData, short } from './dom.ts';

const { nodes, edges } = pageData<GraphData>();
const sources: number[][] = nodes.map(() => []);
const users: number[][] = nodes.map(() => []);
for (const [from, to] of edges) {
  sources[to].push(from);
  if (users[from].at(-1) !== to) users[from].push(to);
}

const drawing = find<SVGSVGElement>('#drawing svg');
const canvas = find<SVGGElement>('#canvas');
const panel = find('#panel');
const boxes: SVGGElement[] = [];
for (const box of drawing.querySelectorAll<SVGGElement>('[data-node]')) boxes[Number(box.dataset.node)] = box;
const lines = [...drawing.querySelectorAll<SVGElement>('[data-from]')];

// Zoom and pan: wheel, pinch and drag are the library's.
const view = select<SVGSVGElement, unknown>(drawing);
const zooming = zoom<SVGSVGElement, unknown>()
  .scaleExtent([0.002, 6])
  .on('zoom', ({ transform }: { transform: ZoomTransform }) => canvas.setAttribute('transform', transform.toString()));
view.call(zooming);

/** The room there is: on a narrow page all that is above the legend. */
function size(): { width: number; height: number } {
  const { width, height } = drawing.getBoundingClientRect();
  const legend = find('.legend').getBoundingClientRect().height;
  return { width, height: width < 640 ? height - legend - 12 : height };
}

/** The scale at which all of the drawing can be seen. */
function fittingScale(): number {
  const { width, height } = size();
  const all = canvas.getBBox();
  return Math.min(1.5, 0.94 * Math.min(width / all.width, height / all.height));
}

/** Where all of the drawing can be seen. */
function fit(): void {
  const { width, height } = size();
  const { x, y, width: w, height: h } = canvas.getBBox();
  const scale = fittingScale();
  const move = zoomIdentity
    .translate(width / 2, height / 2)
    .scale(scale)
    .translate(-x - w / 2, -y - h / 2);
  view.call(zooming.transform, move);
}

/** Readable, with the middle of a box in the middle. */
function centre(box: SVGGElement): void {
  const { width, height } = size();
  const { x: left, y: top, width: w, height: h } = box.getBBox();
  const { x, y } = new DOMPoint(left + w / 2, top + h / 2).matrixTransform(
    canvas.getCTM()!.inverse().multiply(box.getCTM()!),
  );
  const scale = Math.min(2, Math.max(zoomTransform(drawing).k, 0.9));
  view.call(
    zooming.transform,
    zoomIdentity
      .translate(width / 2, height / 2)
      .scale(scale)
      .translate(-x, -y),
  );
}

const by = (factor: number): void => void view.call(zooming.scaleBy, factor);
find('#in').addEventListener('click', () => by(1.4));
find('#out').addEventListener('click', () => by(1 / 1.4));
find('#fit').addEventListener('click', fit);
drawing.addEventListener('keydown', event => {
  const moves: Record<string, () => void> = {
    '+': () => by(1.4),
    '=': () => by(1.4),
    '-': () => by(1 / 1.4),
    '0': fit,
    Escape: close,
  };
  if (event.ctrlKey || event.metaKey || moves[event.key] === undefined) return;
  event.preventDefault();
  moves[event.key]();
});

// Selection: one box can be reached by Tab, the arrows go from box to box.
let current = nodes.findIndex(({ isRoot }) => isRoot);
boxes[current].setAttribute('tabindex', '0');

function focusOn(id: number): void {
  boxes[current].setAttribute('tabindex', '-1');
  current = id;
  boxes[id].setAttribute('tabindex', '0');
  boxes[id].focus({ preventScroll: true });
}

const steps: Record<string, (id: number) => number | undefined> = {
  ArrowUp: id => sources[id][0],
  ArrowDown: id => users[id][0],
  ArrowLeft: id => nodes[id - 1]?.id,
  ArrowRight: id => nodes[id + 1]?.id,
};

boxes.forEach((box, id) => {
  box.addEventListener('click', () => show(id, false));
  box.addEventListener('keydown', event => {
    if (event.key === 'Enter' || event.key === ' ') show(id, false);
    else {
      const next = steps[event.key]?.(id);
      if (next === undefined) return;
      focusOn(next);
      centre(boxes[next]);
    }
    event.preventDefault();
  });
});

/** Shows a node in the panel, its box and its lines marked; `move` brings it to the middle. */
function show(id: number, move: boolean): void {
  unmark();
  for (const line of lines)
    if (line.dataset.from === String(id) || line.dataset.to === String(id)) line.classList.add('near');
  boxes[id].classList.add('selected');
  drawing.classList.add('chosen');
  panel.replaceChildren(...factsOf(nodes[id]));
  panel.hidden = false;
  find('#said').textContent = `${nodes[id].title}, ${nodes[id].type}`;
  focusOn(id);
  if (move || !isInView(boxes[id])) centre(boxes[id]);
}

function unmark(): void {
  for (const old of drawing.querySelectorAll('.selected, .near')) old.classList.remove('selected', 'near');
}

function isInView(box: SVGGElement): boolean {
  const [inner, outer] = [box.getBoundingClientRect(), drawing.getBoundingClientRect()];
  return inner.left > outer.left && inner.right < outer.right && inner.top > outer.top && inner.bottom < outer.bottom;
}

function close(): void {
  unmark();
  drawing.classList.remove('chosen');
  panel.hidden = true;
  boxes[current].focus({ preventScroll: true });
}

function factsOf({ id, title, kind, op, name, type, dtype, bytes, flops, value }: NodeData): HTMLElement[] {
  const facts: [string, string | null][] = [
    ['kind', kind],
    ['operation', op],
    ['name', name],
    ['value', value === null ? null : String(value)],
    ['shape', type],
    ['dtype', dtype],
    ['bytes', short(bytes)],
    ['cost', op === null ? null : flops === null ? 'not known' : `${short(flops)} flop`],
  ];
  const shown = facts.filter((fact): fact is [string, string] => fact[1] !== null);
  const shut = element('button', { type: 'button', class: 'close', 'aria-label': 'close' }, '×');
  shut.addEventListener('click', close);
  return [
    element('header', {}, element('h2', {}, title), shut),
    element('dl', {}, ...shown.flatMap(([key, text]) => [element('dt', {}, key), element('dd', {}, text)])),
    ...linksTo('Inputs', sources[id]),
    ...linksTo('Used by', users[id]),
  ];
}

function linksTo(heading: string, ids: readonly number[]): HTMLElement[] {
  if (ids.length === 0) return [];
  const list = ids.map(id => element('li', {}, linkTo(id)));
  return [element('h3', {}, heading), element('ul', { class: 'links' }, ...list)];
}

function linkTo(id: number): HTMLButtonElement {
  const { title, type, tone } = nodes[id];
  const link = element('button', { type: 'button', class: `node ${tone}` }, title, element('span', {}, type));
  link.addEventListener('click', () => show(id, true));
  return link;
}

// Search by name or operation.
const most = 50;
const search = find<HTMLInputElement>('#search');
const results = find('#results');

function look(): void {
  const wanted = search.value.trim().toLowerCase();
  const found = wanted === '' ? [] : nodes.filter(({ title }) => title.toLowerCase().includes(wanted));
  const lit = new Set(found);
  for (const node of nodes) boxes[node.id].classList.toggle('dim', wanted !== '' && !lit.has(node));
  results.replaceChildren(...found.slice(0, most).map(({ id }) => element('li', {}, linkTo(id))));
  results.hidden = found.length === 0;
  const more = found.length > most ? `, the first ${most} are listed` : '';
  find('#said').textContent = wanted === '' ? '' : `${found.length} found${more}`;
}

search.addEventListener('input', look);
search.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    search.value = '';
    look();
  }
  if (event.key === 'Enter') results.querySelector('button')?.click();
});

/** Too small a drawing tells nothing: a large graph opens at what was asked for. */
const smallest = 0.25;

fit();
if (fittingScale() < smallest) centre(boxes[current]);
