import { bernoulli, Generator, manualSeed, nn, rand, randint, randn, randnLike, randperm, type Tensor } from 'tapegrad';
import { type Case, program, pure, script } from '../case.ts';

/** A program that draws from a generator of its own, whose next numbers are compared too. */
const drawing = (name: string, fn: (x: Tensor, generator: Generator) => any): Case =>
  script(name, (compiled, draw) => {
    const generator = new Generator(7);
    const run = compiled((x: Tensor) => fn(x, generator));
    const results = Array.from({ length: 3 }, () => run(draw.normal(4, 5)));
    return { results, next: randn([3], { generator }) };
  });

export const randomCases: Case[] = [
  drawing('uniform and normal numbers', (x, generator) => [
    rand([4, 5], { generator }).add(x),
    randn([5], { generator }).mul(x),
    randn([3], { generator }),
  ]),
  drawing('whole numbers and orders', (x, generator) => [
    randint(-3, 9, [4], { generator }),
    randperm(6, { generator }).mul(2),
    x.indexSelect(0, randint(0, 4, [7], { generator })),
    x.indexSelect(1, randperm(5, { generator })),
  ]),
  drawing('noise like a tensor', (x, generator) => x.add(randnLike(x, { generator }).mul(0.1))),
  drawing('float64 and int32 noise', (_, generator) => [
    randn([3], { generator, dtype: 'float64' }),
    rand([3], { generator, dtype: 'float64' }),
    randint(0, 5, [3], { generator, dtype: 'float32' }),
  ]),
  drawing('coins with closed-over chances', (x, generator) => {
    const p = x.detach().mul(0).add(0.3);
    return bernoulli(p, { generator }).mul(x);
  }),
  drawing('coins whose chances are computed', (x, generator) => bernoulli(x.sigmoid(), { generator })),
  drawing('coins as truths', (x, generator) => x.maskedFill(bernoulli(x.sigmoid(), { generator, dtype: 'bool' }), 0)),
  drawing('dropout', (x, generator) => x.dropout(0.4, { generator })),
  drawing('dropout of nothing and of everything', (x, generator) => [
    x.dropout(0, { generator }),
    x.dropout(1, { generator }),
  ]),
  drawing('several dropouts, whose masks differ', (x, generator) => [
    x.dropout(0.5, { generator }),
    x.exp().dropout(0.5, { generator }),
    x.select(0, 0).dropout(0.2, { generator }),
  ]),
  drawing('numbers that are drawn and not used', (x, generator) => {
    randn([3], { generator }).exp();
    return x.add(rand([5], { generator }));
  }),
  drawing('one number of a pair of normal ones', (x, generator) => x.mul(randn([], { generator }))),
  drawing('random signs of what is sorted by random keys', (x, generator) => {
    const order = rand([4], { generator }).argsort();
    return x.indexSelect(0, order).mul(rand([4, 1], { generator }).lt(0.5).to(x.dtype).mul(2).sub(1));
  }),
  pure(
    'the default generator, seeded before',
    (x: Tensor) => [x.add(randn([3])), x.dropout(0.5), rand([2]), bernoulli(x.sigmoid())],
    draw => [draw.normal(3)],
  ),
  script('the default generator, which eager code draws from between the calls', (compiled, draw) => {
    const fn = compiled((x: Tensor) => x.mul(rand([4])).add(randn([4])));
    return [fn(draw.normal(4)), rand([2]), randn([1]), fn(draw.normal(4)), randperm(5), fn(draw.normal(4)), randn([3])];
  }),
  script('the default generator, seeded anew before every call', (compiled, draw) => {
    const fn = compiled((x: Tensor) => x.dropout(0.5).add(rand([6])));
    const x = draw.normal(6);
    return [3, 4, 3].map(seed => {
      manualSeed(seed);
      return fn(x);
    });
  }),
  script('two compiled functions that draw from one generator in turn', (compiled, draw) => {
    const generator = new Generator(5);
    const [a, b] = [compiled((x: Tensor) => x.dropout(0.5, { generator })), compiled(() => randn([3], { generator }))];
    return [a(draw.normal(5)), b(), b(), a(draw.normal(5)), b()];
  }),
  script('a generator that is set back between the calls', (compiled, draw) => {
    const generator = new Generator(5);
    const fn = compiled((x: Tensor) => x.add(randn([4], { generator })));
    const [x, state] = [draw.normal(4), generator.state()];
    const first = fn(x);
    generator.loadState(state);
    return [first, fn(x), fn(x)];
  }),
  program('the gradient through dropout', draw => {
    const w = draw.leaf(5);
    return {
      fn: (x: Tensor) => {
        w.zeroGrad();
        const y = w.mul(x).dropout(0.5);
        y.square().sum().backward();
        return y.detach();
      },
      inputs: d => [d.normal(5)],
      state: w,
    };
  }),
  program('a layer of dropout that is switched between training and evaluation', draw => {
    const layer = new nn.Dropout(0.5, { generator: draw.generator });
    return {
      fn: (x: Tensor) => layer.forward(x.mul(2)),
      inputs: d => [d.normal(6)],
      before: call => layer.train(call !== 1),
    };
  }),
  program('noise on parameters', draw => {
    const w = draw.leaf(4);
    return {
      fn: (x: Tensor) => {
        w.zeroGrad();
        w.add(randn([4]).mul(0.1))
          .mul(x)
          .sum()
          .backward();
        return w.grad;
      },
      inputs: d => [d.normal(4)],
      state: w,
    };
  }),
  script('a sample by the largest of noisy logits', (compiled, draw) => {
    const sample = compiled((logits: Tensor) => logits.sub(rand([3, 6]).log().neg().log()).argmax(1));
    return Array.from({ length: 5 }, () => sample(draw.normal(3, 6)));
  }),
];
