import { nn, noGrad, optim, type Tensor } from 'tapegrad';
import { type Case, type Compiled, type Nested, script } from '../case.ts';
import type { Draw } from '../draw.ts';

/** A small network with its optimiser, and the functions of which some are compiled. */
function network(draw: Draw) {
  const model = draw.model(
    o => new nn.Sequential(new nn.Linear(3, 6, o), new nn.Tanh(), new nn.Dropout(0.3, o), new nn.Linear(6, 2, o)),
  );
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 });
  const lossOf = (x: Tensor, target: Tensor): Tensor => model.forward(x).mseLoss(target);
  return {
    model,
    optimizer,
    train: (x: Tensor, target: Tensor): Tensor => {
      optimizer.zeroGrad();
      const loss = lossOf(x, target);
      loss.backward();
      optimizer.step();
      return loss.detach();
    },
    evaluate: (x: Tensor, target: Tensor): Tensor => noGrad(() => lossOf(x, target)),
    batch: (): [Tensor, Tensor] => [draw.normal(4, 3), draw.normal(4, 2)],
    state: (): Nested => [model.stateDict(), optimizer.stateDict(), model.parameters().map(p => p.grad)],
  };
}

type Network = ReturnType<typeof network>;

const onNetwork = (name: string, play: (net: Network, compiled: Compiled, draw: Draw) => Nested): Case =>
  script(name, (compiled, draw) => {
    const net = network(draw);
    return { results: play(net, compiled, draw), state: net.state() };
  });

/** What `fn` gives for the numbers 0 to n - 1. */
const times = <T extends Nested>(n: number, fn: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => fn(i));

