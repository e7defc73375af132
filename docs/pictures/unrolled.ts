// The picture of the guide to recurrent networks: the tape of three steps. Run it by `npm run example docs/pictures/unrolled.ts`.
import { writeFileSync } from 'node:fs';
import { graph, manualSeed, randn, type Tensor } from 'tapegrad';

manualSeed(1);
const weight = (shape: number[]): Tensor => randn(shape, { requiresGrad: true });
const [Wxh, Whh, Why] = [weight([4, 3]), weight([3, 3]), weight([3, 4])];

let h: Tensor = Wxh.narrow(0, 1, 1).tanh();
for (const id of [0, 2]) h = Wxh.narrow(0, id, 1).add(h.matmul(Whh)).tanh();

const { svg } = graph(h.matmul(Why), { names: { Wxh, Whh, Why } });
writeFileSync(new URL('unrolled.svg', import.meta.url), svg);
