// npx tsx --conditions=tapegrad-source tests/conformance/main.ts [text] [mode]: the cases whose name, or theme, contains
// the text (all without one), in one mode or in each that there is; what is wrong with them, and how long they took.
import { cases } from './cases/index.ts';
import { check, modes } from './run.ts';

const [text = '', only] = process.argv.slice(2);
const chosen = Object.entries(cases).flatMap(([theme, list]) => list.filter(c => `${theme}: ${c.name}`.includes(text)));

for (const mode of modes.filter(({ name }) => only === undefined || name === only)) {
  const start = performance.now();
  let failed = 0;
  for (const c of chosen) {
    const wrong = checked(() => check(c, mode));
    if (wrong.length === 0) continue;
    failed++;
    console.log(`${mode.name}, ${c.name}\n${wrong.map(line => `  ${line}`).join('\n')}`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${mode.name}: ${chosen.length} cases, ${failed} of them wrong, in ${seconds} s`);
  if (failed > 0) process.exitCode = 1;
}

/** What is wrong with a case; an error that it throws is one line of that. */
function checked(run: () => string[]): string[] {
  try {
    return run();
  } catch (error) {
    return [`${error}`];
  }
}
