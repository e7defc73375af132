import type { ProfiledOp } from '@tapegrad/autograd';
import { type Cell, cellsOf, type Flame, type FlameData, labelOf } from '../src/flame/tree.ts';
import { element, find, pageData, short } from './dom.ts';

const { root, ops } = pageData<FlameData>();
const flames = find('#flames');
const said = find('#said');
const whole = find('#whole');

const parents = new Map<Flame, Flame>();
const visit = (flame: Flame): void => {
  for (const child of flame.children) {
    parents.set(child, flame);
    visit(child);
  }
};
visit(root);

const pathTo = (flame: Flame): Flame[] => {
  const parent = parents.get(flame);
  return parent === undefined ? [flame] : [...pathTo(parent), flame];
};

const percent = (ms: number): string => `${root.ms > 0 ? ((100 * ms) / root.ms).toFixed(1) : '0.0'}%`;

const numbersOf = ({ ms, calls, flops, bytes }: Flame): string =>
  `${ms.toFixed(3)} ms, ${percent(ms)}, ${calls.toLocaleString('en')} calls, ${short(bytes)} bytes, ${short(flops)} flop`;

const say = (flame: Flame): void => {
  const path = pathTo(flame).slice(1);
  const name = path.length === 0 ? flame.name : path.map(({ name }) => name).join(' › ');
  said.replaceChildren(element('strong', {}, name), element('br', {}), numbersOf(flame));
};

/** Narrower boxes than this part of what is shown could not be seen. */
const least = 1 / 2000;

/** Shows a box as wide as the page, below those that called it. */
function show(top: Flame): void {
  const above = pathTo(top).slice(0, -1);
  const cells = [
    ...above.map((flame, row) => ({ flame, row, left: 0, width: 1 })),
    ...cellsOf(top, least).map(cell => ({ ...cell, row: cell.row + above.length })),
  ];
  const boxes = cells.map(boxOf);
  flames.replaceChildren(...boxes);
  flames.style.height = `${(1 + Math.max(...cells.map(({ row }) => row))) * 1.65}rem`;
  boxes.forEach((box, i) => {
    box.addEventListener('click', () => zoomTo(cells[i].flame));
    box.addEventListener('focus', () => say(cells[i].flame));
    box.addEventListener('pointerenter', () => say(cells[i].flame));
    box.addEventListener('keydown', event => {
      if (event.key === 'Escape') zoomTo(root);
      const to = neighbour(cells, i, event.key);
      if (to < 0) return;
      event.preventDefault();
      boxes[i].tabIndex = -1;
      boxes[to].tabIndex = 0;
      boxes[to].focus();
    });
  });
  boxes[above.length].tabIndex = 0;
  whole.hidden = top === root;
  say(top);
}

function zoomTo(flame: Flame): void {
  show(flame);
  flames.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
}

function boxOf({ flame, row, left, width }: Cell): HTMLButtonElement {
  const { name, phase, isOp } = flame;
  const label = `${name}, ${numbersOf(flame)}`;
  const kind = `box ${phase}${isOp ? ' op' : ''}`;
  const box = element('button', { type: 'button', class: kind, 'aria-label': label, tabindex: '-1' }, labelOf(flame));
  Object.assign(box.style, { left: `${100 * left}%`, width: `${100 * width}%`, top: `${row * 1.65}rem` });
  return box;
}

/** The box that an arrow leads to, or -1. */
function neighbour(cells: readonly Cell[], i: number, key: string): number {
  const { flame, row, left } = cells[i];
  if (key === 'ArrowUp') return cells.findIndex(cell => cell.flame === parents.get(flame));
  if (key === 'ArrowDown') return cells.findIndex(cell => parents.get(cell.flame) === flame);
  if (key === 'ArrowRight') return cells.findIndex(cell => cell.row === row && cell.left > left);
  if (key === 'ArrowLeft') return cells.findLastIndex(cell => cell.row === row && cell.left < left);
  return -1;
}

// The table.
const heads = [...document.querySelectorAll<HTMLButtonElement>('#ops th button')];
const values: Record<string, (op: ProfiledOp) => string | number> = {
  op: ({ op }) => op,
  phase: ({ phase }) => phase,
  calls: ({ calls }) => calls,
  ms: ({ ms }) => ms,
  share: ({ ms }) => ms,
  bytes: ({ bytes }) => bytes,
  flops: ({ flops }) => flops,
};

function sortBy(column: string, descending: boolean): void {
  const value = values[column];
  const order = (a: ProfiledOp, b: ProfiledOp): number => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
  const sorted = [...ops].sort((a, b) => (descending ? order(b, a) : order(a, b)));
  find('#ops tbody').replaceChildren(...sorted.map(rowOf));
  for (const head of heads) {
    const by = head.dataset.column === column ? (descending ? 'descending' : 'ascending') : 'none';
    head.parentElement?.setAttribute('aria-sort', by);
  }
}

function rowOf({ op, phase, calls, ms, bytes, flops }: ProfiledOp): HTMLTableRowElement {
  const share = element('td', {}, percent(ms));
  share.style.setProperty('--share', percent(ms));
  share.className = `share ${phase}`;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, op),
    element('td', { class: 'text' }, phase),
    element('td', {}, calls.toLocaleString('en')),
    element('td', {}, ms.toFixed(3)),
    share,
    element('td', {}, short(bytes)),
    element('td', {}, short(flops)),
  );
}

for (const head of heads)
  head.addEventListener('click', () => {
    const isText = ['op', 'phase'].includes(head.dataset.column ?? '');
    const now = head.parentElement?.getAttribute('aria-sort');
    sortBy(head.dataset.column ?? 'ms', now === 'none' ? !isText : now === 'ascending');
  });

whole.addEventListener('click', () => zoomTo(root));
sortBy('ms', true);
show(root);
