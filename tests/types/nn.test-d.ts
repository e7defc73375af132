// The shapes that modules give, by strict equality. `tsc` is the test: a module that gives something else does not compile.
import { nn, optim, type Tensor } from 'tapegrad';
import { is } from './equal.ts';

declare const B: number;
declare const bare: Tensor;
declare const x: Tensor<[14, 3]>;
declare const sized: Tensor<[number, 3]>;
declare const sequence: Tensor<[5, 14, 3]>;
declare const steps: Tensor<[5, 3]>;
declare const images: Tensor<[5, 8, 14, 3]>;

// Parameters keep their shapes; what is computed from them are plain tensors.
{
  const p = new nn.Parameter(x);
  is<nn.Parameter<[14, 3]>>()(p);
  is<Tensor<[14, 3]>>()(p.mul(2));
  is<nn.Buffer<[14, 3]>>()(new nn.Buffer(x));
  const asTensor: Tensor<[14, 3]> = p;
  const asBare: nn.Parameter = p;
  // @ts-expect-error a plain tensor would not be found by parameters()
  const plain: nn.Parameter<[14, 3]> = x;
  [asTensor, asBare, plain];
}

// Linear
{
  const layer = new nn.Linear(3, 8);
  is<nn.Linear<3, 8, true>>()(layer);
  is<nn.Parameter<[8, 3]>>()(layer.weight);
  is<nn.Parameter<[8]>>()(layer.bias);
  is<null>()(new nn.Linear(3, 8, { bias: false }).bias);
  is<Tensor<[14, 8]>>()(layer.forward(x));
  is<Tensor<[5, 14, 8]>>()(layer.forward(sequence));
  is<Tensor<[number, 8]>>()(layer.forward(sized));
  is<Tensor<any>>()(layer.forward(bare));
  is<Tensor<[14, number]>>()(new nn.Linear(B, B).forward(x));
  const general: nn.Linear = layer;
  is<Tensor<[14, any]>>()(general.forward(x));
}

// Embedding, LayerNorm, Flatten, Softmax and the activations
is<Tensor<[14, 3, 8]>>()(new nn.Embedding(12, 8).forward(x));
is<Tensor<any>>()(new nn.Embedding(12, 8).forward(bare));
is<Tensor<[14, 3]>>()(new nn.LayerNorm(3).forward(x));
is<Tensor<[14, 3]>>()(new nn.LayerNorm([14, 3]).forward(x));
is<Tensor<[5, 14, 3]>>()(new nn.LayerNorm([14, 3]).forward(sequence));
is<Tensor<[number, 3]>>()(new nn.LayerNorm(B).forward(sized));
is<Tensor<[14, 3]>>()(new nn.RMSNorm(3).forward(x));
is<Tensor<[5, 14, 3]>>()(new nn.RMSNorm([14, 3]).forward(sequence));
is<Tensor<any>>()(new nn.RMSNorm(3).forward(bare));
is<Tensor<[14, 3]>>()(new nn.BatchNorm1d(3).forward(x));
is<Tensor<[5, 14, 3]>>()(new nn.BatchNorm1d(14).forward(sequence));
is<Tensor<[number, 3]>>()(new nn.BatchNorm1d(B).forward(sized));
is<Tensor<any>>()(new nn.BatchNorm1d(3).forward(bare));
is<Tensor<[5, 8, 14, 3]>>()(new nn.BatchNorm2d(8).forward(images));
is<Tensor<any>>()(new nn.BatchNorm2d(8).forward(bare));
is<Tensor<[14, 3]>>()(new nn.GroupNorm(1, 3).forward(x));
is<Tensor<[5, 8, 14, 3]>>()(new nn.GroupNorm(4, 8).forward(images));
is<Tensor<any>>()(new nn.GroupNorm(4, 8).forward(bare));
is<nn.Buffer<[3]> | null>()(new nn.BatchNorm1d(3).running_mean);
is<nn.Buffer<[]> | null>()(new nn.BatchNorm1d(3).num_batches_tracked);
is<Tensor<[5, 42]>>()(new nn.Flatten().forward(sequence));
is<Tensor<[70, 3]>>()(new nn.Flatten(0, 1).forward(sequence));
is<Tensor<[14, 3]>>()(new nn.Softmax(-1).forward(x));
is<Tensor<[14, 3]>>()(new nn.ReLU().forward(x));
is<Tensor<[14, 3]>>()(new nn.Dropout(0.1).forward(x));
is<Tensor<[14, 3]>>()(new nn.Identity().forward(x));

