import { AttuneError } from '@attune/kernel/errors';

/** Writes a state as bytes: whole numbers as zigzag varints of any size, text as its UTF-16 units, so that every text comes back as it was. */
export class StateWriter {
  readonly #bytes: number[];

  /** `version`: 0 to 255, the first byte. */
  constructor(version: number) {
    this.#bytes = [version];
  }

  /** Appends a whole number; a `number` must be a safe integer. */
  whole(value: number | bigint): this {
    const wide = BigInt(value);
    let rest = wide < 0n ? -2n * wide - 1n : 2n * wide;
    while (rest > 127n) {
      this.#bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
    return this;
  }

  /** Appends a text, its length first. */
  text(value: string): this {
    this.whole(value.length);
    for (let i = 0; i < value.length; i++) this.whole(value.charCodeAt(i));
    return this;
  }

  /** The bytes written so far. */
  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads what a StateWriter wrote. Throws AttuneError INTERNAL on another version and on bytes that end too early. */
export class StateReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, version: number) {
    this.#bytes = bytes;
    const found = this.#next();
    if (found !== version) throw new AttuneError('INTERNAL', `The state of a feature has version ${found}; ${version} is read. Replay it.`);
  }

  big(): bigint {
    let value = 0n;
    let shift = 0n;
    for (let byte = 128; byte > 127; shift += 7n) {
      byte = this.#next();
      value |= BigInt(byte & 127) << shift;
    }
    return (value & 1n) === 1n ? -((value + 1n) >> 1n) : value >> 1n;
  }

  whole(): number {
    return Number(this.big());
  }

  text(): string {
    let text = '';
    for (let left = this.whole(); left > 0; left--) text += String.fromCharCode(this.whole());
    return text;
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new AttuneError('INTERNAL', 'The state of a feature is cut. Replay it.');
    return byte;
  }
}
