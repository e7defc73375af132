export { type Graph, type GraphOptions, graph } from './graph.ts';
export type { GraphEdge, GraphNode, Names } from './read.ts';
