// What the reader sees where a convolution or pooling does not fit. Each `//~` holds a part of the compiler's error on its line.
import { nn, type Tensor } from 'tapegrad';

declare const of: <const S extends number[]>(shape: readonly [...S]) => Tensor<S>;
declare const size: number;

// What fits compiles, with sizes known at run time too.
of([8, 3, 28, 28]).conv2d(of([size, 3, size, 5]));
of([size, size, 28, size]).maxPool2d(size);
new nn.Conv2d(3, 6, 5).forward(of([size, size, size, size]));

of([8, 3, 28, 28]).conv2d(of([16, 4, 5, 5])); //~ "conv2d: x [8, 3, 28, 28] has 3 channels, expected 4"
of([8, 3, 28, 28]).conv2d(of([16, 3, 5])); //~ "conv2d: expected a weight of shape [out, in / groups, height, width], got [16, 3, 5]"
of([8, 3, 28, 4]).conv2d(of([16, 3, 5, 5])); //~ "conv2d: a kernel of [5, 5] does not fit into an input of [28, 4]"
of([8, 28]).conv2d(of([16, 3, 5, 5])); //~ "conv2d: expected x of shape [batch, channels, height, width] or [channels, height, width], got [8, 28]"
of([8, 3, 28, 28]).conv1d(of([16, 3, 5])); //~ "conv1d: expected x of shape [batch, channels, length] or [channels, length], got [8, 3, 28, 28]"
of([8, 4, 28, 28]).conv2d(of([6, 1, 3, 3]), null, { groups: 3 }); //~ "conv2d: x [8, 4, 28, 28] has 4 channels, expected 3"
of([8, 3, 28, 28]).convTranspose2d(of([16, 3, 5, 5])); //~ "convTranspose2d: x [8, 3, 28, 28] has 3 channels, expected 16"
of([8, 3, 4]).maxPool1d(5); //~ "maxPool1d: a kernel of 5 does not fit into an input of [4]"
of([8, 3, 4, 4]).avgPool2d([2, 5]); //~ "avgPool2d: a kernel of [2, 5] does not fit into an input of [4, 4]"
of([4]).adaptiveAvgPool2d(1); //~ "adaptiveAvgPool2d: expected x of shape [batch, channels, height, width] or [channels, height, width], got [4]"

new nn.Conv2d(4, 6, 5).forward(of([8, 3, 28, 28])); //~ "conv2d: x [8, 3, 28, 28] has 3 channels, expected 4"
new nn.Sequential(new nn.Conv2d(3, 6, 5), new nn.Flatten(), new nn.Linear(10, 2)).forward(of([8, 3, 28, 28])); //~ "linear: last dim of x [8, 3456] is 3456, expected 10"
