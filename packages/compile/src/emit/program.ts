import { type Callable, type Code, call, ModuleBuilder } from '@tapegrad/wasm';
import type { Operation } from '../graph/graph.ts';
import { loweringOf } from '../lower/kinds.ts';
import type { Kernel } from '../passes/fuse.ts';
import { type Access, type Group, type Source, sameAccess } from '../passes/group.ts';
import type { Phases } from '../passes/phases.ts';
import { kernelOf } from '../run/interpret.ts';
import type { Storage } from '../run/storage.ts';
import { addressOf, callWith } from './call.ts';
import { buffersOf, constantOf, emitLoop } from './loop.ts';
import { Picks } from './pick.ts';
import { Products } from './products.ts';
import { type Imported, importedFunctions, scalarCode } from './scalar.ts';

/** A program as a module, with the kernels in JavaScript that it calls by their numbers. */
export interface Emitted {
  readonly module: ModuleBuilder;
  readonly called: readonly (() => void)[];
  /** The operations that may meet an id that lies outside, by the number that the module reports them with. */
  readonly refusals: readonly Operation[];
}

export interface EmitOptions {
  readonly fma: boolean;
  readonly wide: boolean;
  readonly memory: ArrayBufferLike;
  /** Where in the memory the kernels for matrices may work, and where the addresses of summed products go. */
  readonly scratch: number;
  readonly tables: number;
}

/** So many steps go into one function: engines compile short ones faster. */
const stepsInFunction = 256;

/** Writes the module that runs the kernels one after the other; `phases` are those of the groups. */
export function emitProgram(
  kernels: readonly Kernel[],
  phases: ReadonlyMap<Group, Phases>,
  storage: Storage,
  options: EmitOptions,
): Emitted {
  const m = new ModuleBuilder();
  const outside = m.import('javascript', ['i32']);
  const refuse = m.import('refuse', ['i32', 'i32']);
  const imported = importFunctions(m);
  const called: (() => void)[] = [];
  const functions = new Map<string, Callable>();
  const products = new Products(m, storage, options);
  const picks = new Picks(m, storage, refuse);
  const refusals: Operation[] = [];
  const pick = (operation: Operation, way: 'pick' | 'put' | 'putAdd'): Code | undefined =>
    picks.code(operation, way, refusals.push(operation) - 1);

  const callOutside = (operation: Operation): Code => {
    called.push(kernelOf(operation, storage));
    return callWith(outside, called.length - 1);
  };

  const ownCode = (operation: Operation): Code | undefined => {
    switch (loweringOf(operation).as) {
      case 'products':
        return products.code(operation);
      case 'pack':
        return products.pack(operation);
      case 'packedProduct':
        return products.packed(operation);
      case 'pick':
        return pick(operation, 'pick');
      case 'put':
        return pick(operation, 'put');
      case 'putAdd':
        return pick(operation, 'putAdd');
      case 'nothing':
        return [];
      default:
        return scalarCode(operation, storage, imported);
    }
  };

  const callLoop = (group: Group): Code => {
    const phasesOfGroup = phases.get(group)!;
    const accesses = buffersOf(group, phasesOfGroup);
    const key = keyOf(group, phasesOfGroup, accesses);
    let known = functions.get(key);
    if (known === undefined) {
      known = emitLoop(m, group, phasesOfGroup, options.fma);
      functions.set(key, known);
    }
    return callWith(known, ...accesses.map(access => addressOf(storage, access)));
  };

  const steps = kernels.map(kernel => {
    if (kernel.kind === 'group') return callLoop(kernel.group);
    return ownCode(kernel.operation) ?? callOutside(kernel.operation);
  });

  const parts: Callable[] = [];
  for (let i = 0; i < steps.length; i += stepsInFunction)
    parts.push(m.function(null, [], [], () => steps.slice(i, i + stepsInFunction)));
  m.function('run', [], [], () => parts.map(part => call(part)));
  return { module: m, called, refusals };
}

const importFunctions = (m: ModuleBuilder): Imported => {
  const names = Object.keys(importedFunctions) as (keyof Imported)[];
  const entries = names.map(name => [name, m.import(name, ['f64'], ['f64'])]);
  return Object.fromEntries(entries) as Imported;
};

/** All that the code of a group depends on: groups that only differ in where their buffers lie share it. */
function keyOf(group: Group, { stored }: Phases, accesses: readonly Access[]): string {
  const sourceKey = (source: Source): string => {
    if (source.from === 'member') return `m${source.index}`;
    const constant = constantOf(source.access);
    if (constant !== undefined) return `${source.access.value.dtype} ${Object.is(constant, -0) ? '-0' : constant}`;
    return `a${accesses.findIndex(access => sameAccess(access, source.access))}`;
  };
  const members = group.members.map(({ operation, role, sources, output }, i) =>
    [
      operation.op.name,
      role,
      ...operation.inputs.map(({ value }) => value.dtype),
      output.value.dtype,
      output.value.size,
      output.strides.join(),
      stored.has(i),
      ...sources.map(sourceKey),
    ].join(' '),
  );
  const buffers = accesses.map(({ value, strides }) => `${value.dtype} ${strides.join()}`);
  return [group.shape.join(), group.inner, ...members, ...buffers].join('; ');
}
