import { Tensor, tensor } from '@tapegrad/autograd';
import { ArgumentError, type Shape, sameShape, showShape } from '@tapegrad/tensor';
import { checkLr, type Fixed, type Owner, type ParamGroup, type Settings } from './group.ts';
import { checkDict } from './parameters.ts';

/** Tensors by name: a plain object, which can be saved as it is. */
export type StateDict = { [name: string]: Tensor };

/** What an optimiser remembers of one parameter, such as the running mean of its gradient. */
export type ParamState = { readonly [name: string]: Tensor };

type Option = number | boolean | readonly number[];

const asTensor = (option: Option): Tensor => tensor(option, typeof option === 'boolean' ? {} : { dtype: 'float64' });

/** The number, boolean or numbers that `asTensor` made a tensor of; `like` says which. */
function asOption(value: Tensor, like: Option): Option {
  if (typeof like === 'boolean') return Number(value.item()) !== 0;
  return typeof like === 'number' ? value.item() : Array.from(value.data);
}

const entriesOf = (options: object): [name: string, option: Option][] => Object.entries(options);

/** The numbers of a group's parameters among all. */
const idsOf = (groups: readonly ParamGroup[], g: number): Tensor => {
  const first = groups.slice(0, g).reduce((n, { params }) => n + params.length, 0);
  return tensor(Int32Array.from(groups[g].params, (_, i) => first + i));
};

/** The tensors of a state dict: options by group, with the numbers of the parameters, and states by parameter. */
export function writeState<S extends Settings>(
  groups: readonly ParamGroup<S>[],
  states: readonly ParamState[],
): StateDict {
  const dict: StateDict = {};
  states.forEach((state, i) => {
    for (const [key, value] of Object.entries(state)) dict[`state.${i}.${key}`] = value.detach();
  });
  groups.forEach(({ lrTensor, options }, g) => {
    dict[`paramGroups.${g}.lr`] = lrTensor.detach();
    for (const [key, option] of entriesOf(options)) dict[`paramGroups.${g}.${key}`] = asTensor(option);
    dict[`paramGroups.${g}.params`] = idsOf(groups, g);
  });
  return dict;
}

/** What a state dict says, checked: options by group, states by parameter, and the values that are to be put there. */
interface Loaded<S extends Settings> {
  readonly groups: readonly { readonly lr: number; readonly options: Fixed<S> }[];
  readonly states: readonly ParamState[];
  readonly values: readonly (readonly [target: Tensor, source: Tensor])[];
}

/**
 * Reads a state dict for these groups; nothing is changed. `stateOf` gives the tensors that a parameter's state is to be
 * written to under the options, which the owner has checked.
 */
export function readState<S extends Settings>(
  { name, check }: Pick<Owner<S>, 'name' | 'check'>,
  dict: { readonly [name: string]: Tensor },
  groups: readonly ParamGroup<S>[],
  stateOf: (parameter: Tensor, options: Fixed<S>) => ParamState,
): Loaded<S> {
  checkDict(dict);
  const entries = new Map<string, unknown>(Object.entries(dict));
  const problems: string[] = [];
  const take = (key: string, shape: Shape): Tensor | undefined => {
    const value = entries.get(key);
    if (!entries.delete(key)) problems.push(`missing ${key}`);
    else if (!(value instanceof Tensor)) problems.push(`${key}: expected a tensor, got ${typeof value}`);
    else if (!sameShape(value.shape, shape))
      problems.push(`${key}: expected shape ${showShape(shape)}, got ${showShape(value.shape)}`);
    else return value;
    return undefined;
  };
  const refuse = (): void => {
    if (problems.length > 0)
      throw new ArgumentError(`loadStateDict: the dict does not fit this ${name}: ${problems.join('; ')}`);
  };

  const read = groups.map((group, g) => {
    const at = (key: string): string => `paramGroups.${g}.${key}`;
    const ids = idsOf(groups, g);
    const given = take(at('params'), ids.shape);
    if (given?.data.some((id, i) => id !== ids.data[i]))
      problems.push(`${at('params')}: expected [${ids.data.join(', ')}], got [${given.data.join(', ')}]`);
    const lr = take(at('lr'), [])?.item() ?? 0;
    const options = entriesOf(group.options).map(([key, like]) => {
      const value = take(at(key), asTensor(like).shape);
      return [key, value === undefined ? like : asOption(value, like)];
    });
    return { lr, options: Object.fromEntries(options) as Fixed<S> };
  });
  refuse();
  for (const { lr, options } of read) {
    checkLr(name, lr);
    check(options);
  }

  const states = groups.flatMap(({ params }, g) => params.map(p => stateOf(p, read[g].options)));
  const values: [Tensor, Tensor][] = [];
  states.forEach((state, i) => {
    for (const [key, target] of Object.entries(state)) {
      const source = take(`state.${i}.${key}`, target.shape);
      if (source !== undefined) values.push([target, source]);
    }
  });
  if (entries.size > 0) problems.push(`unexpected ${[...entries.keys()].join(', ')}`);
  refuse();
  return { groups: read, states, values };
}
