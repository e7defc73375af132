import {
  defineOp,
  grad,
  type Node,
  noGrad,
  type Observer,
  observe,
  ones,
  type Tensor,
  tensor,
} from '@tapegrad/autograd';
import { describe, expect, test } from 'vitest';

const leaf = (data: number | number[]): Tensor => tensor(data, { requiresGrad: true });

/** The names of the operations that `fn` does. */
function namesOf(fn: () => unknown): string[] {
  const names: string[] = [];
  observe({ applied: op => names.push(op.name) }, fn);
  return names;
}

describe('observe', () => {
  test('sees every operation once, with its inputs and its output, in order', () => {
    const [x, y] = [ones([2]), ones([2])];
    const seen: [string, readonly Tensor[], Tensor][] = [];
    const z = observe({ applied: (op, inputs, _attrs, output) => seen.push([op.name, inputs, output]) }, () =>
      x.add(y).exp(),
    );
    expect(seen.map(([name]) => name)).toEqual(['add', 'exp']);
    expect(seen[0][1][0]).toBe(x);
    expect(seen[0][1][1]).toBe(y);
    expect(seen[1][1][0]).toBe(seen[0][2]);
    expect(seen[1][2]).toBe(z);
  });

  test('sees the parts of a composed operation', () => {
    expect(namesOf(() => ones([2, 2]).mean())).toEqual(['sum', 'div']);
  });

  test('sees operations under noGrad, and a history where there is one', () => {
    const nodes: (Node<any> | null)[] = [];
    const x = leaf([1, 2]);
    observe({ applied: (_op, _inputs, _attrs, _output, node) => nodes.push(node) }, () => {
      noGrad(() => x.exp());
      expect(x.exp().node).toBe(nodes[1]);
    });
    expect(nodes[0]).toBeNull();
  });

  test('sees what backward computes and adds up', () => {
    const x = leaf([1, 2]);
    x.grad = ones([2]);
    const y = x.mul(3).sum();
    expect(namesOf(() => y.backward())).toEqual(['reshape', 'expand', 'mul', 'add']);
  });

  test('sees an assignment', () => {
    expect(namesOf(() => ones([2]).assign(3))).toEqual(['assign']);
  });

  test('sees an operation of your own as one', () => {
    const twice = defineOp({
      name: 'twice',
      forward: (x: Tensor) => x.add(x).mul(1),
      backward: g => g.mul(2),
    });
    const y = twice(leaf([1]));
    expect(namesOf(() => twice(leaf([1])))).toEqual(['twice']);
    expect(namesOf(() => y.backward())).toEqual(['mul', 'clone']);
  });

  test('does not see an operation that failed', () => {
    expect(namesOf(() => expect(() => ones([2]).sum(5 as number)).toThrow())).toEqual([]);
  });

  test('may stand around each gradient rule', () => {
    const order: string[] = [];
    const observer: Observer = {
      applied: op => order.push(op.name),
      differentiate(node, compute) {
        order.push(`(${node.op?.name}`);
        const gradient = compute();
        order.push(`${node.op?.name})`);
        return gradient;
      },
    };
    const y = leaf([1, 2]).exp().slice(0, 1).neg();
    observe(observer, () => y.backward());
    expect(order).toEqual(['(neg', 'neg', 'neg)', '(slice', 'sliceAdd', 'slice)', '(exp', 'mul', 'exp)']);
  });

  test('may be told before each operation, also of one that fails, and of an assignment', () => {
    const order: string[] = [];
    const observer: Observer = {
      applying: op => order.push(`${op.name}…`),
      applied: op => order.push(op.name),
    };
    observe(observer, () => {
      ones([2]).exp();
      expect(() => ones([2]).add(ones([3]) as Tensor)).toThrow();
      ones([2]).assign(3);
      expect(() => ones([2]).assign(ones([3]))).toThrow();
    });
    expect(order).toEqual(['exp…', 'exp', 'add…', 'assign…', 'assign', 'assign…']);
  });

  test('may stand around each way back through a tape, the adding up of gradients included', () => {
    const order: string[] = [];
    const observer: Observer = {
      applied: op => order.push(op.name),
      goingBack(walk) {
        order.push('(');
        const result = walk();
        order.push(')');
        return result;
      },
    };
    const x = leaf([1, 2]);
    x.grad = ones([2]);
    observe(observer, () => {
      const y = x.exp();
      y.backward(ones([2]));
      grad(y, x, { gradOutputs: ones([2]) });
    });
    expect(order).toEqual(['exp', '(', 'mul', 'add', ')', '(', 'mul', ')']);
  });

  test('gives way to an observer inside, and comes back after it, also after an error', () => {
    const outer: string[] = [];
    observe({ applied: op => outer.push(op.name) }, () => {
      ones([1]).exp();
      expect(namesOf(() => ones([1]).sin())).toEqual(['sin']);
      observe(null, () => ones([1]).cos());
      expect(() =>
        observe({ applied: () => {} }, () => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
      ones([1]).neg();
    });
    ones([1]).tan();
    expect(outer).toEqual(['exp', 'neg']);
  });
});
