import { ArgumentError, nn, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

// As JavaScript sees the library, without types.
const anyNn: any = nn;

const layers: [name: string, make: (options?: unknown) => unknown, names: string[]][] = [
  ['Linear', o => new anyNn.Linear(3, 4, o), ['bias', 'dtype', 'generator']],
  ['Embedding', o => new anyNn.Embedding(3, 4, o), ['paddingIdx', 'dtype', 'generator']],
  ['Dropout', o => new anyNn.Dropout(0.5, o), ['generator']],
  ['GELU', o => new anyNn.GELU(o), ['approximate']],
  ['LayerNorm', o => new anyNn.LayerNorm(4, o), ['eps', 'elementwiseAffine', 'bias', 'dtype', 'generator']],
  ['RMSNorm', o => new anyNn.RMSNorm(4, o), ['eps', 'elementwiseAffine', 'dtype', 'generator']],
  ['GroupNorm', o => new anyNn.GroupNorm(2, 4, o), ['eps', 'affine', 'dtype', 'generator']],
  ...['BatchNorm1d', 'BatchNorm2d'].map((name): (typeof layers)[number] => [
    name,
    o => new anyNn[name](4, o),
    ['eps', 'momentum', 'affine', 'trackRunningStats', 'dtype', 'generator'],
  ]),
  ...['Conv1d', 'Conv2d'].map((name): (typeof layers)[number] => [
    name,
    o => new anyNn[name](2, 4, 3, o),
    ['stride', 'padding', 'dilation', 'groups', 'bias', 'dtype', 'generator', 'paddingMode'],
  ]),
  [
    'ConvTranspose2d',
    o => new anyNn.ConvTranspose2d(2, 4, 3, o),
    ['stride', 'padding', 'dilation', 'groups', 'bias', 'dtype', 'generator', 'outputPadding'],
  ],
  ...['MaxPool1d', 'MaxPool2d', 'AvgPool1d', 'AvgPool2d'].map((name): (typeof layers)[number] => [
    name,
    o => new anyNn[name](2, o),
    ['stride', 'padding', 'dilation', 'ceilMode', 'countIncludePad', 'divisorOverride'],
  ]),
  ...['GRU', 'LSTM', 'RNN'].map((name): (typeof layers)[number] => [
    name,
    o => new anyNn[name](3, 4, o),
    [
      ...['numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'dtype', 'generator'],
      ...(name === 'RNN' ? ['nonlinearity'] : []),
    ],
  ]),
  ...['GRUCell', 'LSTMCell', 'RNNCell'].map((name): (typeof layers)[number] => [
    name,
    o => new anyNn[name](3, 4, o),
    ['bias', 'dtype', 'generator', ...(name === 'RNNCell' ? ['nonlinearity'] : [])],
  ]),
  [
    'MultiheadAttention',
    o => new anyNn.MultiheadAttention(4, 2, o),
    ['kdim', 'vdim', 'dropout', 'bias', 'batchFirst', 'addBiasKv', 'addZeroAttn', 'dtype', 'generator'],
  ],
  [
    'TransformerEncoderLayer',
    o => new anyNn.TransformerEncoderLayer(4, 2, o),
    [
      ...['dimFeedforward', 'dropout', 'activation', 'layerNormEps', 'normFirst', 'batchFirst', 'bias'],
      ...['dtype', 'generator'],
    ],
  ],
  [
    'TransformerEncoder',
    o => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 1, o as object),
    ['norm'],
  ],
  ['Parameter', o => new anyNn.Parameter(zeros([2]), o), ['requiresGrad']],
];

describe.each(layers)('%s', (name, make, names) => {
  test('takes each of its options, where undefined is to leave it out, and no others', () => {
    expect(() => make(Object.fromEntries(names.map(option => [option, undefined])))).not.toThrow();
    expect(() => make({ biass: false })).toThrow(
      new ArgumentError(`${name}: expected options among ${names.join(', ')}, got biass`),
    );
  });

  test.each([
    [false, 'boolean'],
    [2, 'number'],
    [null, 'null'],
    [[1, 2], 'an array of 2'],
  ])('refuses %j in the place of the options', (options, got) => {
    expect(() => make(options)).toThrow(new ArgumentError(`${name}: expected the options to be an object, got ${got}`));
  });
});
