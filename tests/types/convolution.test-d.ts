// The shapes that convolutions and pooling give, by strict equality. `tsc` is the test.
import { conv2d, nn, type Tensor } from 'tapegrad';
import { is } from './equal.ts';

declare const B: number;
declare const bare: Tensor;
declare const signal: Tensor<[8, 3, 50]>;
declare const pictures: Tensor<[8, 3, 28, 28]>;
declare const picture: Tensor<[3, 28, 28]>;
declare const sized: Tensor<[number, 3, number, number]>;
declare const kernels: Tensor<[16, 3, 5, 5]>;
declare const open: { stride?: number };

// conv1d and conv2d
is<Tensor<[8, 16, 46]>>()(signal.conv1d({} as Tensor<[16, 3, 5]>));
is<Tensor<[16, 46]>>()(({} as Tensor<[3, 50]>).conv1d({} as Tensor<[16, 3, 5]>));
is<Tensor<[8, 16, 23]>>()(signal.conv1d({} as Tensor<[16, 3, 5]>, null, { stride: 2 }));
is<Tensor<[8, 16, 24, 24]>>()(pictures.conv2d(kernels));
is<Tensor<[8, 16, 24, 24]>>()(conv2d(pictures, kernels));
is<Tensor<[16, 24, 24]>>()(picture.conv2d(kernels));
is<Tensor<[8, 16, 28, 28]>>()(pictures.conv2d(kernels, undefined, { padding: 2 }));
is<Tensor<[8, 16, 28, 28]>>()(pictures.conv2d(kernels, null, { padding: 'same' }));
is<Tensor<[8, 16, 24, 24]>>()(pictures.conv2d(kernels, null, { padding: 'valid' }));
is<Tensor<[8, 16, 13, 7]>>()(pictures.conv2d(kernels, null, { stride: [2, 4], padding: 1 }));
is<Tensor<[8, 16, 20, 16]>>()(pictures.conv2d(kernels, null, { dilation: [2, 3] }));
is<Tensor<[8, 6, 26, 26]>>()(pictures.conv2d({} as Tensor<[6, 1, 3, 3]>, null, { groups: 3 }));
is<Tensor<[number, 16, number, number]>>()(sized.conv2d(kernels));
is<Tensor<[8, number, number, number]>>()(pictures.conv2d({} as Tensor<[number, number, number, number]>));
is<Tensor<[8, 16, number, number]>>()(pictures.conv2d(kernels, null, open));
is<Tensor<[8, 16, number, number]>>()(pictures.conv2d(kernels, null, { stride: B }));
is<Tensor<any>>()(bare.conv2d(kernels));
is<Tensor<any>>()(pictures.conv2d(bare, bare));
// @ts-expect-error conv2d: x [8, 3, 28, 28] has 3 channels, expected 4
pictures.conv2d({} as Tensor<[16, 4, 5, 5]>);

// convTranspose2d
is<Tensor<[8, 6, 30, 30]>>()(pictures.convTranspose2d({} as Tensor<[3, 6, 3, 3]>));
is<Tensor<[8, 6, 56, 56]>>()(
  pictures.convTranspose2d({} as Tensor<[3, 6, 3, 3]>, null, { stride: 2, padding: 1, outputPadding: 1 }),
);
is<Tensor<[8, 6, 57, 32]>>()(
  pictures.convTranspose2d({} as Tensor<[3, 2, 3, 3]>, null, { stride: [2, 1], dilation: [1, 2], groups: 3 }),
);
is<Tensor<[number, 6, number, number]>>()(sized.convTranspose2d({} as Tensor<[3, 6, 3, 3]>));

// Pooling
is<Tensor<[8, 3, 25]>>()(signal.maxPool1d(2));
is<Tensor<[8, 3, 17]>>()(signal.avgPool1d(3, { padding: 1 }));
is<Tensor<[8, 3, 14, 14]>>()(pictures.maxPool2d(2));
is<Tensor<[3, 14, 9]>>()(picture.maxPool2d([2, 3]));
is<Tensor<[8, 3, 28, 28]>>()(pictures.maxPool2d(3, { stride: 1, padding: 1 }));
is<Tensor<[8, 3, number, number]>>()(pictures.maxPool2d(3, { ceilMode: true }));
is<Tensor<[8, 3, 13, 13]>>()(pictures.avgPool2d(3, { stride: 2, countIncludePad: false }));
is<Tensor<[number, 3, number, number]>>()(sized.maxPool2d(2));
is<Tensor<[8, 3, number, number]>>()(pictures.maxPool2d(B));
is<Tensor<any>>()(bare.avgPool2d(2));
is<Tensor<[8, 3, 1, 1]>>()(pictures.adaptiveAvgPool2d(1));
is<Tensor<[3, 7, 28]>>()(picture.adaptiveAvgPool2d([7, null]));
is<Tensor<[8, 3, number, number]>>()(pictures.adaptiveAvgPool2d(B));

// Layers
is<Tensor<[8, 6, 50]>>()(new nn.Conv1d(3, 6, 3, { padding: 1 }).forward(signal));
is<Tensor<[8, 6, 26, 26]>>()(new nn.Conv2d(3, 6, 3).forward(pictures));
is<Tensor<[8, 6, 14, 14]>>()(new nn.Conv2d(3, 6, 3, { padding: 1, stride: 2, bias: false }).forward(pictures));
is<Tensor<[8, 6, number, number]>>()(new nn.Conv2d(3, 6, B).forward(pictures));
is<Tensor<[8, 6, 31, 31]>>()(new nn.ConvTranspose2d(3, 6, 4).forward(pictures));
is<Tensor<[8, 3, 14, 14]>>()(new nn.MaxPool2d(2).forward(pictures));
is<Tensor<[8, 3, 25]>>()(new nn.AvgPool1d(2).forward(signal));
is<Tensor<[8, 3, 4, 28]>>()(new nn.AdaptiveAvgPool2d([4, null]).forward(pictures));
is<Tensor<[8, 10]>>()(
  new nn.Sequential(
    new nn.Conv2d(3, 6, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(400, 10),
  ).forward(pictures),
);
{
  const layers: nn.Conv2d[] = [
    new nn.Conv2d(3, 6, 3),
    new nn.Conv2d(6, 6, 3, { stride: 2 }),
    new nn.Conv2d(B, B, [1, 2]),
  ];
  const pools: nn.MaxPool2d[] = [new nn.MaxPool2d(2), new nn.MaxPool2d([2, 3], { ceilMode: true })];
  const module: nn.Module = layers[0];
  const result: Tensor = layers[1].forward(bare);
  [pools, module, result, layers[0].forward(pictures)];
}
