import type { TestProject } from 'vitest/node';
import { buildPage } from './page.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the build of the page warned of. */
    pageWarnings: string[];
  }
}

/** Builds the page once for all tests. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('pageWarnings', await buildPage());
}
