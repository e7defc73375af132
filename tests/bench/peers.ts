import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'tapegrad';
import type { Workload } from './models/workload.ts';

/** What a peer says of a workload: ms a step and the means of what the first three steps gave, or why there is none. */
export type PeerResult = { readonly ms: number; readonly checks: number[] } | { readonly error: string };

/** What a peer prints. */
export interface PeerReport {
  /** The library and its version. */
  readonly about: string;
  readonly results: Readonly<Record<string, PeerResult>>;
}

interface Peer {
  readonly name: string;
  readonly script: string;
  /** The Python module that it needs; a script of Node when left out. */
  readonly python?: string;
}

const peers: readonly Peer[] = [
  { name: 'TensorFlow.js', script: 'tfjs.mjs' },
  { name: 'jax-js', script: 'jax.mjs' },
  { name: 'NumPy', script: 'elman.py', python: 'numpy' },
  { name: 'PyTorch', script: 'torch_steps.py', python: 'torch' },
];

const folder = fileURLToPath(new URL('peers/', import.meta.url));

const oneThread = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** Whether `npm ci` was run in the folder of the peers. */
export const areInstalled = (): boolean => existsSync(join(folder, 'node_modules'));

/** Measures the workloads in every peer that runs here, each in a process of its own, one after the other. */
export async function runPeers(
  workloads: Readonly<Record<string, Workload>>,
): Promise<[name: string, report: PeerReport][]> {
  const data = mkdtempSync(join(tmpdir(), 'tapegrad-bench-'));
  try {
    for (const [name, workload] of Object.entries(workloads))
      await io.saveSafetensors(join(data, `${name}.safetensors`), tensorsOf(workload));
    return peers.flatMap(peer => {
      const program = programOf(peer);
      if (program === undefined) return [];
      return [[peer.name, run(program, [join(folder, peer.script), data, ...Object.keys(workloads)])]];
    });
  } finally {
    rmSync(data, { recursive: true });
  }
}

const tensorsOf = ({ inputs, weights }: Workload) =>
  Object.fromEntries([
    ...Object.entries(weights).map(([name, w]) => [`weight:${name}`, w.detach()]),
    ...inputs.map((x, i) => [`input:${i}`, x]),
  ]);

/** What runs a peer's script: the first Python that has its module, or this Node. */
function programOf({ python }: Peer): string | undefined {
  if (python === undefined) return process.execPath;
  return ['python3', '/usr/bin/python3'].find(
    command => spawnSync(command, ['-c', `import ${python}`], { stdio: 'ignore' }).status === 0,
  );
}

function run(program: string, args: readonly string[]): PeerReport {
  const env = { ...process.env, ...oneThread, NODE_OPTIONS: '', PYTHONDONTWRITEBYTECODE: '1' };
  try {
    return JSON.parse(execFileSync(program, args, { encoding: 'utf8', env, stdio: 'pipe', timeout: 600_000 }));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { about: `did not run: ${stderr?.trim().split('\n').at(-1) ?? message}`, results: {} };
  }
}
