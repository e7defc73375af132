import type { DType } from '@tapegrad/tensor';
import { type Code, f32, f32x4, f64, i8x16, i16x8, i32, i32x4, type Local, shuffle, v128 } from '@tapegrad/wasm';

// Between memory and the lanes of vectors: float32 and int32 as they are, bool as lanes of ones or zeros.

/** Four elements that follow each other (fewer count where a row ends; what lies behind is read, too). */
export function loadVector(dtype: DType, address: Code, offset: number): Code {
  if (dtype !== 'bool') return v128.load(address, offset);
  const bytes = v128.load32Zero(address, offset);
  return i32x4.ne(i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes)), i32x4.const(0));
}

/** One element in all lanes; a float64 as a float32. */
export function loadSplat(dtype: DType, address: Code): Code {
  if (dtype === 'float64') return f32x4.splat(f32.demote(f64.load(address)));
  if (dtype === 'bool') return i32x4.ne(i32x4.splat(i32.load8U(address)), i32x4.const(0));
  return v128.load32Splat(address);
}

/** `lanes` elements that lie `step` bytes apart. */
export function loadApart(dtype: DType, address: Code, step: number, lanes: number): Code {
  const at = (lane: number): Code => (lane === 0 ? address : i32.add(address, i32.const(lane * step)));
  if (dtype === 'bool') {
    let bytes = i32x4.splat(i32.load8U(address));
    for (let lane = 1; lane < lanes; lane++) bytes = i32x4.replaceLane(bytes, lane, i32.load8U(at(lane)));
    return i32x4.ne(bytes, i32x4.const(0));
  }
  let vector = v128.load32Splat(address);
  for (let lane = 1; lane < lanes; lane++) vector = v128.load32Lane(at(lane), vector, lane);
  return vector;
}

/** Writes the first `lanes` elements of a vector so that they follow each other. */
export function storeVector(dtype: DType, address: Code, vector: Code, offset: number, lanes: number): Code {
  if (dtype === 'bool') {
    const bytes = narrow(vector);
    if (lanes === 4) return v128.store32Lane(address, bytes, 0, offset);
    return Array.from({ length: lanes }, (_, lane) =>
      i32.store8(address, i32.and(i32x4.extractLane(vector, lane), i32.const(1)), offset + lane),
    );
  }
  if (lanes === 4) return v128.store(address, vector, offset);
  return Array.from({ length: lanes }, (_, lane) => v128.store32Lane(address, vector, lane, offset + 4 * lane));
}

/** Writes the first `lanes` elements of a vector `step` bytes apart. */
export function storeApart(dtype: DType, address: Code, vector: Code, step: number, lanes: number): Code {
  return Array.from({ length: lanes }, (_, lane) => {
    const at = lane === 0 ? address : i32.add(address, i32.const(lane * step));
    return dtype === 'bool'
      ? i32.store8(at, i32.and(i32x4.extractLane(vector, lane), i32.const(1)))
      : v128.store32Lane(at, vector, lane);
  });
}

/** Four lanes of ones or zeros as four bytes, 1 or 0, in the first lane. */
function narrow(mask: Code): Code {
  const words = i16x8.narrowI32x4(v128.and(mask, i32x4.const(1)), i32x4.const(0));
  return i8x16.narrowI16x8(words, i32x4.const(0));
}

/** A constant in all lanes. */
export function constantVector(dtype: DType, value: number): Code {
  if (dtype === 'int32') return i32x4.const(value);
  if (dtype === 'bool') return i32x4.const(value === 0 ? 0 : -1);
  return f32x4.const(value);
}

/** Folds the lanes of a variable, so that all of them hold the result. */
export const foldLanes = (vector: Local, combine: (a: Code, b: Code) => Code): Code => [
  vector.set(combine(vector.get, shuffle(vector.get, vector.get, [2, 3, 0, 1]))),
  vector.set(combine(vector.get, shuffle(vector.get, vector.get, [1, 0, 3, 2]))),
];
