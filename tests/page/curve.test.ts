import { describe, expect, test } from 'vitest';
import { Curve } from '../../examples/browser/src/curve.ts';

describe('the curve of a run', () => {
  test('has every step as long as they are few', () => {
    const curve = new Curve(8);
    curve.push([4, 3, 2], [{ step: 2, loss: 5 }]);
    expect(curve.columns()).toEqual([
      [1, 2, 3],
      [4, 3, 2],
      [null, 5, null],
    ]);
  });

  test('has means of ever longer stretches when they are many, and never more points than it may', () => {
    const curve = new Curve(8);
    for (let step = 1; step <= 1000; step++) {
      curve.push([step], step % 100 === 0 ? [{ step, loss: -step }] : []);
      expect(curve.columns()[0].length).toBeLessThanOrEqual(8);
    }
    const [steps, means, heldOut] = curve.columns();
    expect(curve.steps).toBe(1000);
    expect(steps).toEqual([128, 256, 384, 512, 640, 768, 896, 1000]);
    expect(means).toEqual([64.5, 192.5, 320.5, 448.5, 576.5, 704.5, 832.5, 948.5]);
    expect(heldOut).toEqual([-100, null, -300, -500, null, -700, null, -1000]);
  });

  test('is the same however the steps arrive', () => {
    const [one, other] = [new Curve(16), new Curve(16)];
    const losses = Array.from({ length: 100 }, (_, i) => 100 / (i + 1));
    one.push(losses, []);
    for (const loss of losses) other.push([loss], []);
    expect(one.columns()).toEqual(other.columns());
  });

  test('as a table has a few rows, evenly spread, the last of which is the last step', () => {
    const curve = new Curve(64);
    curve.push(
      Array.from({ length: 50 }, (_, i) => i),
      [{ step: 10, loss: 9 }],
    );
    const rows = curve.rows(5);
    expect(rows.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50]);
    expect(rows[0]).toEqual({ step: 10, loss: 4.5, heldOut: 9 });
    expect(new Curve().rows(5)).toEqual([]);
  });
});
