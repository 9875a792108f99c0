/** Longer texts are left to the engine, and lengths above it take more than a byte. */
const SHORT = 128;
/** Up to it, shifts do the work. */
const SMALL_MAX = 2 ** 31 - 1;
const ROOM_BYTES = 16_384;

/** Writes protobuf messages for places where that is done for every field of a customer: what the generated encoders do, without an object a value. Only one message at a time. */
export class MessageWriter {
  #bytes = Buffer.alloc(ROOM_BYTES);
  #at = 0;

  /** Begins; what was not finished is let go of. */
  begin(): this {
    this.#at = 0;
    return this;
  }

  /** Appends a whole number from 0 to 2^53, also a tag or a length, as a varint. */
  whole(value: number): this {
    this.#need(10);
    let rest = value;
    for (; rest > SMALL_MAX; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = (rest & 127) | 128;
    this.#bytes[this.#at++] = rest;
    return this;
  }

  /** Appends a double. */
  double(value: number): this {
    this.#need(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    return this;
  }

  /** Appends a text in UTF-8, its length first. */
  text(value: string): this {
    if (value.length < SHORT && this.#ascii(value)) return this;
    const length = Buffer.byteLength(value);
    this.whole(length).#need(length);
    this.#at += this.#bytes.write(value, this.#at);
    return this;
  }

  /** Appends bytes as they are. */
  raw(value: Uint8Array): this {
    this.#need(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Begins a message within the message; answers what `close` is to be told. */
  open(): number {
    this.#need(1);
    return ++this.#at;
  }

  /** Ends the message within: its length goes before it. */
  close(from: number): this {
    const length = this.#at - from;
    if (length < SHORT) {
      this.#bytes[from - 1] = length;
      return this;
    }
    const within = Buffer.from(this.#bytes.subarray(from, this.#at));
    this.#at = from - 1;
    return this.whole(length).raw(within);
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#at));
  }

  /** Short texts of ASCII, as nearly all are. False, and nothing appended, for others. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#need(length + 1);
    const from = this.#at + 1;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      this.#bytes[from + i] = unit;
    }
    this.#bytes[this.#at] = length;
    this.#at = from + length;
    return true;
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.#at + more));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
