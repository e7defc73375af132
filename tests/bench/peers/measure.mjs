// What every peer in JavaScript does with its steps: read the data, check, measure, and print JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs the workloads that the command line names on the files of a folder, and prints
 * `{ about, results: { name: { ms, checks } } }`.
 *
 * @param about - the library and its version
 * @param makers - for each name, what makes a step of `{ weights, inputs }`, whose arrays are `{ data, shape }`
 * @param read - the numbers of all that a step gave, as typed arrays
 * @param finish - waits for what a step gave, and frees it
 */
export async function run(about, makers, read, finish) {
  const [folder, ...names] = process.argv.slice(2);
  const results = {};
  for (const name of names.filter(name => name in makers)) {
    try {
      const step = makers[name](readData(join(folder, `${name}.safetensors`)));
      const checks = [];
      for (let i = 0; i < 3; i++) for (const values of await read(await step())) checks.push(mean(values));
      results[name] = { ms: await time(async () => finish(await step())), checks };
    } catch (error) {
      results[name] = { error: String(error.message ?? error).split('\n')[0] };
    }
  }
  console.log(JSON.stringify({ about, results }));
}

/** The median ms of a step: warm for half a second, then five rounds or more. */
async function time(step) {
  const start = performance.now();
  let calls = 0;
  do {
    await step();
    calls++;
  } while (performance.now() < start + 500);
  const batch = Math.max(1, Math.round((calls * 2) / (performance.now() - start)));
  const times = [];
  const begin = performance.now();
  while (times.length < 5 || (times.length < 60 && performance.now() < begin + 2000)) {
    const from = performance.now();
    for (let i = 0; i < batch; i++) await step();
    times.push((performance.now() - from) / batch);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** The version of a package that is installed here. */
export const versionOf = name =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

const mean = values => values.reduce((sum, x) => sum + x, 0) / values.length;

const arrays = { F32: Float32Array, I32: Int32Array };

/** The weights and inputs of a workload, from a safetensors file. */
function readData(path) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  const weights = {};
  const inputs = [];
  for (const [key, { dtype, shape, data_offsets: range }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const [kind, name] = key.split(/:(.*)/);
    const data = new arrays[dtype](Uint8Array.from(bytes.subarray(start + range[0], start + range[1])).buffer);
    if (kind === 'input') inputs[name] = { data, shape };
    else weights[name] = { data, shape };
  }
  return { weights, inputs };
}
