import { existsSync, readFileSync } from 'node:fs';
import * as tapegrad from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { namesIn } from './names.ts';

// tests/fixtures/API.md is the contract: what programs and tests from outside are written against. Here it is held against
// what the umbrella package exports.
const contract = readFileSync('tests/fixtures/API.md', 'utf8');
const original = '../shared/API.md';
const named = namesIn(contract);
const { nn, optim, data, io } = tapegrad;
const exported = tapegrad as unknown as Record<string, unknown>;

/** Whether the instances of a class have a member, by the class or in every instance. */
const hasMember = (kind: abstract new (...args: any[]) => object, name: string, instance?: object): boolean =>
  name in kind.prototype || (instance !== undefined && name in instance);

const model = new nn.Linear(2, 2);
const optimizer = new optim.SGD(model.parameters());
const places: Record<string, (name: string) => boolean> = {
  'the package': name => name in tapegrad,
  tensors: name => hasMember(tapegrad.Tensor, name),
  nn: name => name in nn,
  'nn.init': name => name in nn.init,
  modules: name => hasMember(nn.Module, name, model),
  optim: name => name in optim,
  'optim.schedule': name => name in optim.schedule,
  optimisers: name => hasMember(optim.Optimizer, name, optimizer),
  data: name => name in data,
  vocabularies: name => hasMember(data.Vocabulary, name),
  io: name => name in io,
  'compiled functions': name => name in tapegrad.compile(() => []),
};

/** Options, and keys of state dicts, which other tests hold against PyTorch. */
const elsewhere = ['createGraph', 'betas', 'eps', 'alpha', 'rho', 'lrDecay', 'centered', 'amsgrad'].concat([
  'weight_ih_l0',
  'running_mean',
]);

const isThere = (name: string): boolean => elsewhere.includes(name) || Object.values(places).some(has => has(name));

const distinct = (list: typeof named): string[] => [...new Set(list.map(({ name }) => name))];

describe('every name of the contract is there', () => {
  test('of which there are more than three hundred', () => {
    expect(distinct(named).length).toBeGreaterThan(300);
  });

  test.each(distinct(named.filter(({ later }) => !later)))('%s', name => {
    expect(isThere(name)).toBe(true);
  });

  test.runIf(existsSync(original))(
    'and the contract is the one that stands beside the project, where there is one',
    () => {
      expect(contract).toBe(readFileSync(original, 'utf8'));
    },
  );
});

describe('every operation of the contract is a function that takes the tensor first, and a method', () => {
  const isOperation = ({ section, later }: (typeof named)[number]) => section.startsWith('Operations') && !later;
  const functionsOnly = ['where', 'cat', 'stack', 'einsum'];

  test.each(distinct(named.filter(isOperation)))('%s', name => {
    expect(exported[name]).toBeTypeOf('function');
    expect(hasMember(tapegrad.Tensor, name)).toBe(!functionsOnly.includes(name));
  });
});
