// What each library adds to a page: minified by esbuild, gzipped, in bytes. Run after `npm ci` here and `npm run build` above.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const imports = {
  'tapegrad, all': `import * as all from 'tapegrad'; use(all)`,
  'tapegrad, one tensor': `import { tensor } from 'tapegrad'; use(tensor)`,
  'TensorFlow.js, all': `import * as all from '@tensorflow/tfjs'; use(all)`,
  'TensorFlow.js, one tensor': `import { tensor } from '@tensorflow/tfjs'; use(tensor)`,
  'jax-js, all': `import * as all from '@jax-js/jax'; use(all)`,
  'jax-js, one tensor': `import { numpy } from '@jax-js/jax'; use(numpy.array)`,
};

for (const [name, contents] of Object.entries(imports)) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  console.log(name.padEnd(28), gzipSync(outputFiles[0].contents, { level: 9 }).length);
}
