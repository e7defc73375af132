import type { DType } from '@tapegrad/tensor';
import type { StorageName } from '../elements/storage.ts';

/** The dtypes that are written, and what they are called in a file. */
export const nameOf: Readonly<Record<DType, StorageName>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  bool: 'BOOL',
};

/** Names of tensors that are none: this one holds the metadata. */
export const metadataKey = '__metadata__';

/** The first bytes are the header's length as a 64-bit number. */
export const prefixLength = 8;

/** The longest header that the reference implementation reads, in bytes. */
export const longestHeader = 100_000_000;
