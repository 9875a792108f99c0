const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const PLACES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, place) => [letter, place]));

/** The bytes in base64url, without padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const letters = Math.min(4, bytes.length - i + 1);
    for (let n = 0; n < letters; n++) text += ALPHABET[(three >> (18 - 6 * n)) & 63];
  }
  return text;
}

/** The bytes that `toBase64` made the text from; a letter of another alphabet counts as the first. */
export function fromBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let four = 0;
    for (let n = 0; n < 4; n++) four = (four << 6) | (PLACES.get(text[i + n] ?? 'A') ?? 0);
    for (let n = 0; n < 3 && at < bytes.length; n++) bytes[at++] = (four >> (16 - 8 * n)) & 255;
  }
  return bytes;
}
