/** Deep enough to reach the caller through modules within modules. */
const framesOfInterest = 100;

/** The innermost line of the stack that is neither the library's own nor the engine's (`at JSON.stringify (<anonymous>)`). */
export function callSite(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = framesOfInterest;
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = before;
  const own = libraryOf(lines[0] ?? '');
  const outside = lines.find(line => libraryOf(line) !== own && !/node:|\(<anonymous>\)/.test(line));
  return (outside ?? lines.at(-1) ?? 'from somewhere').trim();
}

/** The folder of the packages, the one above the folder above src/ or dist/, that a stack line lies in. */
const libraryOf = (line: string): string =>
  line.match(/([^\s(]*)[/\\][^/\\]+[/\\](?:src|dist)[/\\]/)?.[1] ?? `outside: ${line}`;
