import type { Profile } from '@tapegrad/autograd';
import { checkProfile } from '../checks.ts';
import { flameClient } from '../client.ts';
import { escape, type PageOptions, page } from '../html.ts';
import { type FlameData, flameOf } from './tree.ts';

const columns = ['op', 'phase', 'calls', 'ms', 'share', 'bytes', 'flops'];

/**
 * A profile as a page in one HTML file that needs no network: a flame graph whose widths are time within operations (click
 * to zoom in, hover or focus for the numbers), and the table of operations, sortable.
 *
 * @example
 * ```ts
 * const html = profilePage(profile(step, { trace: true }), { title: 'one step' });
 * ```
 */
export function profilePage(profile: Profile<unknown>, { title = 'Profile' }: PageOptions = {}): string {
  checkProfile('profilePage', profile);
  const data: FlameData = { root: flameOf(profile), ops: profile.ops };
  return page({ title, body: bodyOf(title, profile), data, client: flameClient });
}

function bodyOf(title: string, { total, elapsed, calls }: Profile<unknown>): string {
  const flat = calls.length === 0 ? ' Made without <code>trace</code>, so callers are not known.' : '';
  const heads = columns.map(
    name => `<th scope="col"><button type="button" data-column="${name}">${name}</button></th>`,
  );
  return `<header class="bar">
<h1>${escape(title)}</h1>
<p>${total.calls.toLocaleString('en')} calls, ${total.ms.toFixed(2)} ms within operations, ${elapsed.toFixed(2)} ms in all.${flat}</p>
</header>
<main class="sheet">
<section aria-labelledby="flames-head">
<div class="row"><h2 id="flames-head">Flame graph</h2>
<ul class="key" aria-label="Legend"><li><span class="swatch forward"></span>forward</li><li><span class="swatch backward"></span>backward</li></ul>
<button id="whole" type="button" hidden>Show all</button></div>
<p class="hint">Widths are time within operations; what was called stands below its caller. Click to zoom in.</p>
<div id="flames" role="group" aria-label="Flame graph. Arrows go from box to box, Enter zooms in, Escape shows all."></div>
<p id="said" role="status" aria-live="polite"></p>
</section>
<section aria-labelledby="table-head">
<h2 id="table-head">Operations</h2>
<div class="wide" role="group" aria-label="Table of operations" tabindex="0"><table id="ops"><thead><tr>${heads.join('')}</tr></thead><tbody></tbody></table></div>
</section>
</main>`;
}
