import { observe } from '@tapegrad/autograd';
import { GradError, ones, optim, type Tensor } from 'tapegrad';
import { expect, test } from 'vitest';

const leaf = (): Tensor => ones([2], { requiresGrad: true });

/** The facts that an observer is told of during a step. */
function factsOf(optimizer: optim.Optimizer): (() => unknown)[] {
  const facts: (() => unknown)[] = [];
  observe({ applied: () => {}, depends: fact => facts.push(fact) }, () => optimizer.step());
  return facts;
}

test('a step depends on how many parameters there are, and on the options of every group', () => {
  const optimizer = new optim.SGD([{ params: leaf() }, { params: [leaf(), leaf()], momentum: 0.5 }]);
  const facts = factsOf(optimizer);
  const [{ options: first }, { options: second }] = optimizer.paramGroups;
  expect(facts.map(fact => fact())).toEqual([3, first, second]);
  expect(facts[1]()).toBe(first);

  optimizer.addParamGroup({ params: leaf() });
  expect(facts[0]()).toBe(4);

  optimizer.paramGroups[0].options = { ...first, weightDecay: 0.1 };
  expect(facts[1]()).not.toBe(first);
  expect(facts[2]()).toBe(second);
});

test('a state dict that is loaded changes the facts', () => {
  const optimizer = new optim.Adam(leaf());
  const [, options] = factsOf(optimizer);
  const before = options();
  optimizer.loadStateDict(optimizer.stateDict());
  expect(options()).not.toBe(before);
});

test('the learning rate is no fact: it is a tensor', () => {
  const optimizer = new optim.SGD(leaf(), { lr: 0.1 });
  const facts = factsOf(optimizer);
  const before = facts.map(fact => fact());
  optimizer.lr = 0.5;
  expect(facts.every((fact, i) => fact() === before[i])).toBe(true);
});

test('a momentum is no fact from the second time that it is set: it is a tensor then', () => {
  for (const optimizer of [new optim.SGD(leaf(), { momentum: 0.5 }), new optim.Adam(leaf())]) {
    const [group] = optimizer.paramGroups;
    const [, first] = factsOf(optimizer);
    const asNumber = first();
    group.momentum = 0.75;
    const asTensor = first();
    expect(asTensor).not.toBe(asNumber);
    group.momentum = 0.25;
    expect(first()).toBe(asTensor);
    group.options = { ...group.options };
    expect(first()).not.toBe(asTensor);
  }
});

test('a schedule that is stepped while it is recorded is refused before it moves', () => {
  const optimizer = new optim.SGD(leaf(), { lr: 0.1 });
  const schedules = [
    new optim.schedule.StepLR(optimizer, { stepSize: 1 }),
    new optim.schedule.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5 }),
    new optim.schedule.ReduceLROnPlateau(optimizer),
  ];
  const read = (): never => {
    throw new GradError('read');
  };
  for (const schedule of schedules)
    expect(() => observe({ applied: () => {}, read }, () => schedule.step(ones([])))).toThrow('read');
  expect(schedules.map(({ epoch }) => epoch)).toEqual([0, 0, 0]);
});

test('a schedule reads the rate, which a recorder may refuse', () => {
  const optimizer = new optim.SGD(leaf(), { lr: 0.1 });
  const schedule = new optim.schedule.StepLR(optimizer, { stepSize: 1 });
  const read = (_: Tensor, how: string): never => {
    throw new GradError(`${how} was asked`);
  };
  expect(() => observe({ applied: () => {}, read }, () => schedule.step())).toThrow('item() was asked');
});
