// Attention and transformer layers, held against PyTorch; see tests/fixtures/torch/attention_layers.py.
import { nn, type Tensor, tensor } from 'tapegrad';
import { describe, expect, test } from 'vitest';
import { json } from '../fixtures/read.ts';
import { expectAsInTorch, leaf, type Run, wave } from './torch.ts';

type Kind = 'bool' | 'float' | 'bool each' | 'float each' | null;

interface Masked extends Run {
  attn: Kind;
  padding: 'bool' | 'float' | null;
  batched: boolean;
  batchFirst: boolean;
}

interface MultiheadCase extends Masked {
  kdim: number | null;
  vdim: number | null;
  bias: boolean;
  addBiasKv: boolean;
  addZeroAttn: boolean;
  form: 'self' | 'memory' | 'apart';
  causal: boolean;
  need: boolean;
  average: boolean;
}

interface EncoderLayerCase extends Masked {
  activation: 'relu' | 'gelu' | 'tanh';
  normFirst: boolean;
  eps: number;
}

interface EncoderCase extends Masked {
  layers: number;
  norm: boolean;
  normFirst: boolean;
}

const {
  multihead,
  encoderLayers,
  encoders,
}: { multihead: MultiheadCase[]; encoderLayers: EncoderLayerCase[]; encoders: EncoderCase[] } =
  await json('torch/attention_layers');

const [DIM, HEADS, BATCH, QUERIES, KEYS] = [4, 2, 2, 2, 3];
const dtype = 'float64';

/** A bool mask of a function of the places. */
const hiding = (shape: number[], hides: (places: number[]) => boolean): Tensor => {
  const size = shape.reduce((n, m) => n * m, 1);
  const placesOf = (k: number): number[] =>
    shape.map((n, d) => Math.floor(k / shape.slice(d + 1).reduce((a, b) => a * b, 1)) % n);
  const data = Array.from({ length: size }, (_, k) => Number(hides(placesOf(k))));
  return tensor(data, { shape, dtype: 'bool' });
};

function attnMask(kind: Kind, queries: number, keys: number, count: number): Tensor | undefined {
  if (kind === null) return undefined;
  const shape = kind.endsWith(' each') ? [count, queries, keys] : [queries, keys];
  if (kind.startsWith('float')) return wave(shape, 30);
  return hiding(shape, places => {
    const [h, i, j] = places.length === 3 ? places : [0, ...places];
    return j > 0 && (i + 2 * j + 3 * h) % 3 === 0;
  });
}

function paddingMask(kind: Masked['padding'], keys: number, batched: boolean): Tensor | undefined {
  if (kind === null) return undefined;
  const batch = batched ? BATCH : 1;
  const mask = kind === 'float' ? wave([batch, keys], 31) : hiding([batch, keys], ([n, j]) => j > n);
  return batched ? mask : mask.select(0, 0);
}

const maskOf = ({ attn, batched }: Masked, queries: number, keys: number): Tensor | undefined =>
  attnMask(attn, queries, keys, (batched ? BATCH : 1) * HEADS);

const shapeOf = ({ batched, batchFirst }: Masked, length: number, size: number): number[] =>
  !batched ? [length, size] : batchFirst ? [BATCH, length, size] : [length, BATCH, size];

const about = (given: object): string =>
  Object.entries(given)
    .filter(([key]) => !['names', 'outputs', 'inputGradients', 'gradients'].includes(key))
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');

describe('attention of several heads gives what PyTorch gives', () => {
  test.each(multihead.map(given => [about(given), given] as const))('%s', (_, given) => {
    const { kdim, vdim, form, bias, batchFirst, addBiasKv, addZeroAttn, padding, batched, causal } = given;
    const module: nn.MultiheadAttention = new nn.MultiheadAttention(DIM, HEADS, {
      ...(kdim === null ? {} : { kdim }),
      ...(vdim === null ? {} : { vdim }),
      ...{ bias, batchFirst, addBiasKv, addZeroAttn, dtype },
    });
    const queries = form === 'self' ? KEYS : QUERIES;
    const q: Tensor = leaf(shapeOf(given, queries, DIM), 1);
    const k: Tensor = form === 'self' ? q : leaf(shapeOf(given, KEYS, kdim ?? DIM), 2);
    const v: Tensor = form === 'apart' ? leaf(shapeOf(given, KEYS, vdim ?? DIM), 3) : k;
    const forward = (): Tensor[] =>
      module
        .forward(q, k, v, {
          attnMask: maskOf(given, queries, KEYS),
          keyPaddingMask: paddingMask(padding, KEYS, batched),
          isCausal: causal,
          needWeights: given.need,
          averageAttnWeights: given.average,
        })
        .filter(y => y !== null);
    expectAsInTorch(module, [...new Set([q, k, v])], forward, given);
  });
});

describe('an encoder layer gives what PyTorch gives', () => {
  test.each(encoderLayers.map(given => [about(given), given] as const))('%s', (_, given) => {
    const { activation, normFirst, batchFirst, eps, padding, batched } = given;
    const module: nn.TransformerEncoderLayer = new nn.TransformerEncoderLayer(DIM, HEADS, {
      dimFeedforward: 3,
      dropout: 0,
      activation: activation === 'tanh' ? x => x.tanh() : activation,
      layerNormEps: eps,
      normFirst,
      batchFirst,
      dtype,
    });
    const x: Tensor = leaf(shapeOf(given, 3, DIM), 1);
    const masks = { srcMask: maskOf(given, 3, 3), srcKeyPaddingMask: paddingMask(padding, 3, batched) };
    expectAsInTorch(module, [x], () => module.forward(x, masks), given);
  });
});

describe('an encoder gives what PyTorch gives', () => {
  test.each(encoders.map(given => [about(given), { ...given, batched: true }] as const))('%s', (_, given) => {
    const { layers, norm, normFirst, batchFirst, padding } = given;
    const layer: nn.TransformerEncoderLayer = new nn.TransformerEncoderLayer(DIM, HEADS, {
      dimFeedforward: 3,
      dropout: 0,
      normFirst,
      batchFirst,
      dtype,
    });
    const module = new nn.TransformerEncoder(layer, layers, { norm: norm ? new nn.LayerNorm(DIM, { dtype }) : null });
    const x: Tensor = leaf(shapeOf(given, 3, DIM), 1);
    const masks = { mask: maskOf(given, 3, 3), srcKeyPaddingMask: paddingMask(padding, 3, true) };
    expectAsInTorch(module, [x], () => module.forward(x, masks), given);
  });
});

test('the reference values hold every form with every mask, with each option on and off', () => {
  const seen = (key: keyof MultiheadCase): Set<unknown> => new Set(multihead.map(given => given[key]));
  expect(new Set(multihead.map(({ form, attn, padding }) => `${form} ${attn} ${padding}`)).size).toBe(45);
  for (const key of ['bias', 'batchFirst', 'addBiasKv', 'addZeroAttn', 'causal', 'batched', 'need', 'average'] as const)
    expect(seen(key), key).toEqual(new Set([true, false]));
  expect([seen('kdim'), seen('vdim')]).toEqual([new Set([null, 3]), new Set([null, 3, 5])]);
});
