import type { Graph } from '../graph/graph.ts';
import { dropDead } from './dead.ts';
import { updateInPlace } from './updates.ts';

/** A change that leaves what a graph computes as it is. */
export type Pass = (graph: Graph) => Graph;

/** All passes in their order, by name. */
export const passes: Readonly<Record<string, Pass>> = { dead: dropDead, updates: updateInPlace };

/** Runs the passes, those that are named in `without` left out. */
export const optimize = (graph: Graph, without: readonly string[] = []): Graph =>
  Object.entries(passes).reduce((before, [name, pass]) => (without.includes(name) ? before : pass(before)), graph);