// Sequential folds the shapes of its layers.
{
  const model = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(42, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Sequential(new nn.LayerNorm(16), new nn.RMSNorm(16), new nn.GroupNorm(4, 16), new nn.Linear(16, 2)),
    new nn.Softmax(1),
  );
  is<Tensor<[5, 2]>>()(model.forward(sequence));
  is<Tensor<[number, 2]>>()(model.forward(bare));
  is<nn.Linear<42, 16, true>>()(model.at(1));
  is<Tensor<[number, 8]>>()(new nn.Sequential(new nn.Linear(3, 8)).forward(sized));

  class Own extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  is<Tensor<any>>()(new nn.Sequential(new nn.Linear(3, 8), new Own()).forward(x));
  const list: nn.Module[] = [new nn.Linear(3, 8)];
  is<Tensor<any>>()(new nn.Sequential(...list).forward(x));
  const general: nn.Sequential = model;
  is<Tensor<any>>()(general.forward(x));
  for (const layer of model) layer.train();
}

// A summary of any model, from a shape, several, or tensors
{
  const made: nn.Summary = nn.summary(new nn.Linear(3, 8), [14, 3], { print: false });
  const sizes: number[] = [14, 3];
  for (const input of [sizes, x, [sizes, x], [x], bare]) nn.summary(new nn.Linear(3, 8), input, { dtype: 'int32' });
  // @ts-expect-error a text is no input
  nn.summary(new nn.Linear(3, 8), '14, 3');
  is<readonly nn.SummaryRow[]>()(made.rows);
  is<number>()(made.totals.trainable);
}

// Recurrent cells
{
  const cell = new nn.RNNCell(3, 8);
  const h = cell.forward(x);
  is<Tensor<[14, 8]>>()(h);
  is<Tensor<[14, 8]>>()(cell.forward(x, h));
  is<Tensor<[8]>>()(new nn.GRUCell(3, 8).forward(x.select(0, 0)));
  is<Tensor<[number, 8]>>()(cell.forward(sized, h));
  is<Tensor<any>>()(cell.forward(bare, bare));
  is<[h: Tensor<[14, 8]>, c: Tensor<[14, 8]>]>()(new nn.LSTMCell(3, 8).forward(x, [h, h]));
  let state: [Tensor, Tensor] | undefined;
  let carried: Tensor | null = null;
  for (let t = 0; t < 2; t++) {
    state = new nn.LSTMCell(3, 8).forward(bare, state);
    carried = cell.forward(x, carried);
  }
}

// Recurrent layers
{
  const rnn = new nn.RNN(3, 8);
  is<nn.RNN<3, 8, 1, false, false>>()(rnn);
  is<[outputs: Tensor<[5, 14, 8]>, h: Tensor<[1, 14, 8]>]>()(rnn.forward(sequence));
  is<[outputs: Tensor<[5, 8]>, h: Tensor<[1, 8]>]>()(rnn.forward(steps));
  is<[outputs: Tensor<any>, h: Tensor<any>]>()(rnn.forward(bare));
  is<nn.Parameter>()(rnn.weight_ih_l0);
  is<nn.Parameter>()(rnn.bias_hh_l1_reverse);
  const [, h] = rnn.forward(sequence);
  rnn.forward(sequence, h);
  rnn.forward(sequence, bare);
  rnn.forward(sequence, null);

  const deep = new nn.GRU(3, 8, { numLayers: 2, bidirectional: true, batchFirst: true });
  is<[outputs: Tensor<[5, 14, 16]>, h: Tensor<[4, 5, 8]>]>()(deep.forward(sequence));
  is<[outputs: Tensor<[5, 14, 8]>, state: [h: Tensor<[3, 14, 8]>, c: Tensor<[3, 14, 8]>]]>()(
    new nn.LSTM(3, 8, { numLayers: 3, dropout: 0.1 }).forward(sequence),
  );
  is<[outputs: Tensor<[5, 14, number]>, h: Tensor<[number, 14, number]>]>()(
    new nn.RNN(3, B, { numLayers: B }).forward(sequence),
  );
  const options: nn.RNNOptions = {};
  is<[outputs: Tensor<[5, 14, number]>, h: Tensor<[number, number, 8]>]>()(new nn.RNN(3, 8, options).forward(sequence));

  // A field of the bare type takes any layer of one direction, and of one layer.
  class Model extends nn.Module {
    readonly rnn: nn.RNN;
    constructor() {
      super();
      this.rnn = new nn.RNN(3, 8);
    }
    forward(x: Tensor): Tensor {
      const [outputs] = this.rnn.forward(x);
      return outputs;
    }
  }
  new Model();
}

