// State dicts that go from PyTorch to us and back; see tests/fixtures/torch/statedicts.py.
import { type nn, ones, type Tensor, tensor } from 'tapegrad';
import { describe } from 'vitest';
import { testExchange } from './exchange.ts';
import { lstm, transformer } from './written.ts';

describe('an LSTM of two layers in both directions', () => {
  testExchange('lstm', lstm, (model: nn.LSTM, x) => model.forward(x));
});

describe('an encoder layer of a transformer', () => {
  const srcMask: Tensor = ones([4, 4], { dtype: 'bool' }).triu(1);
  const srcKeyPaddingMask = tensor([
    [false, false, false, true],
    [false, true, false, false],
  ]);
  testExchange('transformer', transformer, (model: nn.TransformerEncoderLayer, x) =>
    model.forward(x, { srcMask, srcKeyPaddingMask }),
  );
});
