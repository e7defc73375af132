import type { Graph } from '../graph/graph.ts';
import { shareCommon } from './common.ts';
import { foldConstants } from './constants.ts';
import { readThroughCopies } from './copies.ts';
import { dropDead } from './dead.ts';
import { expand } from './expand.ts';
import { packShared } from './pack.ts';
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
  expand,
  dead: dropDead,
  updates: updateInPlace,
  pack: packShared,
} satisfies Record<string, Pass>;

/** What the compiler can be told to leave out: a pass, or the putting of operations into common loops. */
export type PassName = keyof typeof passes | 'fuse';

export const passNames = [...Object.keys(passes), 'fuse'] as readonly PassName[];

/** Passes that make work for the kernels in WebAssembly, and for which those in JavaScript would only be slower. */
export const forWasm: readonly PassName[] = ['expand', 'pack'];

/** Runs the passes, those that are named in `without` left out. */
export const optimize = (graph: Graph, without: readonly PassName[] = []): Graph =>
  Object.entries(passes).reduce(
    (before, [name, pass]) => (without.includes(name as PassName) ? before : pass(before)),
    graph,
  );
