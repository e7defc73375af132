import {
  ArgumentError,
  Generator,
  gradcheck,
  gradgradcheck,
  nn,
  optim,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { wave } from './torch.ts';

const throws = (call: () => unknown, kind: new (message: string) => Error, message: string): void =>
  expect(call).toThrow(new kind(message));

const of = (...shape: number[]): Tensor => zeros(shape);
const options = { dtype: 'float64', generator: new Generator(6) } as const;

describe('TransformerEncoderLayer', () => {
  test('has the parameters of PyTorch, of which biases may be left out', () => {
    const shapes = (bias: boolean): unknown =>
      Object.fromEntries(
        Object.entries(new nn.TransformerEncoderLayer(4, 2, { bias }).stateDict()).map(([key, x]) => [key, x.shape]),
      );
    const weights = {
      'self_attn.in_proj_weight': [12, 4],
      'self_attn.out_proj.weight': [4, 4],
      'linear1.weight': [2048, 4],
      'linear2.weight': [4, 2048],
      'norm1.weight': [4],
      'norm2.weight': [4],
    };
    expect(shapes(false)).toEqual(weights);
    const biases = { 'self_attn.in_proj_bias': [12], 'self_attn.out_proj.bias': [4], 'linear1.bias': [2048] };
    expect(shapes(true)).toEqual({
      ...weights,
      ...biases,
      'linear2.bias': [4],
      'norm1.bias': [4],
      'norm2.bias': [4],
    });
  });

  test('drops out in four places, with p = 0.1 by default, and in training alone', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8 });
    expect([layer.self_attn.dropout, layer.dropout.p, layer.dropout1.p, layer.dropout2.p]).toEqual([
      ...[0.1, 0.1, 0.1, 0.1],
    ]);
    const x = randn([6, 3, 4], options).to('float32');
    expect(layer.forward(x).toArray()).not.toEqual(layer.forward(x).toArray());
    layer.eval();
    expect(layer.forward(x).toArray()).toEqual(layer.forward(x).toArray());
  });

  test.each([false, true])('has the gradients of its central differences, with normFirst %s', normFirst => {
    const made = { ...options, dimFeedforward: 3, dropout: 0, activation: 'gelu', normFirst } as const;
    const layer: nn.TransformerEncoderLayer = new nn.TransformerEncoderLayer(2, 1, made);
    const fn = (x: Tensor): Tensor => layer.forward(x, { isCausal: true });
    expect(gradcheck(fn, [wave([3, 1, 2], 1)])).toBe(true);
    expect(gradgradcheck(fn, [wave([2, 2], 1)], { atol: 1e-3 })).toBe(true);
  });

  test('refuses another activation, and an input of other features', () => {
    const make = (activation: any) => () => new nn.TransformerEncoderLayer(4, 2, { activation });
    const expected = "TransformerEncoderLayer: expected activation to be 'relu', 'gelu' or a function, got";
    throws(make('tanh'), ArgumentError, `${expected} "tanh"`);
    throws(make(null), ArgumentError, `${expected} null`);
    throws(
      () => new nn.TransformerEncoderLayer(4, 2).forward(of(3, 2, 5)),
      ShapeError,
      'MultiheadAttention: expected q of shape [time, batch, 4] or [time, 4], got [3, 2, 5]',
    );
  });
});

describe('TransformerEncoder', () => {
  const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0 });

  test('copies its layer, which is none of its own: all start from the same numbers, and are trained apart', () => {
    const encoder = new nn.TransformerEncoder(layer, 3);
    const own = layer.stateDict();
    for (const copy of encoder.layers)
      for (const [key, value] of Object.entries(copy.stateDict())) expect(value.toArray()).toEqual(own[key].toArray());
    expect(encoder.parameters()).toHaveLength(3 * layer.parameters().length);
    const before = layer.linear1.weight.toArray();
    const optimizer = new optim.SGD(encoder.parameters(), { lr: 0.1 });
    encoder
      .forward(wave([3, 2, 4], 1).to('float32'))
      .pow(3)
      .sum()
      .backward();
    optimizer.step();
    expect(layer.linear1.weight.toArray()).toEqual(before);
    const [first, second, third] = [...encoder.layers].map(copy => copy.linear1.weight.toArray());
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
  });

  test('copies the settings of its layer too, and has none but the norm for no layers', () => {
    const made = { dimFeedforward: 8, dropout: 0.3, normFirst: true, batchFirst: true, activation: 'gelu' } as const;
    const given = new nn.TransformerEncoderLayer(4, 2, made).eval();
    const copy = new nn.TransformerEncoder(given, 1).layers.at(0);
    expect([copy.normFirst, copy.activation, copy.self_attn.batchFirst, copy.dropout.p, copy.training]).toEqual([
      ...[true, given.activation, true, 0.3, false],
    ]);
    const norm = new nn.LayerNorm(4);
    const empty = new nn.TransformerEncoder(layer, 0, { norm });
    expect(Object.keys(empty.stateDict())).toEqual(['norm.weight', 'norm.bias']);
    expect(empty.norm).toBe(norm);
  });

  test('sees what comes before alone when it is causal', () => {
    const encoder: nn.TransformerEncoder = new nn.TransformerEncoder(layer, 2);
    const x = wave([4, 2, 4], 1).to('float32');
    const changed = x.add(tensor([0, 0, 0, 5]).reshape([4, 1, 1]));
    const early = (y: Tensor): Tensor => encoder.forward(y, { isCausal: true }).narrow(0, 0, 3);
    expect(early(changed).toArray()).toEqual(early(x).toArray());
    expect(encoder.forward(changed).narrow(0, 0, 3).toArray()).not.toEqual(early(x).toArray());
  });

  test('learns with dropout to tell whether a sequence goes up or down', () => {
    const generator = new Generator(2);
    const made = { dimFeedforward: 16, dropout: 0.1, generator };
    const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, made), 2);
    const [embed, head] = [new nn.Linear(1, 4, { generator }), new nn.Linear(4, 1, { generator })];
    const parameters = [embed, encoder, head].flatMap(module => module.parameters());
    const optimizer = new optim.Adam(parameters, { lr: 0.01 });
    const slope = randn([1, 16, 1], { generator });
    const x: Tensor = tensor([-1, 0, 1])
      .reshape([3, 1, 1])
      .mul(slope)
      .add(randn([1, 16, 1], { generator }));
    const target: Tensor = slope.reshape([16, 1]).gt(0).to('float32');
    const lossOf = (): Tensor =>
      head.forward(encoder.forward(embed.forward(x)).select(0, 2)).binaryCrossEntropyWithLogits(target);
    const first = lossOf().item();
    for (let i = 0; i < 40; i++) {
      optimizer.zeroGrad();
      lossOf().backward();
      optimizer.step();
    }
    encoder.eval();
    expect(lossOf().item()).toBeLessThan(first / 3);
  });

  test('refuses what is no layer, and a number that is none of layers', () => {
    const make =
      (...args: any[]) =>
      () =>
        new nn.TransformerEncoder(...(args as [nn.TransformerEncoderLayer, number]));
    throws(make(5, 2), ArgumentError, 'TransformerEncoder: expected layer to be a Module, got number');
    throws(
      make(layer, 2, { norm: 'layer' }),
      ArgumentError,
      'TransformerEncoder: expected norm to be a Module, got string',
    );
    throws(
      make(layer, 1.5),
      ArgumentError,
      'TransformerEncoder: expected n to be a whole number of 0 or more, got 1.5',
    );
  });
});
