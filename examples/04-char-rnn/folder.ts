import { appendFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { reasonOf } from './errors.ts';
import { Failure } from './run/errors.ts';

/** The files of a run. */
export interface Files {
  readonly checkpoint: string;
  readonly previous: string;
  readonly metrics: string;
  readonly curve: string;
  readonly report: string;
  /** A text that came from standard input. */
  readonly text: string;
}

/** Where the files of a run lie in its folder. */
export const filesIn = (folder: string): Files => ({
  checkpoint: join(folder, 'checkpoint.safetensors'),
  previous: join(folder, 'checkpoint.previous.safetensors'),
  metrics: join(folder, 'metrics.jsonl'),
  curve: join(folder, 'loss.svg'),
  report: join(folder, 'report.html'),
  text: join(folder, 'standard-input.txt'),
});

/**
 * Makes the folder, and makes sure before hours are spent that a run can be saved there: `rehearse` writes a file as
 * large as the checkpoint will be, which is taken away again.
 *
 * @throws Failure when the folder cannot be made or written, is full, or holds folders under the names of the files.
 */
export async function prepareFolder(folder: string, rehearse: (path: string) => Promise<void>): Promise<Files> {
  await attempt(`--out ${folder}: expected a folder to write to`, () => mkdir(folder, { recursive: true }));
  const files = filesIn(folder);
  for (const path of Object.values(files))
    if ((await stat(path).catch(() => undefined))?.isDirectory())
      throw new Failure(`--out ${folder}: expected ${path} to be a file, got a folder`);
  const rehearsal = join(folder, '.rehearsal');
  try {
    await rehearse(rehearsal);
  } catch (error) {
    throw new Failure(`--out ${folder}: expected a folder to write to: ${reasonOf(error)}`);
  } finally {
    await rm(rehearsal, { force: true }).catch(() => {});
  }
  return files;
}

/**
 * Keeps the checkpoint of an earlier run, if there is one, beside the one to come; says whether there was. Its report and
 * curve are moved away: they would look like those of the new run.
 */
export async function keepPrevious({ checkpoint, previous, curve, report }: Files): Promise<boolean> {
  for (const path of [curve, report])
    if ((await stat(path).catch(() => undefined)) !== undefined) {
      const { dir, name, ext } = parse(path);
      const to = join(dir, `${name}.previous${ext}`);
      await attempt(`${to}: could not keep the earlier ${basename(path)}`, () => rename(path, to));
    }
  if ((await stat(checkpoint).catch(() => undefined)) === undefined) return false;
  await attempt(`${previous}: could not keep the earlier checkpoint`, () =>
    throughTemporary(previous, temporary => copyFile(checkpoint, temporary)),
  );
  return true;
}

/** Makes `text` the content of a file, in full or not at all. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await attempt(`${path}: could not write it`, () => throughTemporary(path, temporary => writeFile(temporary, text)));
}

/** Adds a line to a file. */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, line);
  } catch (error) {
    throw new Failure(`${path}: could not write it: ${reasonOf(error)}`);
  }
}

async function throughTemporary(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

async function attempt(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new Failure(`${what}: ${reasonOf(error)}`);
  }
}
