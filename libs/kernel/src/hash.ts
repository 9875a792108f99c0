/** Stable hashes in plain arithmetic: the same text gives the same number on every machine and in every version. */

const encode = (text: string): Uint8Array => {
  const ascii = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) return encodeWide(text);
    ascii[i] = c;
  }
  return ascii;
};

const encodeWide = (text: string): Uint8Array => {
  const bytes: number[] = [];
  for (const character of text) {
    const c = character.codePointAt(0) ?? 0;
    if (c < 0x80) bytes.push(c);
    else if (c < 0x800) bytes.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) {
      const s = c >= 0xd800 && c <= 0xdfff ? 0xfffd : c; // a lone surrogate is encoded as U+FFFD, as TextEncoder does
      bytes.push(0xe0 | (s >> 12), 0x80 | ((s >> 6) & 63), 0x80 | (s & 63));
    } else bytes.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(bytes);
};

/** MurmurHash3 x86 32-bit (Appleby, 2010) of the text in UTF-8. A whole number in [0, 2^32). */
export function hash32(text: string, seed = 0): number {
  const bytes = encode(text);
  const blocks = bytes.length >> 2;
  let h = seed | 0;
  const mix = (k: number): number => {
    const a = Math.imul(k, 0xcc9e2d51);
    return Math.imul((a << 15) | (a >>> 17), 0x1b873593);
  };
  const at = (i: number): number => bytes[i] ?? 0;
  for (let i = 0; i < blocks; i++) {
    h ^= mix(at(4 * i) | (at(4 * i + 1) << 8) | (at(4 * i + 2) << 16) | (at(4 * i + 3) << 24));
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  const tail = 4 * blocks;
  if (bytes.length > tail) h ^= mix(at(tail) | (at(tail + 1) << 8) | (at(tail + 2) << 16));
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A place in [0, 1) that depends on the text alone: for holdouts, made-up attributes and sampling. 53 bits from two 32-bit hashes. */
export const unitHash = (text: string): number => (hash32(text, 0x9747b28c) * 2 ** 21 + (hash32(text, 0x3c6ef372) >>> 11)) / 2 ** 53;

/** Murmur2 as Kafka's clients use it to place a key: the partition of the key among `partitions`. */
export function partitionOf(key: string, partitions: number): number {
  const bytes = encode(key);
  const m = 0x5bd1e995;
  const at = (i: number): number => bytes[i] ?? 0;
  let h = (0x9747b28c ^ bytes.length) | 0;
  const blocks = bytes.length >> 2;
  for (let i = 0; i < blocks; i++) {
    let k = at(4 * i) | (at(4 * i + 1) << 8) | (at(4 * i + 2) << 16) | (at(4 * i + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const tail = 4 * blocks;
  const rest = bytes.length - tail;
  if (rest === 3) h ^= at(tail + 2) << 16;
  if (rest >= 2) h ^= at(tail + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ at(tail), m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return (h & 0x7fffffff) % partitions;
}
