/** What a convolution is, by its formula in plain loops on plain numbers: nothing of the library is used. */
export interface Shapes {
  readonly images: number;
  readonly groups: number;
  /** Channels of x and y in a group. */
  readonly channelsX: number;
  readonly channelsY: number;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Visits every product y[n, o, i] weight[o, c, k] x[n, c, i stride - padding + k dilation] by the places of the three. */
function eachProduct(s: Shapes, visit: (y: number, weight: number, x: number) => void): void {
  const { images, groups, channelsX, channelsY, input, output, kernel, stride, padding, dilation } = s;
  for (let n = 0; n < images; n++)
    for (let group = 0; group < groups; group++)
      for (let o = 0; o < channelsY; o++)
        for (let c = 0; c < channelsX; c++)
          for (let i = 0; i < output[0]; i++)
            for (let j = 0; j < output[1]; j++)
              for (let k = 0; k < kernel[0]; k++)
                for (let l = 0; l < kernel[1]; l++) {
                  const h = i * stride[0] - padding[0] + k * dilation[0];
                  const w = j * stride[1] - padding[1] + l * dilation[1];
                  if (h < 0 || h >= input[0] || w < 0 || w >= input[1]) continue;
                  const channelY = group * channelsY + o;
                  visit(
                    ((n * groups * channelsY + channelY) * output[0] + i) * output[1] + j,
                    ((channelY * channelsX + c) * kernel[0] + k) * kernel[1] + l,
                    ((n * groups * channelsX + group * channelsX + c) * input[0] + h) * input[1] + w,
                  );
                }
}

export function convolve(s: Shapes, x: ArrayLike<number>, weight: ArrayLike<number>, size: number): number[] {
  const y = new Array<number>(size).fill(0);
  eachProduct(s, (o, k, i) => {
    y[o] += weight[k] * x[i];
  });
  return y;
}

export function transposedConvolve(s: Shapes, y: ArrayLike<number>, weight: ArrayLike<number>, size: number): number[] {
  const x = new Array<number>(size).fill(0);
  eachProduct(s, (o, k, i) => {
    x[i] += weight[k] * y[o];
  });
  return x;
}

export function weightsOf(s: Shapes, x: ArrayLike<number>, y: ArrayLike<number>, size: number): number[] {
  const weight = new Array<number>(size).fill(0);
  eachProduct(s, (o, k, i) => {
    weight[k] += y[o] * x[i];
  });
  return weight;
}
