import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const pages = ['graph', 'flame'];

/** What the pages run and look like, as the text of a module: libraries inlined, each script with its hash for the policy. */
export async function bundle(): Promise<string> {
  return `// Made by \`npm run viz:client\` from packages/viz/client.\n${(await Promise.all(pages.map(clientOf))).join('\n')}`;
}

async function clientOf(name: string): Promise<string> {
  const [script, style] = await Promise.all([textOf(`${name}.ts`), textOf(`${name}.css`)]);
  const hash = `sha256-${createHash('sha256').update(script).digest('base64')}`;
  return `/** What the ${name} page runs and looks like. */\nexport const ${name}Client = ${JSON.stringify({ hash, script, style }, null, 2)};\n`;
}

async function textOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, file)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    conditions: ['tapegrad-source'],
    target: ['chrome109', 'firefox115', 'safari16'],
    legalComments: 'none',
  });
  return outputFiles[0].text.trim().replaceAll('</script', '<\\/script');
}
