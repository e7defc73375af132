// Run by fallback.node.test.ts with TAPEGRAD_WASM=off: prints, as JSON, what runs a compiled training and what comes out.
import { train } from './train.ts';

console.log(JSON.stringify(train({})));
