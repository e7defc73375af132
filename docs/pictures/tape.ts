// Draws docs/pictures/tape.svg, the tape of the chain rule that docs/guides/autograd.md works by hand:
//
//     npm run example docs/pictures/tape.ts

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { graph, tensor } from 'tapegrad';

const x = tensor([1, 3]);
const t = tensor([4, 5]);
const w = tensor(2, { requiresGrad: true });
const b = tensor(1, { requiresGrad: true });
const m = x.mul(w);
const p = m.add(b);
const r = p.sub(t);
const loss = r.square().sum();

const { svg } = graph(loss, { names: { x, w, b, m, p, r, loss } });
writeFileSync(fileURLToPath(new URL('tape.svg', import.meta.url)), svg);
