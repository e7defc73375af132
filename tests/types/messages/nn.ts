// What the reader sees where a module does not fit its input. Each `//~` holds a part of the compiler's error on its line.
import { nn, type Tensor } from 'tapegrad';

declare const x: Tensor<[14, 3]>;
declare const sequence: Tensor<[5, 14, 3]>;
declare const of: <const S extends number[]>(shape: readonly [...S]) => Tensor<S>;
declare const size: number;

// What fits compiles, with sizes known at run time too.
new nn.Linear(3, 8).forward(of([size, 3]));
new nn.Linear(size, 8).forward(x);
new nn.RNN(3, 8).forward(of([size, size, 3]), of([1, size, 8]));

new nn.Linear(4, 8).forward(x); //~ "linear: last dim of x [14, 3] is 3, expected 4"
new nn.Linear(4, 8).forward(of([size, 3])); //~ "linear: last dim of x [?, 3] is 3, expected 4"
new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(9, 2)).forward(x); //~ "linear: last dim of x [14, 8] is 8, expected 9"
new nn.LayerNorm(4).forward(x); //~ "layerNorm: expected an input whose last dims are [4], got shape [14, 3]"
new nn.LayerNorm([5, 3]).forward(x); //~ "layerNorm: expected an input whose last dims are [5, 3], got shape [14, 3]"
new nn.RMSNorm(4).forward(x); //~ "rmsNorm: expected an input whose last dims are [4], got shape [14, 3]"
new nn.BatchNorm1d(4).forward(x); //~ "BatchNorm1d: expected x of shape [batch, 4] or [batch, 4, length], got [14, 3]"
new nn.BatchNorm1d(3).forward(of([3])); //~ "BatchNorm1d: expected x of shape [batch, 3] or [batch, 3, length], got [3]"
new nn.BatchNorm2d(14).forward(sequence); //~ "BatchNorm2d: expected x of shape [batch, 14, height, width], got [5, 14, 3]"
new nn.GroupNorm(2, 4).forward(of([size, 3])); //~ "GroupNorm: expected x of shape [batch, 4, ...], got [?, 3]"
new nn.Sequential(new nn.Linear(3, 8), new nn.BatchNorm1d(9)).forward(x); //~ "BatchNorm1d: expected x of shape [batch, 9] or [batch, 9, length], got [14, 8]"
new nn.Softmax(2).forward(x); //~ "softmax: dim 2 is out of range for shape [14, 3]"
new nn.Flatten(3).forward(sequence); //~ "flatten: dim 3 is out of range for shape [5, 14, 3]"

new nn.RNNCell(4, 8).forward(x); //~ "RNNCell: last dim of x [14, 3] is 3, expected 4"
new nn.RNNCell(3, 8).forward(x, of([14, 5])); //~ "RNNCell: state: expected [14, 8], got [14, 5]"
new nn.GRUCell(3, 8).forward(sequence); //~ "GRUCell: x must be [batch, features] or [features], got [5, 14, 3]"
new nn.LSTMCell(3, 8).forward(x, [of([14, 8]), of([13, 8])]); //~ "LSTMCell: state: expected [14, 8], got [13, 8]"
new nn.RNN(4, 8).forward(sequence); //~ "RNN: last dim of x [5, 14, 3] is 3, expected 4"
new nn.RNN(3, 8).forward(of([3])); //~ "RNN: x must be [time, batch, features] or [time, features], got [3]"
new nn.GRU(3, 8, { numLayers: 2 }).forward(sequence, of([1, 14, 8])); //~ "GRU: state: expected [2, 14, 8], got [1, 14, 8]"
new nn.GRU(3, 8, { batchFirst: true }).forward(sequence, of([1, 14, 8])); //~ "GRU: state: expected [1, 5, 8], got [1, 14, 8]"
new nn.LSTM(3, 8, { bidirectional: true }).forward(sequence, [of([2, 14, 8]), of([2, 14, 16])]); //~ "LSTM: state: expected [2, 14, 8], got [2, 14, 16]"

new nn.MultiheadAttention(4, 2).forward(sequence, sequence, sequence); //~ "MultiheadAttention: q: last dim of x [5, 14, 3] is 3, expected 4"
new nn.MultiheadAttention(3, 1, { kdim: 4 }).forward(sequence, sequence, sequence); //~ "MultiheadAttention: k: last dim of x [5, 14, 3] is 3, expected 4"
new nn.MultiheadAttention(3, 1).forward(sequence, sequence, of([3])); //~ "MultiheadAttention: v: x must be [time, batch, features] or [time, features], got [3]"
new nn.TransformerEncoderLayer(4, 2).forward(sequence); //~ "TransformerEncoderLayer: last dim of x [5, 14, 3] is 3, expected 4"
new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 2).forward(sequence); //~ "TransformerEncoder: last dim of x [5, 14, 3] is 3, expected 4"
new nn.Sequential(new nn.Linear(3, 4), new nn.TransformerEncoderLayer(6, 2)).forward(sequence); //~ "TransformerEncoderLayer: last dim of x [5, 14, 4] is 4, expected 6"
