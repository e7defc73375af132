import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The absolute paths of the `.ts` files in a folder below the repository's root. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.ts'))
    .map(name => join(root, folder, name));

/** The errors of each file, by line number, under the options of the root `tsconfig.json`. */
export function compile(files: readonly string[]): Map<string, Map<number, string>> {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true, noUnusedLocals: false, noErrorTruncation: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: problem => fail(problem) },
  );
  const program = ts.createProgram(files, config!.options);
  const errors = new Map<string, Map<number, string>>(files.map(file => [file, new Map()]));
  for (const file of files) {
    const source = program.getSourceFile(file)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    for (const problem of found) {
      const line = source.getLineAndCharacterOfPosition(problem.start!).line + 1;
      const lines = errors.get(file)!;
      const text = ts.flattenDiagnosticMessageText(problem.messageText, '\n');
      lines.set(line, lines.has(line) ? `${lines.get(line)}\n${text}` : text);
    }
  }
  return errors;
}

/** What the lines of a file say that their error must contain, after `//~`, by line number. */
export function claimsOf(file: string): Map<number, string> {
  const claims = new Map<number, string>();
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((text, i) => {
      const at = text.indexOf('//~ ');
      if (at >= 0) claims.set(i + 1, text.slice(at + 4).trim());
    });
  return claims;
}

function fail(problem: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
}
