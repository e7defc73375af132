import { Tensor } from '@tapegrad/autograd';
import { copyOf, GradError, type TypedArray } from '@tapegrad/tensor';
import { Buffer, Parameter } from './parameter.ts';

/**
 * A copy of a value down to its last part; what comes several times in it is one in the copy too. Tensors get memory of
 * their own. `blank` gives what the fields of an object of a class are copied into, or null where the object stays itself.
 *
 * @throws GradError for a tensor that an operation made; it names the path to it.
 */
export function deepCopy<T extends object>(value: T, blank: (original: object) => object | null): T {
  const copies = new Map<object, object>();

  function visit(part: unknown, path: string): unknown {
    if (typeof part !== 'object' || part === null) return part;
    const known = copies.get(part);
    if (known !== undefined) return known;
    const made = part instanceof Tensor ? copyTensor(part, path) : emptyLike(part, blank);
    copies.set(part, made);
    if (made === part || part instanceof Tensor || ArrayBuffer.isView(part)) return made;
    copyContents(part, made, path);
    return made;
  }

  function copyContents(from: object, to: object, path: string): void {
    if (from instanceof Map)
      for (const [key, item] of from) (to as typeof from).set(visit(key, path), visit(item, join(path, key)));
    if (from instanceof Set) for (const item of from) (to as typeof from).add(visit(item, path));
    for (const key of Reflect.ownKeys(from)) {
      const property = Object.getOwnPropertyDescriptor(from, key)!;
      if ('value' in property) property.value = visit(property.value, join(path, key));
      Object.defineProperty(to, key, property);
    }
  }

  return visit(value, '') as T;
}

const join = (path: string, key: unknown): string => (path === '' ? String(key) : `${path}.${String(key)}`);

/** A leaf of the same kind with the same numbers, and without a gradient. */
function copyTensor(x: Tensor, path: string): Tensor {
  if (!x.isLeaf)
    throw new GradError(
      `clone: expected tensors that no operation made, got one at ${path} with a history; keep its detach() there`,
    );
  const { requiresGrad } = x;
  const copy = new Tensor(copyOf(x.value));
  if (x instanceof Parameter) return new Parameter(copy, { requiresGrad });
  if (x instanceof Buffer) return new Buffer(copy);
  copy.requiresGrad = requiresGrad;
  return copy;
}

/** What the parts of an object go into: nothing yet for arrays and their like, all of it for arrays of numbers. */
function emptyLike(part: object, blank: (original: object) => object | null): object {
  if (ArrayBuffer.isView(part)) return part instanceof DataView ? part : (part as TypedArray).slice();
  const prototype: unknown = Object.getPrototypeOf(part);
  if (prototype === Array.prototype) return [];
  if (prototype === Map.prototype) return new Map();
  if (prototype === Set.prototype) return new Set();
  if (prototype === Object.prototype || prototype === null) return Object.create(prototype);
  return blank(part) ?? part;
}
