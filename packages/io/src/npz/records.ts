/** The records of a ZIP file begin with these, `PK` and a number. */
export const signatures = {
  local: 0x04034b50,
  entry: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;

/** The lengths of the records, without the names and other fields of any length that may follow. */
export const recordLength = { local: 30, entry: 46, end: 22, end64: 56, locator64: 20 } as const;

/** A 32-bit and a 16-bit number that stand for one in a 64-bit field elsewhere. */
export const elsewhere32 = 0xffffffff;
export const elsewhere16 = 0xffff;

/** What an extra field with 64-bit numbers begins with. */
export const extra64 = 1;

export const stored = 0;
export const deflated = 8;

/** The flag of an entry whose name is UTF-8; the others are code page 437, of which ASCII is a part. */
export const utf8Flag = 0x800;
