/** WebAssembly code: bytes, nested the way they were put together. */
export type Code = number | readonly Code[];

/** An unsigned number in LEB128, seven bits to a byte. */
export function unsigned(n: number): number[] {
  const bytes: number[] = [];
  do {
    const low = n % 128;
    n = Math.floor(n / 128);
    bytes.push(n > 0 ? low | 128 : low);
  } while (n > 0);
  return bytes;
}

/** A signed 32-bit number in LEB128. */
export function signed(n: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = n & 127;
    n >>= 7;
    const done = (n === 0 && (low & 64) === 0) || (n === -1 && (low & 64) !== 0);
    bytes.push(done ? low : low | 128);
    if (done) return bytes;
  }
}

/** The four bytes of a float32, lowest first. */
export const float32Bytes = (x: number): number[] => Array.from(new Uint8Array(Float32Array.of(x).buffer));

/** The eight bytes of a float64, lowest first. */
export const float64Bytes = (x: number): number[] => Array.from(new Uint8Array(Float64Array.of(x).buffer));

/** The four bytes of an int32, lowest first. */
export const int32Bytes = (n: number): number[] => Array.from(new Uint8Array(Int32Array.of(n).buffer));

/** A name: its length, and its characters, which are ASCII. */
export const text = (name: string): number[] => [...unsigned(name.length), ...Array.from(name, c => c.charCodeAt(0))];

/** A list: its length, and its items. */
export const list = (items: readonly Code[]): Code => [unsigned(items.length), items];

/** The bytes of code, one after the other. */
export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const add = (part: Code): void => {
    if (typeof part === 'number') bytes.push(part);
    else for (let i = 0; i < part.length; i++) add(part[i]);
  };
  add(code);
  return bytes;
}