export const stateCases: Case[] = [
  onNetwork('two compiled functions that share parameters, one that trains and one that evaluates', (net, compiled) => {
    const [train, evaluate] = [compiled(net.train), compiled(net.evaluate)];
    return times(4, () => {
      net.model.train();
      const loss = train(...net.batch());
      net.model.eval();
      return [loss, evaluate(...net.batch())];
    });
  }),
  onNetwork('one compiled function in training and in evaluation', (net, compiled) => {
    const evaluate = compiled(net.evaluate);
    return times(4, i => {
      net.model.train(i % 2 === 0);
      return evaluate(...net.batch());
    });
  }),
  onNetwork('compiled training and eager evaluation', (net, compiled) => {
    const train = compiled(net.train);
    return times(3, () => [train(...net.batch()), net.evaluate(...net.batch())]);
  }),
  onNetwork('eager and compiled steps of one training in turn', (net, compiled) => {
    const train = compiled(net.train);
    return times(5, i => (i % 2 === 0 ? train : net.train)(...net.batch()));
  }),
  onNetwork('two compiled functions that train the same parameters', (net, compiled) => {
    const [first, second] = [compiled(net.train), compiled(net.train)];
    return times(4, i => (i % 2 === 0 ? first : second)(...net.batch()));
  }),
  onNetwork('batches of two sizes in turn', (net, compiled, draw) => {
    const train = compiled(net.train);
    return times(5, i => train(draw.normal(2 + (i % 2), 3), draw.normal(2 + (i % 2), 2)));
  }),
  onNetwork('gradients that are gathered over several calls before a step', (net, compiled) => {
    const gather = compiled((x: Tensor, target: Tensor) => {
      const loss: Tensor = net.model.forward(x).mseLoss(target).div(2);
      loss.backward();
      return loss.detach();
    });
    const step = compiled(() => {
      optim.clipGradNorm(net.model.parameters(), 0.5);
      net.optimizer.step();
      return [];
    });
    return times(3, () => {
      net.optimizer.zeroGrad();
      const losses = [gather(...net.batch()), gather(...net.batch())];
      step();
      return losses;
    });
  }),
  onNetwork('several batches in one call, one step for each', (net, compiled) => {
    const train = compiled((...batches: [Tensor, Tensor][]) => batches.map(([x, target]) => net.train(x, target)));
    return times(3, () => train(net.batch(), net.batch()));
  }),
  onNetwork('a compiled forward pass, a compiled backward pass and an eager step', (net, compiled) => {
    const backward = compiled((x: Tensor, target: Tensor) => {
      net.model.forward(x).mseLoss(target).backward();
      return net.model.parameters().map(p => p.grad);
    });
    return times(3, () => {
      net.optimizer.zeroGrad();
      const gradients = backward(...net.batch());
      net.optimizer.step();
      return gradients;
    });
  }),
  onNetwork('weights that eager code moves between the calls', (net, compiled) => {
    const train = compiled(net.train);
    return times(3, () => {
      const loss = train(...net.batch());
      noGrad(() => {
        for (const p of net.model.parameters()) p.assign(p.mul(0.9));
      });
      return loss;
    });
  }),
  onNetwork('a running average of the weights', (net, compiled) => {
    const average = net.model.parameters().map(p => p.detach().clone());
    const train = compiled((x: Tensor, target: Tensor) => {
      const loss = net.train(x, target);
      net.model.parameters().forEach((p, i) => {
        average[i].assign(average[i].mul(0.5).add(p.detach().mul(0.5)));
      });
      return loss;
    });
    return [times(3, () => train(...net.batch())), average];
  }),
  onNetwork('a state dict that is taken before, and read afterwards', (net, compiled) => {
    const [train, dict] = [compiled(net.train), net.model.stateDict()];
    return [times(2, () => train(...net.batch())), dict];
  }),
  script('a weight that two layers share', (compiled, draw) => {
    const embedding = draw.model(o => new nn.Embedding(5, 4, o));
    const optimizer = new optim.SGD(embedding.parameters(), { lr: 0.1 });
    const train = compiled((ids: Tensor) => {
      optimizer.zeroGrad();
      const logits: Tensor = embedding.forward(ids).tanh().linear(embedding.weight);
      const loss = logits.crossEntropy(ids.roll(1, 0));
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
    return [times(3, () => train(draw.ids(0, 5, 7))), embedding.weight];
  }),
  script('a hidden state that lives in a closed-over tensor', (compiled, draw) => {
    const [cell, h] = [draw.model(o => new nn.RNNCell(3, 4, o)), draw.normal(2, 4)];
    const step = compiled((x: Tensor) => noGrad(() => h.assign(cell.forward(x, h)).mul(1)));
    const outputs = times(3, () => step(draw.normal(2, 3)));
    h.assign(0);
    return [outputs, step(draw.normal(2, 3)), h];
  }),
  script('truncated backpropagation through time, with the state handed on', (compiled, draw) => {
    const rnn = draw.model(o => new nn.RNN(3, 4, o));
    const optimizer = new optim.Adam(rnn.parameters(), { lr: 0.02 });
    const train = compiled((x: Tensor, h: Tensor) => {
      optimizer.zeroGrad();
      const [outputs, last] = rnn.forward(x, h);
      const loss: Tensor = outputs.square().mean();
      loss.backward();
      optim.clipGradNorm(rnn.parameters(), 0.1);
      optimizer.step();
      return [loss.detach(), last.detach()];
    });
    let h: Tensor = draw.normal(1, 2, 4);
    const losses = times(4, () => {
      const [loss, last] = train(draw.normal(5, 2, 3), h);
      h = last;
      return loss;
    });
    return [losses, h, rnn.parameters()];
  }),
  script('two networks, each trained against the other', (compiled, draw) => {
    const [maker, judge] = [draw.model(o => new nn.Linear(2, 3, o)), draw.model(o => new nn.Linear(3, 1, o))];
    const [forMaker, forJudge] = [maker, judge].map(m => new optim.Adam(m.parameters(), { lr: 0.05 }));
    const round = compiled((noise: Tensor, real: Tensor) => {
      forJudge.zeroGrad();
      const made = maker.forward(noise);
      judge.forward(made.detach()).softplus().mean().add(judge.forward(real).neg().softplus().mean()).backward();
      forJudge.step();
      forMaker.zeroGrad();
      const loss = judge.forward(made).neg().softplus().mean();
      loss.backward();
      forMaker.step();
      return loss.detach();
    });
    return [times(3, () => round(draw.normal(6, 2), draw.normal(6, 3))), maker.parameters(), judge.parameters()];
  }),
];
