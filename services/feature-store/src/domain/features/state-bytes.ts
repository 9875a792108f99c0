import { AttuneError } from '@attune/kernel/errors';
import { type Whole, wholeOf } from './whole-number.ts';

/** Below it, twice a number is still exact as a double; above, BigInt does the work, ten times slower. */
const EXACT_MAX = 2 ** 51;
const EXACT_BIG = 2n ** 51n;
/** Up to it, shifts do the work. */
const SMALL_MAX = 2 ** 31 - 1;
/** Seven bytes of seven bits are exact as a double. */
const PLACE_MAX = 128 ** 6;
const none = new Uint8Array();
/** The bytes of one double at a time. */
const eight = new DataView(new ArrayBuffer(8));

/** Room that a writer leaves to the next one, so that most states are written without any of their own. A writer that is begun within another's work finds none. */
let spare: Uint8Array | undefined;
const SPARE_BYTES = 4_096;

/** Writes a state as bytes: whole numbers as zigzag varints of any size, text as its UTF-16 units, so that every text comes back as it was. */
export class StateWriter {
  #bytes: Uint8Array;
  #at = 0;

  /** `version`: 0 to 255, the first byte. */
  constructor(version: number) {
    this.#bytes = spare ?? new Uint8Array(SPARE_BYTES);
    spare = undefined;
    this.#byte(version);
  }

  /** Appends a whole number; a `number` must be a safe integer. */
  whole(value: number | bigint): this {
    if (typeof value === 'number' && Math.abs(value) < EXACT_MAX) return this.#small(value < 0 ? -2 * value - 1 : 2 * value);
    if (typeof value === 'bigint' && value < EXACT_BIG && value > -EXACT_BIG) return this.whole(Number(value));
    const wide = BigInt(value);
    let rest = wide < 0n ? -2n * wide - 1n : 2n * wide;
    while (rest > 127n) {
      this.#byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
    return this;
  }

  /** Appends a text, its length first. */
  text(value: string): this {
    this.whole(value.length);
    for (let i = 0; i < value.length; i++) this.#small(2 * value.charCodeAt(i));
    return this;
  }

  /** Appends bytes, their number first. */
  bytes(value: Uint8Array): this {
    this.whole(value.length);
    for (const byte of value) this.#byte(byte);
    return this;
  }

  /** Appends bytes without their number. */
  raw(value: Uint8Array): this {
    const from = this.#at;
    this.#need(value.length);
    this.#bytes.set(value, from);
    this.#at = from + value.length;
    return this;
  }

  /** Appends a double, bit for bit, in eight bytes. */
  double(value: number): this {
    eight.setFloat64(0, value);
    for (let i = 0; i < 8; i++) this.#byte(eight.getUint8(i));
    return this;
  }

  /** The bytes written, from a place on. Nothing may be appended any more. */
  done(from = 0): Uint8Array {
    const written = this.#bytes.slice(from, this.#at);
    spare = this.#bytes;
    this.#bytes = none;
    return written;
  }

  #small(zigzag: number): this {
    let rest = zigzag;
    for (; rest > SMALL_MAX; rest = Math.floor(rest / 128)) this.#byte((rest % 128) + 128);
    for (; rest > 127; rest >>>= 7) this.#byte((rest & 127) | 128);
    this.#byte(rest);
    return this;
  }

  #byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#need(1);
    this.#bytes[this.#at++] = value;
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(SPARE_BYTES, 2 * (this.#at + more)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a StateWriter wrote. Throws AttuneError STATE_UNREADABLE on another version and on bytes that end too early. */
export class StateReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, version: number) {
    this.#bytes = bytes;
    const found = this.#next();
    if (found !== version) throw new AttuneError('STATE_UNREADABLE', `The state of a feature has version ${found}; ${version} is read. Replay it.`);
  }

  /** How many bytes are read. */
  get at(): number {
    return this.#at;
  }

  /** True once everything is read. */
  get ended(): boolean {
    return this.#at === this.#bytes.length;
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

  /** A whole number that must be a safe integer. */
  whole(): number {
    return Number(this.any());
  }

  /** A whole number of any size. */
  any(): Whole {
    const from = this.#at;
    let zigzag = 0;
    for (let place = 1; place <= PLACE_MAX; place *= 128) {
      const byte = this.#next();
      zigzag += (byte & 127) * place;
      if (byte < 128) return zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
    }
    this.#at = from;
    return wholeOf(this.big());
  }

  text(): string {
    let text = '';
    for (let left = this.whole(); left > 0; left--) text += String.fromCharCode(this.whole());
    return text;
  }

  /** Goes past so many texts. */
  pastTexts(count: number): void {
    for (let texts = count; texts > 0; texts--) for (let units = this.whole(); units > 0; units--) while (this.#next() > 127);
  }

  bytes(): Uint8Array {
    return Uint8Array.from({ length: this.whole() }, () => this.#next());
  }

  double(): number {
    for (let i = 0; i < 8; i++) eight.setUint8(i, this.#next());
    return eight.getFloat64(0);
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new AttuneError('STATE_UNREADABLE', 'The state of a feature is cut. Replay it.');
    return byte;
  }
}
