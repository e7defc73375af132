import { type Generator, type Tensor, tensor } from 'tapegrad';

/** A point of the square from 0 to 1, y downwards. */
type Point = readonly [x: number, y: number];
/** What the pen draws without being lifted. */
type Stroke = readonly Point[];

/** Points on an ellipse around (x, y), from one angle to another in turns, of which 0 points right and 0.25 down. */
const arc = (x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke =>
  Array.from({ length: 10 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / 9);
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });

/** The strokes of each digit; some people write some of them otherwise. */
const styles: readonly (readonly (readonly Stroke[])[])[] = [
  [[arc(0.5, 0.5, 0.26, 0.4, 0, 1)]],
  [
    [
      [
        [0.35, 0.25],
        [0.55, 0.1],
        [0.55, 0.9],
      ],
    ],
    [
      [
        [0.5, 0.1],
        [0.5, 0.9],
      ],
    ],
  ],
  [[[...arc(0.5, 0.33, 0.25, 0.23, -0.5, 0.1), [0.25, 0.9], [0.77, 0.9]]]],
  [[arc(0.47, 0.3, 0.24, 0.2, -0.45, 0.25), arc(0.47, 0.7, 0.27, 0.2, -0.25, 0.45)]],
  [
    [
      [
        [0.6, 0.1],
        [0.22, 0.65],
        [0.8, 0.65],
      ],
      [
        [0.62, 0.4],
        [0.62, 0.9],
      ],
    ],
    [
      [
        [0.27, 0.1],
        [0.27, 0.5],
        [0.72, 0.5],
      ],
      [
        [0.72, 0.1],
        [0.72, 0.9],
      ],
    ],
  ],
  [[[[0.73, 0.1], [0.32, 0.1], [0.3, 0.46], ...arc(0.48, 0.66, 0.26, 0.24, -0.3, 0.4)]]],
  [
    [
      [
        [0.66, 0.1],
        [0.36, 0.4],
        [0.27, 0.62],
      ],
      arc(0.5, 0.68, 0.23, 0.22, 0, 1),
    ],
  ],
  [
    [
      [
        [0.25, 0.1],
        [0.76, 0.1],
        [0.42, 0.9],
      ],
    ],
    [
      [
        [0.25, 0.1],
        [0.76, 0.1],
        [0.42, 0.9],
      ],
      [
        [0.36, 0.5],
        [0.7, 0.5],
      ],
    ],
  ],
  [[arc(0.5, 0.3, 0.2, 0.2, 0, 1), arc(0.5, 0.7, 0.24, 0.2, 0, 1)]],
  [
    [
      arc(0.5, 0.32, 0.23, 0.22, 0, 1),
      [
        [0.73, 0.32],
        [0.68, 0.62],
        [0.5, 0.9],
      ],
    ],
  ],
];

/** The sides of a picture, in pixels. */
export const side = 16;

/** `n` pictures of digits, [n, 1, 16, 16] from 0 (paper) to 1 (ink), and what they are, int32 [n]: each digit as often as the others. */
export function digits(n: number, generator: Generator): { pictures: Tensor; labels: Tensor } {
  const pixels = new Float32Array(n * side * side);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 10);
  for (let i = 0; i < n; i++) draw(labels[i], generator, pixels.subarray(i * side * side, (i + 1) * side * side));
  return { pictures: tensor(pixels, { shape: [n, 1, side, side] }), labels: tensor(labels) };
}

/** Draws a digit in a hand of its own: slanted, turned, large or small, out of the middle, with a thick or thin pen, on noise. */
function draw(digit: number, generator: Generator, pixels: Float32Array): void {
  const within = (low: number, high: number): number => low + (high - low) * generator.uniform();
  const turn = within(-0.3, 0.3);
  const slant = within(-0.3, 0.3);
  const [width, height] = [within(0.6, 1), within(0.6, 1)];
  const [left, top] = [within(-0.12, 0.12), within(-0.12, 0.12)];
  const pen = within(0.025, 0.06);
  const move = ([x, y]: Point): Point => {
    const [v, w] = [height * (y - 0.5), width * (x - 0.5)];
    const u = w - slant * v;
    const [dx, dy] = [within(-0.02, 0.02), within(-0.02, 0.02)]; // nobody's hand is quite steady
    return [
      0.5 + left + u * Math.cos(turn) - v * Math.sin(turn) + dx,
      0.5 + top + u * Math.sin(turn) + v * Math.cos(turn) + dy,
    ];
  };
  const style = styles[digit][generator.integer(0, styles[digit].length)];
  const strokes = style.map(stroke => stroke.map(move));
  for (let i = 0; i < pixels.length; i++) {
    const at: Point = [((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side];
    const distance = Math.min(...strokes.map(stroke => fromStroke(at, stroke)));
    const ink = Math.min(1, Math.max(0, 1 - (distance - pen) * side));
    pixels[i] = Math.min(1, Math.max(0, ink + 0.12 * generator.normal()));
  }
}

/** How far a point is from the nearest line of a stroke. */
function fromStroke([x, y]: Point, stroke: Stroke): number {
  let nearest = Infinity;
  for (let i = 1; i < stroke.length; i++) {
    const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
    const t = Math.min(1, Math.max(0, along));
    nearest = Math.min(nearest, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2);
  }
  return Math.sqrt(nearest);
}
