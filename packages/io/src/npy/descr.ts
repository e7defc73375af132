import { type DType, FormatError } from '@tapegrad/tensor';
import { hostIsLittleEndian } from '../elements/order.ts';
import type { Stored } from '../elements/read.ts';
import { type StorageName, storages } from '../elements/storage.ts';
import { quote } from '../text.ts';

/** The dtypes that are written, and what NumPy calls them. */
export const descrOf: Readonly<Record<DType, string>> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  bool: '|b1',
};

const storageOf: Readonly<Record<string, StorageName>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  b1: 'BOOL',
};

/** The kinds of dtypes that no tensor has. */
const kinds: Readonly<Record<string, string>> = {
  O: 'pickled Python objects',
  V: 'raw bytes or a structure',
  c: 'complex numbers',
  U: 'strings',
  S: 'byte strings',
  a: 'byte strings',
  M: 'dates',
  m: 'times',
};

/** What a dtype as NumPy writes it says of the elements: the order of bytes (< is little-endian), the kind, the width. */
export function storedAs(where: string, descr: string): Stored {
  const [, order, type] = /^([<>=|]?)([a-z][0-9])$/.exec(descr) ?? [];
  if (type !== undefined && Object.hasOwn(storageOf, type)) {
    const littleEndian = order === '<' || (order !== '>' && hostIsLittleEndian);
    return { type: quote(descr), storage: storages[storageOf[type]], littleEndian };
  }
  const kind = kinds[descr.replace(/^[<>=|]/, '')[0]];
  throw new FormatError(
    `${where}: expected a dtype among ${Object.keys(storageOf).join(' ')}, ` +
      `got ${quote(descr)}${kind === undefined ? '' : `, ${kind}`}`,
  );
}
