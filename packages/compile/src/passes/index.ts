import type { Graph } from '../graph/graph.ts';
import { shareCommon } from './common.ts';
import { foldConstants } from './constants.ts';
import { readThroughCopies } from './copies.ts';
import { dropDead } from './dead.ts';
import { joinProducts, transposeProducts } from './products.ts';
import { updateInPlace } from './updates.ts';

/** A change that leaves what a graph computes as it is. */
export type Pass = (graph: Graph) => Graph;

/** All passes in their order, by name. */
export const passes = {
  constants: foldConstants,
  common: shareCommon,
  copies: readThroughCopies,
  products: joinProducts,
  transposes: transposeProducts,
  dead: dropDead,
  updates: updateInPlace,
} satisfies Record<string, Pass>;

/** Runs the passes, those that are named in `without` left out. */
export const optimize = (graph: Graph, without: readonly string[] = (process.env.WITHOUT ?? '').split(',')): Graph =>
  Object.entries(passes).reduce((before, [name, pass]) => (without.includes(name) ? before : pass(before)), graph);
