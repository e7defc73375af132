/** A name that the contract has, where it stands, and whether it is for later. */
export interface Named {
  readonly name: string;
  /** The heading that it stands under. */
  readonly section: string;
  /** The text that leads to it, from the beginning of the paragraph or point. */
  readonly point: string;
  readonly later: boolean;
}

/** What is written as code without being a name: arguments, literals, types. */
const words = new Set(
  (
    'dim true false null undefined import from tapegrad fn x g model loss values indices instanceof new ' +
    'float32 float64 int32 bool a b'
  ).split(' '),
);

/** Code without what stands between parentheses, braces, brackets, quotes and angle brackets. */
function bare(code: string): string {
  let text = code.replace(/\.\{([^}]*)\}/, ' $1 '); // `optim.schedule.{StepLR MultiStepLR}` are names.
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\([^()]*\)|\{[^{}]*\}|\[[^[\]]*\]|'[^']*'|<[^<>]*>/g, ' ');
  }
  return text;
}

/** The names in the code of the contract, as `tests/fixtures/API.md` is written. */
export function namesIn(markdown: string): Named[] {
  const found: Named[] = [];
  for (const part of markdown.split(/^## /m).slice(1)) {
    const [section, ...lines] = part.split('\n');
    // Points and paragraphs.
    for (const point of lines.join('\n').split(/\n(?=- )|\n\n/))
      for (const { 0: span, 1: code, index } of point.matchAll(/`([^`]+)`/g)) {
        const later = /^\s*\*\(later\)\*/.test(point.slice(index + span.length));
        for (const [name] of bare(code).matchAll(/[A-Za-z_]\w*/g))
          if (!words.has(name)) found.push({ name, section: section.trim(), point, later });
      }
  }
  return found;
}
