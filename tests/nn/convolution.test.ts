import { ArgumentError, Generator, nn, type Tensor, zeros } from 'tapegrad';
import { describe, expect, test } from 'vitest';

// What the layers compute is held against PyTorch in pytorch.test.ts.

const anyNn: any = nn;

describe('layers of convolution and pooling say what they are made of', () => {
  test.each<[nn.Module, string]>([
    [
      new nn.Conv2d(4, 6, 3, { stride: [1, 2], groups: 2 }),
      'Conv2d(4, 6, kernelSize=[3, 3], stride=[1, 2], padding=[0, 0], dilation=[1, 1], groups=2, bias=true)',
    ],
    [
      new nn.Conv1d(1, 2, 3, { padding: 'same', paddingMode: 'reflect', bias: false }),
      'Conv1d(1, 2, kernelSize=[3], stride=[1], padding=same, dilation=[1], groups=1, paddingMode=reflect, bias=false)',
    ],
    [
      new nn.ConvTranspose2d(1, 2, 3, { stride: 2, outputPadding: 1 }),
      'ConvTranspose2d(1, 2, kernelSize=[3, 3], stride=[2, 2], padding=[0, 0], dilation=[1, 1], groups=1, outputPadding=[1, 1], bias=true)',
    ],
    [new nn.MaxPool2d([2, 3], { padding: 1 }), 'MaxPool2d(kernelSize=[2, 3], padding=1)'],
    [new nn.AdaptiveAvgPool2d([2, null]), 'AdaptiveAvgPool2d(outputSize=[2, null])'],
  ])('%s', (layer, text) => {
    expect(String(layer)).toBe(text);
  });
});

describe('weights and biases begin as in PyTorch', () => {
  test.each<[string, (generator: Generator) => { weight: Tensor; bias: Tensor | null }, number]>([
    ['uniform in ± 1 / √(what a window sees)', generator => new nn.Conv2d(8, 64, 3, { generator }), 72],
    ['of its group', generator => new nn.Conv2d(8, 64, 3, { groups: 4, generator }), 18],
    ['transposed, of the channels that go out', generator => new nn.ConvTranspose2d(64, 8, 3, { generator }), 72],
  ])('%s', (_, make, seen) => {
    const { weight, bias } = make(new Generator(3));
    const bound = 1 / Math.sqrt(seen);
    for (const { data } of [weight, bias!]) expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...weight.data)).toBeGreaterThan(0.95 * bound);
    expect(Math.abs(weight.mean().item())).toBeLessThan(0.05 * bound);
  });
});

describe('what does not fit is refused', () => {
  test.each<[string, () => unknown]>([
    ['Conv2d: expected inChannels to divide into 2 groups, got 3', () => new nn.Conv2d(3, 4, 3, { groups: 2 })],
    ['Conv2d: expected outChannels to divide into 3 groups, got 4', () => new nn.Conv2d(3, 4, 3, { groups: 3 })],
    ['Conv2d: expected groups to be a whole number of 1 or more, got 0', () => new nn.Conv2d(3, 4, 3, { groups: 0 })],
    ['Conv1d: expected the kernel to be a whole number from 1, got 0', () => new nn.Conv1d(3, 4, 0)],
    [
      "Conv2d: expected paddingMode to be 'zeros', 'reflect', 'replicate' or 'circular', got \"constant\"",
      () => new anyNn.Conv2d(3, 4, 3, { paddingMode: 'constant' }),
    ],
    ['Conv2d: expected the options to be an object, got number', () => new anyNn.Conv2d(3, 4, 3, 2)],
    ['MaxPool2d: expected the options to be an object, got number', () => new anyNn.MaxPool2d(2, 2)],
  ])('%s', (message, fn) => {
    expect(fn).toThrow(new ArgumentError(message));
  });
});

test('a circular padding sees the other end', () => {
  const layer = new nn.Conv1d(1, 1, 3, { padding: 1, paddingMode: 'circular', bias: false });
  const x: Tensor = zeros([1, 1, 4]).add(1);
  const y: Tensor = layer.forward(x);
  const all = layer.weight.sum().item();
  for (const value of y.data) expect(value).toBeCloseTo(all, 5);
});
