import { writeFileSync } from 'node:fs';
import { bundle } from './bundle.ts';

writeFileSync(new URL('../src/client.ts', import.meta.url), await bundle());
