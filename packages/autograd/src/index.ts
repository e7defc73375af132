// The seam that packages above this one build on: the operations, their records, and who listens to them.
export { flopsOf, type Sized } from './flops.ts';
export { attentionWeights } from './functional/attention.ts';
export * as primitives from './primitives/index.ts';
export * from './public.ts';
export { short } from './short.ts';
export { apply } from './tape/apply.ts';
export { callSite } from './tape/call-site.ts';
export { type Node, tick } from './tape/node.ts';
export { dependOn, isObserved, type Observer, observe, type Redraw, refuseRecording } from './tape/observer.ts';
export type {
  Computed,
  Custom,
  Gradient,
  JointGradient,
  PartialGradient,
  Primitive,
  RowsGradient,
  Viewing,
} from './tape/primitive.ts';
export { reachable } from './tape/walk.ts';
