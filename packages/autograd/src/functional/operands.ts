import {
  ArgumentError,
  broadcastShapes,
  type DType,
  DTypeError,
  dtypeOfNumber,
  isFloat,
  promote,
  promoteWeak,
} from '@tapegrad/tensor';
import * as ops from '../primitives/elementwise.ts';
import { apply } from '../tape/apply.ts';
import { none, type Primitive } from '../tape/primitive.ts';
import type { Tensor } from '../tensor.ts';

type Binary = Primitive<undefined>;

/** `other` as a tensor: a number becomes a scalar of x's dtype, or of a higher kind when its value needs one. */
export function operand(op: string, x: Tensor, other: unknown): Tensor {
  if (typeof other === 'number')
    return x.filled([], other, isFloat(x.dtype) ? x.dtype : promoteWeak(x.dtype, dtypeOfNumber(other)));
  checkTensor(op, 'the other operand', other, 'a tensor or a number');
  return other;
}

// For callers whom no compiler checks.

/** Throws unless an argument is a tensor. */
export function checkTensor(
  op: string,
  argument: string,
  value: unknown,
  expected = 'a tensor',
): asserts value is Tensor {
  if (typeof value !== 'object' || value === null || !('derive' in value)) throw wrong(op, argument, expected, value);
}

/** Throws unless an argument is a number. */
export function checkNumber(op: string, argument: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw wrong(op, argument, 'a number', value);
}

/** Throws unless an argument is an array, of sizes or dims. */
export function checkList(
  op: string,
  argument: string,
  value: unknown,
  expected = 'an array of whole numbers',
): asserts value is readonly number[] {
  if (!Array.isArray(value)) throw wrong(op, argument, expected, value);
}

/** Throws unless an argument is a dim, an array of dims, or left out. */
export function checkDims(op: string, value: unknown): asserts value is number | readonly number[] | undefined {
  if (value !== undefined && typeof value !== 'number')
    checkList(op, 'dim', value, 'a whole number or an array of them');
}

/** Throws unless an argument is an array of tensors, one at least. */
export function checkTensors(op: string, value: unknown): asserts value is readonly Tensor[] {
  if (!Array.isArray(value)) throw wrong(op, 'the tensors', 'an array', value);
  if (value.length === 0) throw new ArgumentError(`${op}: expected at least one tensor, got none`);
  value.forEach((x, i) => {
    checkTensor(op, `tensor ${i}`, x);
  });
}

/** The options of an operation; throws unless they are an object. */
export function checkOptions<T extends object>(op: string, options: T): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw wrong(op, 'the options', 'an object', options);
  return options;
}

function wrong(op: string, argument: string, expected: string, value: unknown): ArgumentError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return new ArgumentError(`${op}: expected ${argument} to be ${expected}, got ${got}`);
}

/** Applies `op` to two operands of one dtype, the promoted one. */
export function binary(op: Binary, x: Tensor, other: unknown): Tensor {
  const y = operand(op.name, x, other);
  if (x.dtype === y.dtype) return apply(op, [x, y], none);
  const dtype = commonDType(x, y);
  return apply(op, [x.to(dtype), y.to(dtype)], none);
}

/** The dtype two tensors meet in; a 0-d tensor is the weaker one. */
function commonDType(x: Tensor, y: Tensor): DType {
  if (x.ndim > 0 === y.ndim > 0) return promote(x.dtype, y.dtype);
  return x.ndim > 0 ? promoteWeak(x.dtype, y.dtype) : promoteWeak(y.dtype, x.dtype);
}

/** An operation that two bools have a meaning of their own for, or none. */
export function arithmetic(op: Binary, ofBools: Binary | null, x: Tensor, other: unknown): Tensor {
  if (x.dtype !== 'bool' || typeof other === 'number') return binary(op, x, other);
  const y = operand(op.name, x, other);
  if (y.dtype !== 'bool') return binary(op, x, y);
  if (ofBools === null)
    throw new DTypeError(`${op.name}: expected numbers, got two bool tensors; use logicalXor or to()`);
  return apply(ofBools, [x, y], none);
}

export function negative(x: Tensor): Tensor {
  if (x.dtype === 'bool') throw new DTypeError('neg: expected numbers, got a bool tensor; use logicalNot or to()');
  return apply(ops.neg, [x], none);
}

export function power(x: Tensor, other: unknown): Tensor {
  if (typeof other === 'number' && other < 0 && Number.isInteger(other) && !isFloat(x.dtype))
    throw new ArgumentError(`pow: expected an exponent from 0 for dtype ${x.dtype}, got ${other}; use to('float32')`);
  // As in PyTorch: NaN at -Infinity, where other powers are infinite.
  if (other === 0.5) return apply(ops.sqrt, [floating(x)], none);
  if (other === 2 && isFloat(x.dtype)) return apply(ops.square, [x], none);
  return binary(ops.pow, x, other);
}

/** An operation whose result has fractions: integers and bools are taken as float32. */
export function quotient(op: Binary, x: Tensor, other: unknown): Tensor {
  const y = operand(op.name, floating(x), other);
  return isFloat(y.dtype) && !isFloat(x.dtype) ? binary(op, x, y) : binary(op, floating(x), y);
}

export function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new DTypeError(`${op}: expected a float tensor, got dtype ${x.dtype}`);
}

/** x, or x as float32 when it is an integer or bool. */
export const floating = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : x.to('float32'));

/** Whether an operand is non-zero, as a bool tensor; a number stays one, 0 or 1. */
function truth(op: string, x: unknown): Tensor | number {
  if (typeof x === 'number') return Number(x !== 0);
  checkTensor(op, 'the other operand', x, 'a tensor or a number');
  return x.to('bool');
}

/** An operation on the truth of two operands: whether they differ from zero. */
export const logical = (op: Binary, x: Tensor, other: unknown): Tensor =>
  binary(op, x.to('bool'), truth(op.name, other));

/** condition ? a : b, where numbers may stand for a or b. */
export function choose(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  if (condition.dtype !== 'bool')
    throw new DTypeError(`where: expected a bool condition, got dtype ${condition.dtype}`);
  if (typeof a !== 'number') checkTensor('where', 'a', a, 'a tensor or a number');
  if (typeof b !== 'number') checkTensor('where', 'b', b, 'a tensor or a number');
  const like = [a, b].find(x => typeof x !== 'number') ?? condition.filled([], 0, 'float32');
  const [x, y] = [operand('where', like, a), operand('where', like, b)];
  const dtype = commonDType(x, y);
  return apply(ops.where, [condition, x.to(dtype), y.to(dtype)], none);
}

/** A number in the dtype of x; what int32 cannot hold is an error, a fraction is cut off. */
export function constant(op: string, x: Tensor, value: unknown): Tensor {
  checkNumber(op, 'the value', value);
  if (x.dtype === 'int32' && !Number.isFinite(value))
    throw new ArgumentError(`${op}: expected a value that int32 has, got ${value}; use to('float32') first`);
  return x.filled([], x.dtype === 'bool' ? Number(value !== 0) : value);
}

/** x with `value` where `mask` is true, in the dtype of x; the two broadcast. */
export function maskedFill(x: Tensor, mask: unknown, value: number): Tensor {
  checkTensor('maskedFill', 'the mask', mask);
  if (mask.dtype !== 'bool') throw new DTypeError(`maskedFill: expected a bool mask, got dtype ${mask.dtype}`);
  broadcastShapes('maskedFill', x.shape, mask.shape);
  return apply(ops.where, [mask, constant('maskedFill', x, value), x], none);
}
