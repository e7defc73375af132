// The built packages as a TypeScript program sees them: their declarations, without the sources. Run after `npm run build`:
// npx tsc --ignoreConfig --noEmit --strict --module nodenext --target es2022 --skipLibCheck false tests/consumer.ts
import { grad, nn, type Tensor, zeros } from 'tapegrad';

const x: Tensor<[14, 4]> = zeros([14, 3]).matmul(zeros([3, 4]));
const y: Tensor<[14, 8]> = new nn.Linear(4, 8).forward(x);
export const dx: Tensor<[14, 4]> = grad(y.sum(), x);
// @ts-expect-error inner dimensions differ
x.matmul(x);
