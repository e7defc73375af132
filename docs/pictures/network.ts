// Draws docs/pictures/network.svg, the tape of a small network's loss, for docs/guides/looking-inside.md:
//
//     npm run example docs/pictures/network.ts

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { graph, manualSeed, nn, randn } from 'tapegrad';

manualSeed(1);
const model = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1));
const loss = model.forward(randn([16, 3])).mseLoss(randn([16, 1]));

const { svg } = graph(loss, { names: [...model.namedParameters(), ['loss', loss]] });
writeFileSync(fileURLToPath(new URL('network.svg', import.meta.url)), svg);
