import { AttuneError } from '@attune/kernel/errors';

/** Shorter texts have a length of one byte. */
const SHORT = 64;
/** Up to it, shifts do the work. */
const SMALL_MAX = 2 ** 31 - 1;
/** What the fifth byte of a number counts. */
const HIGH = 2 ** 28;

/** Room that a writer leaves to the next one. A writer that is begun within another's work finds none. */
let spare: Room | undefined;
const SPARE_BYTES = 8_192;

interface Room {
  readonly bytes: Uint8Array;
  /** The same bytes. Slices of it would be Buffers, which take longer to make. */
  readonly buffer: Buffer;
}

function roomOf(length: number): Room {
  const bytes = new Uint8Array(length);
  return { bytes, buffer: Buffer.from(bytes.buffer) };
}

const noRoom = roomOf(0);

/** Writes whole numbers as zigzag varints, and texts in UTF-8 and bytes with their length first. */
export class BytesWriter {
  #room = spare ?? roomOf(SPARE_BYTES);
  #bytes = this.#room.bytes;
  #at = 0;

  constructor() {
    spare = undefined;
  }

  /** How many bytes are written. */
  get at(): number {
    return this.#at;
  }

  /** Appends a safe integer. */
  whole(value: number): this {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    this.#need(10);
    for (; rest > SMALL_MAX; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = (rest & 127) | 128;
    this.#bytes[this.#at++] = rest;
    return this;
  }

  /** Appends a double, bit for bit. */
  double(value: number): this {
    this.#need(8);
    this.#at = this.#room.buffer.writeDoubleLE(value, this.#at);
    return this;
  }

  /** Appends a well-formed text. */
  text(value: string): this {
    if (value.length < SHORT && this.#ascii(value)) return this;
    const length = Buffer.byteLength(value);
    this.whole(length).#need(length);
    this.#at += this.#room.buffer.write(value, this.#at);
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.whole(value.length).raw(value);
  }

  /** Appends a part of bytes, without its length. */
  part(source: Uint8Array, from: number, to: number): this {
    const length = to - from;
    this.#need(length);
    // A view of the part costs more than so few bytes.
    if (length < SHORT) for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = source[from + i] ?? 0;
    else this.#bytes.set(source.subarray(from, to), this.#at);
    this.#at += length;
    return this;
  }

  /** Appends bytes without their length. */
  raw(value: Uint8Array): this {
    this.#need(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Appends a list, its length first. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.whole(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** A copy of what was written. Nothing may be appended any more. */
  done(): Uint8Array {
    const written = this.#bytes.slice(0, this.#at);
    spare = this.#room;
    this.#take(noRoom);
    return written;
  }

  /** Short words of ASCII, as nearly all are: a call into the engine costs more. False, and nothing appended, for others. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#need(length + 1);
    const from = this.#at + 1;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      this.#bytes[from + i] = unit;
    }
    this.#bytes[this.#at] = 2 * length;
    this.#at = from + length;
    return true;
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = roomOf(Math.max(SPARE_BYTES, 2 * (this.#at + more)));
    larger.bytes.set(this.#bytes.subarray(0, this.#at));
    this.#take(larger);
  }

  #take(room: Room): void {
    this.#room = room;
    this.#bytes = room.bytes;
  }
}

/** Reads what a BytesWriter wrote. @throws AttuneError STATE_UNREADABLE on bytes that end too early */
export class BytesReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  whole(): number {
    const first = this.#bytes[this.#at];
    if (first === undefined || first > 127) return this.#long();
    this.#at++;
    return first % 2 === 1 ? -(first + 1) / 2 : first / 2;
  }

  double(): number {
    const from = this.#take(8);
    return this.#bytes.readDoubleLE(from);
  }

  text(): string {
    const from = this.#take(this.whole());
    return this.#bytes.toString('utf8', from, this.#at);
  }

  /** A copy. */
  bytes(): Uint8Array {
    const from = this.past();
    return Uint8Array.prototype.slice.call(this.#bytes, from, this.#at);
  }

  /** Goes past these bytes where they come next; otherwise false, and nothing is read. */
  goesOn(expected: Uint8Array): boolean {
    const from = this.#at;
    for (let i = 0; i < expected.length; i++) if (this.#bytes[from + i] !== expected[i]) return false;
    this.#at = from + expected.length;
    return true;
  }

  /** How many bytes are read. */
  get at(): number {
    return this.#at;
  }

  /** Goes past bytes; answers where they begin in `all`. */
  past(): number {
    return this.#take(this.whole());
  }

  /** What is read from. */
  get all(): Uint8Array {
    return this.#bytes;
  }

  list<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.whole(); left > 0; left--) items.push(read());
    return items;
  }

  /** Four bytes by shifts, the others as a second part: both are exact, and doubles are slower. */
  #long(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? this.#cut();
      low |= (byte & 127) << shift;
      if (byte < 128) return low % 2 === 1 ? -(low + 1) / 2 : low / 2;
    }
    let high = 0;
    for (let place = 1; ; place *= 128) {
      const byte = this.#bytes[this.#at++] ?? this.#cut();
      high += (byte & 127) * place;
      if (byte < 128) break;
    }
    const half = (high * HIGH + low - (low & 1)) / 2;
    return (low & 1) === 1 ? -half - 1 : half;
  }

  #cut(): never {
    throw new AttuneError('STATE_UNREADABLE', 'The state of a profile is cut. Replay it.');
  }

  /** Goes on by so many bytes; answers where they begin. */
  #take(length: number): number {
    const from = this.#at;
    this.#at += length;
    if (length < 0 || this.#at > this.#bytes.length) this.#cut();
    return from;
  }
}
