import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const [scripts, style] = [['graph', 'flame'], 'page'];

/** What the pages run and look like, as the text of a module: libraries inlined, each script with its hash for the policy. */
export async function bundle(): Promise<string> {
  const parts = [
    ...(await Promise.all(scripts.map(async name => scriptOf(name, await textOf(`${name}.ts`))))),
    `/** What the pages look like. */\nexport const style = ${JSON.stringify(await textOf(`${style}.css`))};\n`,
  ];
  return `// Made by \`npm run pages\` from packages/viz/client.\n${parts.join('\n')}`;
}

async function textOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, file)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['chrome109', 'firefox115', 'safari16'],
    legalComments: 'none',
  });
  return outputFiles[0].text.trim().replaceAll('</script', '<\\/script');
}

function scriptOf(name: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('base64');
  return `/** What the ${name} page runs. */\nexport const ${name}Script = {\n  hash: 'sha256-${hash}',\n  text: ${JSON.stringify(text)},\n};\n`;
}
