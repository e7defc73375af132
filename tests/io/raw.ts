/** A file of any header, a text or something for JSON, and any data, valid or not. */
export function rawFile(header: unknown, data: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const bytes = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}

/** An .npy file of any header, version and data, valid or not. */
export function rawNpy(header: string, data: ArrayLike<number> = [], version = 1, length?: number): Uint8Array {
  const text = Buffer.from(header, 'latin1');
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  if (version === 1) prefix.writeUInt16LE(length ?? text.length, 8);
  else prefix.writeUInt32LE(length ?? text.length, 8);
  return Uint8Array.from([...prefix, ...text, ...Array.from(data)]);
}

/** A file in a ZIP archive; what is given beside its name and bytes is said of it, true or not. */
export interface RawEntry {
  readonly name: string;
  /** As they are in the archive. */
  readonly bytes: Uint8Array;
  readonly crc?: number;
  readonly method?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly flags?: number;
  readonly begin?: number;
  readonly localName?: string;
  readonly localExtra?: number;
  readonly extra?: Uint8Array;
}

/** A ZIP archive, valid or not, with a comment and other numbers in the record at its end if wanted. */
export function rawZip(entries: readonly RawEntry[], end: Record<number, number> = {}, comment = ''): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { name, bytes, method = 0, flags = 0x800, extra = new Uint8Array(0) } = entry;
    const local = Buffer.alloc(30);
    const localName = Buffer.from(entry.localName ?? name);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(localName.length, 26);
    local.writeUInt16LE(entry.localExtra ?? 0, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(entry.crc ?? 0, 16);
    central.writeUInt32LE(entry.compressedSize ?? bytes.length, 20);
    central.writeUInt32LE(entry.size ?? bytes.length, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(entry.begin ?? at, 42);
    parts.push(local, localName, Buffer.from(bytes));
    directory.push(central, Buffer.from(name), Buffer.from(extra));
    at += 30 + localName.length + bytes.length;
  }
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50, 0);
  last.writeUInt16LE(entries.length, 8);
  last.writeUInt16LE(entries.length, 10);
  last.writeUInt32LE(Buffer.concat(directory).length, 12);
  last.writeUInt32LE(at, 16);
  last.writeUInt16LE(comment.length, 20);
  for (const [field, value] of Object.entries(end))
    if (Number(field) < 12) last.writeUInt16LE(value, Number(field));
    else last.writeUInt32LE(value, Number(field));
  return Uint8Array.from(Buffer.concat([...parts, ...directory, last, Buffer.from(comment)]));
}
