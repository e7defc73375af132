// A new thread has to be told of TypeScript again.
import { register } from 'tsx/esm/api';

register();
await import('./inside.ts');
