/** Texts and numbers as Kafka's records carry them, written into a buffer that the caller made large enough. */

/** Bytes of a text in UTF-8. */
export function textBytes(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** Writes a text in UTF-8; answers the place behind it. Short texts letter by letter: a call of Node's costs more than they do. */
export function writeText(into: Buffer, at: number, text: string): number {
  if (text.length > LETTERS_MAX) return at + into.write(text, at);
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (letter > 0x7f) return at + into.write(text, at);
    into[at + i] = letter;
  }
  return at + text.length;
}

/** Bytes of a whole number from -1 to 2^30, signs folded, seven bits a byte. */
export function varintBytes(value: number): number {
  const folded = fold(value);
  return folded < 1 << 7 ? 1 : folded < 1 << 14 ? 2 : folded < 1 << 21 ? 3 : folded < 1 << 28 ? 4 : 5;
}

/** Writes such a number; answers the place behind it. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  let [rest, next] = [fold(value), at];
  for (; rest > 0x7f; rest >>>= 7) into[next++] = (rest & 0x7f) | 0x80;
  into[next] = rest;
  return next + 1;
}

const LETTERS_MAX = 64;

const fold = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;
