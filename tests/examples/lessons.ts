import { join } from 'node:path';

/** How the tests run a lesson. */
export interface Lesson {
  /** Options that make it short; without any it is run as it is. */
  readonly args?: readonly string[];
  /** What it must have printed: the lines that it is about. */
  readonly prints: readonly string[];
}

export const lessons: Readonly<Record<string, Lesson>> = {
  '01-tensors': {
    prints: [
      'a, of shape [2, 3], 2 dims, 6 elements, float32',
      '0.30000001192092896',
      'tensor([-1,  0,  2], dtype=int32)',
      'tensor([[11, 22, 33],\n            [14, 25, 36]])',
      'tensor([[0, 0, 0],\n            [0, 7, 7]])',
      'tensor([[14, 32],\n            [32, 77]])',
      'the same seed, the same normals\n    tensor([ 0.8384, -1.2427,  1.0458])',
      'shape=[200, 300])',
      'ShapeError: matmul: inner dimensions differ, 3 vs 4, in [2, 3] @ [4, 4]',
      '[[4,5,6],[1,2,3]]',
    ],
  },
  '02-autograd': {
    prints: [
      'tensor([ 0.1237,  0.8415, -1.5136], from mul)',
      'dy/dx by the tape, and by hand\n    tensor([ 0.7319,  1.9221, -5.9860])\n    tensor([ 0.7319,  1.9221, -5.9860])',
      'd²y/dx² by the tape, and by hand\n    tensor([ 2.7830, -0.1241, 16.3740])\n    tensor([ 2.7830, -0.1241, 16.3740])',
      'the gradient that arrives at hidden\n    tensor([10, 20, 40])',
      'gradcheck of log Σ exp\n    true',
      'GradError: backward: input 0 of square, of shape [3], was overwritten by assign after it was used',
      'step 200   loss  0.0721   y = 2.9749 x - 0.9111',
      'by the formula            y = 2.9751 x - 0.9115',
    ],
  },
  '03-mlp': {
    prints: [
      'right of 400 training points   right of 500 unseen ones',
      `The map is drawn: ${join('runs', '03-mlp', 'spirals.svg')}`,
    ],
  },
  '04-char-rnn': { prints: ['All 22: equal to 1e-6', '\n  I am learning RNN\n'] },
  '05-custom-op': {
    prints: [
      'tensor([    NaN, -0.7616,  0.0000,  0.0010,  0.7616,     NaN])',
      'from logCosh)\nits gradient\n    tensor([-1.0000, -0.7616,  0.0000,  0.0010,  0.7616,  1.0000])',
      'gradcheck(logCosh)\n    true\ngradgradcheck(logCosh)\n    true',
      'GradError: gradcheck: input 0 of shape [2, 4], element [0, 0], output 0, element [0, 0]: analytic 1, numeric 0.4010',
      'pull away\n    y = 2.06 x - 2.41',
      'with logCosh\n    y = 2.98 x - 1.15',
    ],
  },
  '06-sequence-regression': {
    args: ['--epochs', '2'],
    prints: [
      '900 steps: 600 to train on, 150 held out, 150 to forecast.',
      'The training part has mean 20.07 and deviation 4.13',
      'epoch   training loss   held-out loss',
      'On with the weights of epoch 2',
      'the forecast, without a look',
      'the waves themselves, without noise     0.30',
      `The forecast is drawn: ${join('runs', '06-sequence-regression', 'forecast.svg')}`,
    ],
  },
  '07-char-transformer': {
    args: ['--steps', '10', '--sentences', '4'],
    prints: [
      'The choices behind it amount to 0.3012 nats a character: no loss stays below that.',
      'tensor([[false,  true,  true,  true],\n            [false, false,  true,  true]',
      'Another last letter changes the outputs at 1 of 23 places.',
      'the best possible   0.3012',
      'It writes, and the grammar says:\n  wrong ',
      'Of 4 sentences ',
    ],
  },
  '08-digits': {
    args: ['--digits', '500', '--epochs', '3'],
    prints: [
      '500 digits to learn from, 500 others to be tested with.',
      '\n     ░██░ ▒██ ',
      '4: Conv2d       [50, 16, 8, 8]        1,152',
      'epoch    loss   right of those learnt from   right of unseen ones',
      '     │   0   1   2   3   4   5   6   7   8   9\n─────┼─',
      'The hardest of them:',
      `They are drawn, with the filters of the first layer: ${join('runs', '08-digits', 'digits.svg')}`,
    ],
  },
  '09-from-pytorch': {
    args: ['--epochs', '1'],
    prints: [
      '  gru.weight_hh_l0     [48, 16]\n  gru.weight_ih_l0     [48, 1]\n  head.bias            [3]\n',
      'loadStateDict: the dict does not fit Waves: head.bias: expected shape [4], got [3]; head.weight',
      'The same inputs, the same outputs: they differ by at most ',
      'As it came\n  right about  sine 100 %, square 100 %, sawtooth 100 %, triangle 0 %',
      'The new head alone\n  68 of 980 parameters, 20 steps',
      'All of it\n  980 of 980 parameters, 20 steps',
      `PyTorch loads it:  python3 examples/09-from-pytorch/model.py read ${join('runs', '09-from-pytorch')}`,
    ],
  },
  '10-gradcheck': {
    prints: [
      'gradcheck(forgetful)\n    gradcheck: input 0 of shape [2, 4], element [0, 0], output 0, element [0, 0]: analytic -0.2123',
      'what is too much, times the deviation\n    tensor([[ 0.7469, -0.2602, -0.2051, -0.2817]',
      'y yᵀ / n: the forgotten term\n    tensor([[ 0.7469, -0.2602, -0.2051, -0.2817]',
      'gradcheck(careful), with that term\n    true',
      'at w = 1\n    true\ngradcheck(withoutW) at a random w\n    gradcheck: input 0',
      'with a point at 0\n    gradcheck: input 0 of shape [3], element [1], output 0, element [1]: analytic 0, numeric 0.5\n',
      'away from 0\n    true',
      '    1e-3       3e-5       7e-8',
      'gradcheck: expected output 0 to be float64, as the inputs are, got float32',
      'gradcheck(tanhOnce)\n    true\ngradgradcheck(tanhOnce)\n    gradgradcheck: input 0 of shape [4], element [0]',
      'gradgradcheck(careful)\n    true',
      'norm.weight         0.558913    0.558913  agree',
      'all below it has no gradient\n    rnn.weight_ih_l0    0.000000    0.602702  DIFFER',
    ],
  },
  '11-compile-and-profile': {
    args: ['--steps', '8'],
    prints: [
      'op          phase     calls ',
      'Products: 85 % of the arithmetic, 2 % of the calls, ',
      ' kernels, 0 of which call JavaScript',
      '0: v4 [32, 64] = matmul(input1 [32, 32], resident3 [32, 64] strides [1, 32])',
      ' = mul(v14, draw15 [32, 64])',
      'compile: item() was asked of a tensor of shape [] while the function was recorded, at ',
      'where(y > 1, √y, y) says the same in operations\n    tensor(32.4177)',
      'called five times: 1\nThree numbers as arguments: recorded 3 times\nThree tensors of no dims: recorded 1 time\n',
      'the same program, run by JavaScript',
      'Compiling took ',
    ],
  },
};
