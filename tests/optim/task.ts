// What the optimisers of tests/fixtures/torch/optim.py are given to minimise.
import { optim, type Tensor } from 'tapegrad';
import { leaf } from '../nn/torch.ts';

type Name = 'SGD' | 'Adam' | 'AdamW' | 'NAdam' | 'RMSprop' | 'Adagrad' | 'Adadelta' | 'Lion';

/** Options of any of the optimisers. */
type Options = optim.SGDOptions & optim.NAdamOptions & optim.AdamOptions & optim.RMSpropOptions;

/** Ten steps of an optimiser: the parameters after some of them. */
export interface Trained {
  readonly name: Name;
  readonly options: Options;
  readonly groups: readonly (readonly [ids: number[], options: Options])[] | null;
  readonly history: { readonly [step: number]: readonly number[] };
}

export const parameters = (dtype: 'float32' | 'float64' = 'float64'): Tensor[] =>
  [[2, 3], [3], [2]].map((shape, i) => {
    const p = leaf(shape, i);
    if (dtype === 'float64') return p;
    const cast: Tensor = p.detach().to(dtype);
    cast.requiresGrad = true;
    return cast;
  });

/** The sum of c_i (p² / 2 + sin p); the third parameter takes part at every other step. */
export const lossOf = (params: readonly Tensor[], step: number): Tensor =>
  (step % 2 === 0 ? params : params.slice(0, 2))
    .map((p, i) => {
      const bowl: Tensor = p.mul(p).mul(0.5).add(p.sin());
      return bowl.sum().mul(i + 1);
    })
    .reduce((a, b) => a.add(b));

export const numbersOf = (params: readonly Tensor[]): number[] => params.flatMap(p => Array.from(p.data));

/** An optimiser of that name, with options that may be of another kind than its own. */
export function make(name: Name, given: any, options: object): optim.Optimizer {
  const Kind: new (params: any, options: any) => optim.Optimizer = optim[name];
  return new Kind(given, options);
}

/** The optimiser that a fixture tells of. */
export function makeAsGiven({ name, options, groups }: Trained, params: readonly Tensor[]): optim.Optimizer {
  const given = groups?.map(([ids, own]) => ({ params: ids.map(i => params[i]), ...own })) ?? params;
  return make(name, given, options);
}

/** The steps of training number `from` (from 0) up to, not including, `to`; `after` each of them. */
export function train(
  params: readonly Tensor[],
  optimizer: optim.Optimizer,
  [from, to]: readonly [number, number],
  after: (step: number) => void,
): void {
  for (let i = from; i < to; i++) {
    optimizer.zeroGrad();
    lossOf(params, i).backward();
    optimizer.step();
    after(i + 1);
  }
}

export const about = ({ name, options, groups }: Trained): string =>
  `${name} ${JSON.stringify(options)}${groups === null ? '' : ` with groups ${JSON.stringify(groups)}`}`;

/** Copies of all tensors of a state dict, so that what goes on does not change them. */
export const copied = (dict: optim.StateDict): optim.StateDict =>
  Object.fromEntries(Object.entries(dict).map(([key, value]) => [key, value.clone()]));