// Attention keeps the shape of the queries; the weights are there unless they are not wanted.
{
  const attention = new nn.MultiheadAttention(3, 1);
  is<nn.MultiheadAttention<3, 3, 3>>()(attention);
  is<nn.MultiheadAttention<3, 5, 3>>()(new nn.MultiheadAttention(3, 1, { kdim: 5 }));
  is<[out: Tensor<[5, 14, 3]>, weights: Tensor<any>]>()(attention.forward(sequence, sequence, sequence));
  is<[out: Tensor<[5, 3]>, weights: null]>()(attention.forward(steps, steps, steps, { needWeights: false }));
  is<[out: Tensor<any>, weights: Tensor<any>]>()(attention.forward(bare, bare, bare, { attnMask: bare }));
  is<[out: Tensor<[number, 3]>, weights: Tensor<any> | null]>()(
    attention.forward(sized, steps, bare, { needWeights: B > 1 }),
  );
  const general: nn.MultiheadAttention = new nn.MultiheadAttention(3, 1, { vdim: 8 });
  is<[out: Tensor<[5, 14, 3]>, weights: Tensor<any>]>()(general.forward(sequence, sequence, sequence));
  // @ts-expect-error a typo
  new nn.MultiheadAttention(3, 1, { batchfirst: true });
}

// Transformers keep the shape.
{
  const layer = new nn.TransformerEncoderLayer(3, 1);
  is<Tensor<[5, 14, 3]>>()(layer.forward(sequence));
  is<Tensor<[5, 3]>>()(layer.forward(steps, { isCausal: true }));
  is<Tensor<[number, 3]>>()(layer.forward(sized));
  is<Tensor<any>>()(layer.forward(bare));
  const encoder = new nn.TransformerEncoder(layer, 2, { norm: new nn.LayerNorm(3) });
  is<nn.TransformerEncoder<3>>()(encoder);
  is<Tensor<[5, 14, 3]>>()(encoder.forward(sequence, { mask: bare }));
  is<Tensor<[5, 14, 8]>>()(new nn.Sequential(encoder, layer, new nn.Linear(3, 8)).forward(sequence));
  is<nn.TransformerEncoderLayer<3>>()(encoder.layers.at(0));
  is<nn.TransformerEncoderLayer<3>>()(layer.clone());
  is<Tensor<[5, 14, 3]>>()(new nn.TransformerEncoderLayer(B, B).forward(sequence));
  const general: nn.TransformerEncoderLayer = layer;
  const stack: nn.TransformerEncoder = encoder;
  is<Tensor<[5, 14, 3]>>()(general.forward(stack.forward(sequence)));
}

// Every optimiser is an Optimizer, whatever its options.
{
  const optimizers: optim.Optimizer[] = [
    new optim.SGD(x),
    new optim.Adam([x]),
    new optim.AdamW([{ params: x, lr: 1 }]),
  ];
  for (const optimizer of optimizers) new optim.schedule.StepLR(optimizer, { stepSize: 1 });
  is<Tensor<[]>>()(optim.clipGradNorm([x], 1));
  // @ts-expect-error a typo
  new optim.SGD([x], { lr: 1, momentun: 0.9 });
  // @ts-expect-error a typo
  new nn.LSTM(3, 8, { bidirectonal: true });
}
