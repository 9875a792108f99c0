/** CRC-32C (Castagnoli) of `bytes` between `from` and `to`, as record batches of Kafka carry it: a whole number in [0, 2^32). Eight bytes a round. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1;
  let at = from;
  for (const end = to - ((to - from) & 7); at < end; at += 8) {
    const low = crc ^ (byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24));
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, byte(bytes, at + 4)) ^
      entry(2, byte(bytes, at + 5)) ^
      entry(1, byte(bytes, at + 6)) ^
      entry(0, byte(bytes, at + 7));
  }
  for (; at < to; at++) crc = entry(0, crc ^ byte(bytes, at)) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: the n-th says what a byte does to the sum when n more bytes follow in the same round. */
const tables = tablesOf(POLYNOMIAL);

const byte = (bytes: Uint8Array, at: number): number => bytes[at] as number;
const entry = (table: number, value: number): number => tables[(table << 8) | (value & 0xff)] as number;

function tablesOf(polynomial: number): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let sum = i;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    made[i] = sum;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] as number;
    made[i] = (made[before & 0xff] as number) ^ (before >>> 8);
  }
  return made;
}
