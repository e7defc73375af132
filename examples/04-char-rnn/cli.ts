#!/usr/bin/env node
import { installed } from './calling.ts';
import { program } from './program.ts';

const thread = new URL('./thread/entry.js', import.meta.url);
await program(process.argv.slice(2), { calling: installed(process.env), thread });
