import { type Code, type FunctionBuilder, f32x4, f64x2, type Local, shuffle, v128, when } from '../assembler/index.ts';

/** 2/pi, in pieces of 28 bits: the product of one with a float32 is exact in float64. */
const pieces = [0xa2f9836, 0xe4e4415, 0x29fc275, 0x7d1f534, 0xddc0db6, 0x295993c, 0x439041f].map(
  (bits, i) => bits * 2 ** (-28 * (i + 1)),
);
/** Up to here two pieces more than the first are enough; beyond it most of x times the first ones are whole circles. */
const nearLimit = 2 ** 24;
/** Added to a small float64, it leaves the nearest integer in the lowest bits: 1.5 * 2^52. */
const rounder = 1.5 * 2 ** 52;

interface Locals {
  /** Four float32; they are overwritten. */
  readonly x: Local;
  /** What is left of each, from -pi/4 to pi/4, as float32. */
  readonly r: Local;
  /** How many quarter turns were taken away, in the lowest two bits of each lane. */
  readonly turns: Local;
  /** An i32. */
  readonly far: Local;
  /** Three temporaries. */
  readonly others: readonly Local[];
}

/**
 * Splits x = turns * pi/2 + r. The product with 2/pi is taken piece by piece in float64; where x is large, whole circles
 * are taken away from each product, so that what is left stays exact (the method of Payne and Hanek).
 */
export function splitTurns(f: FunctionBuilder, { x, r, turns, far, others }: Locals): Code {
  const [wide, high, low] = others;
  const constant = (value: number): Code => f.constant(f64x2.const(value));

  /** Of the two lanes in `wide`: the turns to `to`, with the rounder added, and the angle on the stack. */
  const half = (to: Local): Code => [
    high.set(f64x2.mul(wide.get, constant(pieces[0]))),
    low.set(f64x2.mul(wide.get, constant(pieces[1] + pieces[2]))),
    when(far.get, [
      high.set(withoutCircles(high.get, to)),
      low.set(f64x2.const(0)),
      pieces.slice(1).map(piece => {
        const product = f64x2.mul(wide.get, f64x2.const(piece));
        return low.set(f64x2.add(low.get, withoutCircles(product, to)));
      }),
    ]),
    to.set(f64x2.add(f64x2.add(high.get, low.get), constant(rounder))),
    f64x2.mul(f64x2.add(f64x2.sub(high.get, f64x2.sub(to.get, constant(rounder))), low.get), constant(Math.PI / 2)),
  ];

  return [
    far.set(v128.anyTrue(f32x4.ge(f32x4.abs(x.get), f.constant(f32x4.const(nearLimit))))),
    wide.set(f64x2.promoteLowF32x4(x.get)),
    r.set(f32x4.demoteF64x2Zero(half(turns))),
    wide.set(f64x2.promoteLowF32x4(shuffle(x.get, x.get, [2, 3, 2, 3]))),
    // x is no longer needed, and holds the turns of its last two lanes.
    r.set(shuffle(r.get, f32x4.demoteF64x2Zero(half(x)), [0, 1, 4, 5])),
    turns.set(shuffle(turns.get, x.get, [0, 2, 4, 6])),
  ];
}

/** The product less the nearest multiple of four quarter turns; exact. */
const withoutCircles = (product: Code, temporary: Local): Code => [
  temporary.set(product),
  f64x2.sub(temporary.get, f64x2.mul(f64x2.nearest(f64x2.mul(temporary.get, f64x2.const(0.25))), f64x2.const(4))),
];
