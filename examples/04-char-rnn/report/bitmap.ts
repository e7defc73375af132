type Colour = readonly [red: number, green: number, blue: number];

/** What -1, 0 and 1 look like, on a light page and on a dark one. */
const scales: Readonly<Record<'light' | 'dark', readonly [Colour, Colour, Colour]>> = {
  light: [
    [33, 102, 172],
    [247, 247, 247],
    [190, 86, 14],
  ],
  dark: [
    [110, 170, 245],
    [24, 28, 36],
    [245, 155, 75],
  ],
};

/** The colours from -1 to 1 as CSS. */
export const rampOf = (scheme: keyof typeof scales): string =>
  `linear-gradient(to right, ${scales[scheme].map(colour => `rgb(${colour})`).join(', ')})`;

const headLength = 14 + 40 + 4 * 256;

/**
 * Numbers from -1 to 1 as an image, a pixel each, in a `data:` URL: a BMP of 256 colours, which needs no library.
 * `rows` are from above.
 */
export function heatMap(rows: readonly (readonly number[])[], scheme: keyof typeof scales): string {
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  const stride = 4 * Math.ceil(width / 4);
  const bytes = Buffer.alloc(headLength + stride * height);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(headLength, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(-height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(8, 28);
  bytes.writeUInt32LE(256, 46);
  for (let i = 0; i < 256; i++) bytes.set([...colourAt(i / 127.5 - 1, scheme)].reverse(), 54 + 4 * i);
  rows.forEach((row, y) => {
    row.forEach((value, x) => {
      bytes[headLength + y * stride + x] = Math.round(127.5 * (1 + Math.max(-1, Math.min(1, value))));
    });
  });
  return `data:image/bmp;base64,${bytes.toString('base64')}`;
}

function colourAt(value: number, scheme: keyof typeof scales): number[] {
  const [low, middle, high] = scales[scheme];
  const end = value < 0 ? low : high;
  return middle.map((part, k) => Math.round(part + Math.abs(value) * (end[k] - part)));
}
