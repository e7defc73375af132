import type { Profile } from '@tapegrad/autograd';
import type { Graph } from '@tapegrad/graph';
import { ArgumentError } from '@tapegrad/tensor';

const kindOf = (value: unknown): string =>
  typeof value === 'object' ? (value?.constructor?.name ?? String(value)) : typeof value;

/** Throws for what `graph` did not give, such as the tensor it is asked about. */
export function checkGraph(fn: string, graph: Graph): void {
  if (!Array.isArray(graph?.nodes))
    throw new ArgumentError(`${fn}: expected a graph, as graph(loss) gives, got ${kindOf(graph)}`);
}

/** Throws for what `profile` did not give, such as the function that is to be measured. */
export function checkProfile(fn: string, profile: Profile<unknown>): void {
  if (!Array.isArray(profile?.calls))
    throw new ArgumentError(`${fn}: expected a profile, as profile(step) gives, got ${kindOf(profile)}`);
}
