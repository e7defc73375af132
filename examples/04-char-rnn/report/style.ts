import { rampOf } from './bitmap.ts';

/** How wide a character is below the hidden states, in pixels. */
export const cellWidth = 14;

export const style = `
:root { color-scheme: light dark; --paper: #fbfbfd; --sheet: #fff; --ink: #1c2433; --soft: #54617a; --rule: #dde1e9;
  --training: #2f66ad; --held-out: #b8500f; --ramp: ${rampOf('light')}; }
@media (prefers-color-scheme: dark) { :root { --paper: #12151c; --sheet: #1a1f29; --ink: #e8ebf1; --soft: #a3aec2;
  --rule: #303849; --training: #74a9f0; --held-out: #f09a52; --ramp: ${rampOf('dark')}; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.4rem 0 0.5rem; font-size: 1.15rem; }
p { margin: 0.3rem 0 0.8rem; color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.7rem; margin: 1.2rem 0 0; }
.tiles div { padding: 0.6rem 0.9rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 0.6rem; }
.tiles dt { font-size: 0.85rem; color: var(--soft); }
.tiles dd { margin: 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; padding: 0.6rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 0.6rem; }
.wide svg { display: block; min-width: 40rem; height: auto; color: var(--ink); }
:focus-visible { outline: 3px solid var(--training); outline-offset: 1px; }
.key { display: flex; flex-wrap: wrap; gap: 0 1.2rem; margin: 0 0 0.5rem; padding: 0; list-style: none; color: var(--soft); }
.key li::before { content: ""; display: inline-block; width: 1.1rem; height: 0.25rem; margin-right: 0.4rem;
  vertical-align: middle; border-radius: 2px; background: var(--colour); }
.training { --colour: var(--training); } .held-out { --colour: var(--held-out); }
.ramp { display: inline-block; width: 7rem; height: 0.7rem; margin: 0 0.5rem; vertical-align: middle;
  border: 1px solid var(--rule); border-radius: 3px; background: var(--ramp); }
.states img { display: block; image-rendering: pixelated; }
.characters { display: flex; margin-top: 4px; font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; }
.characters span { flex: none; width: ${cellWidth}px; text-align: center; overflow: hidden; }
.characters .blank { color: var(--soft); }
ol.samples { margin: 0; padding: 0; list-style: none; }
details { margin: 0.5rem 0; background: var(--sheet); border: 1px solid var(--rule); border-radius: 0.6rem; }
summary { padding: 0.5rem 0.9rem; cursor: pointer; font-weight: 600; }
summary span { margin-left: 0.8rem; font-weight: 400; color: var(--soft); }
pre { margin: 0; padding: 0 0.9rem 0.8rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 0.9rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre b { color: var(--held-out); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th { width: 14rem; font-weight: 400; color: var(--soft); }
td { font: 0.92rem/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
@media (max-width: 640px) { th { width: 9rem; } h1 { font-size: 1.3rem; } }
`;
