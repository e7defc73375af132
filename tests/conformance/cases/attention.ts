import { nn, ones, type Tensor, tensor } from 'tapegrad';
import { type Case, program, pure, script } from '../case.ts';
import type { Draw } from '../draw.ts';
import { type Make, onLayer } from './layers.ts';

/** A bool mask in which true hides, and no query every key. */
const hidden: Tensor = ones([3, 3], { dtype: 'bool' }).triu(1);
const padding: Tensor = tensor([
  [false, true, false],
  [false, false, true],
]);

/** Masks of each kind for inputs [3, 2, 4] of two heads. */
const masks: Record<string, (draw: Draw) => nn.MultiheadForwardOptions> = {
  'no mask': () => ({}),
  'what comes after hidden': () => ({ isCausal: true }),
  'a bool mask': () => ({ attnMask: hidden }),
  'a bool mask for each head': d => ({ attnMask: d.mask(4, 3, 3).logicalAnd(hidden) }),
  'a float mask': d => ({ attnMask: d.normal(3, 3) }),
  'a padding': () => ({ keyPaddingMask: padding }),
  'a mask and a padding': () => ({ attnMask: hidden.flip(1), keyPaddingMask: padding }),
  'a float mask and a padding': d => ({ attnMask: d.normal(3, 3), keyPaddingMask: padding }),
  'everything hidden from a query': () => ({ attnMask: hidden.flip(0).logicalOr(hidden.flip(0).flip(1)) }),
};

const forms: Record<string, nn.MultiheadAttentionOptions> = {
  'as it comes': {},
  'with the batch first': { batchFirst: true },
  'without biases': { bias: false },
  'with added keys': { addBiasKv: true, addZeroAttn: true },
  'with dropout': { dropout: 0.4 },
};

/** Makes a module whose only input is also what it looks at. */
class Self extends nn.Module {
  readonly attention: nn.MultiheadAttention;
  readonly options: nn.MultiheadForwardOptions;

  constructor(attention: nn.MultiheadAttention, options: nn.MultiheadForwardOptions = {}) {
    super();
    this.attention = attention;
    this.options = options;
  }

  forward(x: Tensor): Tensor[] {
    return this.attention.forward(x, x, x, this.options).filter(y => y !== null);
  }
}

const input = (draw: Draw): Tensor[] => [draw.leaf(3, 2, 4)];

const layer =
  (more: nn.TransformerEncoderLayerOptions): Make =>
  o =>
    new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0.2, ...more, ...o });

export const attentionCases: Case[] = [
  ...Object.entries(masks).flatMap(([what, mask]) =>
    [true, false].map(needWeights =>
      program(`attention of two heads with ${what}, weights ${needWeights ? 'wanted' : 'not wanted'}`, draw => {
        const model = draw.model(o => new nn.MultiheadAttention(4, 2, o));
        const options = { ...mask(draw), needWeights };
        return {
          fn: (x: Tensor) => {
            model.zeroGrad();
            const [out, weights] = model.forward(x, x, x, options);
            const loss: Tensor = out.pow(3).sum();
            (weights === null ? loss : loss.add(weights.square().sum())).backward();
            return [out.detach(), weights?.detach() ?? null];
          },
          inputs: input,
          state: model.parameters(),
        };
      }),
    ),
  ),
  ...Object.entries(forms).map(([form, options]) =>
    onLayer(
      `attention of two heads ${form}`,
      o => new Self(new nn.MultiheadAttention(4, 2, { ...options, ...o })),
      input,
    ),
  ),
  onLayer(
    'attention of keys and values of other features',
    o => new nn.MultiheadAttention(4, 2, { ...o, kdim: 3, vdim: 5 }),
    draw => [draw.leaf(2, 2, 4), draw.leaf(3, 2, 3), draw.leaf(3, 2, 5)],
  ),
  onLayer(
    'attention without a batch',
    o => new Self(new nn.MultiheadAttention(4, 2, o), { averageAttnWeights: false, isCausal: true }),
    draw => [draw.leaf(3, 4)],
  ),
  pure(
    'attention with masks that are arguments',
    (q: Tensor, k: Tensor, v: Tensor, looks: Tensor, added: Tensor) => [
      q.scaledDotProductAttention(k, v, { mask: looks }),
      q.scaledDotProductAttention(k, v, { mask: added }),
    ],
    draw => [draw.leaf(2, 3, 2), draw.leaf(2, 4, 2), draw.leaf(2, 4, 3), draw.mask(3, 4), draw.leaf(2, 1, 4)],
  ),
  pure(
    'attention with dropout',
    (q: Tensor, k: Tensor, v: Tensor) => q.scaledDotProductAttention(k, v, { causal: true, dropout: 0.3 }),
    draw => [draw.normal(2, 3, 2), draw.normal(2, 4, 2), draw.normal(2, 4, 3)],
  ),
  onLayer('an encoder layer', layer({}), input),
  onLayer(
    'an encoder layer with the norms first, gelu and the batch first',
    layer({
      normFirst: true,
      activation: 'gelu',
      batchFirst: true,
    }),
    input,
  ),
  onLayer(
    'an encoder layer with an activation of its own, without biases',
    layer({
      activation: x => x.tanh(),
      bias: false,
    }),
    input,
  ),
  onLayer(
    'an encoder with a norm behind it',
    o => {
      const made = { dimFeedforward: 5, dropout: 0.1, ...o };
      return new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 1, made), 2, { norm: new nn.LayerNorm(4) });
    },
    input,
  ),
  program('an encoder that is switched between training and evaluation, with a padding that is an argument', draw => {
    const model = draw.model(o => new nn.TransformerEncoder(layer({})(o) as nn.TransformerEncoderLayer, 2));
    return {
      fn: (x: Tensor, srcKeyPaddingMask: Tensor) => model.forward(x, { mask: hidden, srcKeyPaddingMask }),
      inputs: d => [d.normal(3, 2, 4), d.mask(2, 3)],
      before: call => model.train(call !== 1),
      state: model.parameters(),
    };
  }),
  script('a module and its clone, which are changed apart', (compiled, draw) => {
    const model = draw.model(layer({ dropout: 0 })) as nn.TransformerEncoderLayer;
    const copy = model.clone();
    const run = compiled((x: Tensor) => [model.forward(x), copy.forward(x)]);
    const outputs = [run(draw.normal(3, 2, 4))];
    for (const p of copy.parameters()) p.detach().assign(draw.normal(...p.shape));
    outputs.push(run(draw.normal(3, 2, 4)));
    return [outputs, model.parameters(), copy.parameters()];
  }),
];
