import { npmStart } from './calling.ts';
import { program } from './program.ts';

await program(process.argv.slice(2), { calling: npmStart, thread: new URL('./thread/entry.js', import.meta.url) });
