const TIME_BYTES = 8;

/** Bytes of a text of at most 255 bytes, with its length first. */
export function named(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return [Buffer.from([bytes.length]), bytes];
}

/** Bytes of a moment in ms since 1970. */
export function timeOf(atMs: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeDoubleBE(atMs);
  return bytes;
}

/** Bytes of 64 bits. */
export function eightOf(value: bigint): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** Reads such parts one after the other. */
export class PartsReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** What `named` wrote. */
  text(): string {
    const begin = this.at + 1;
    this.at = begin + this.bytes.readUInt8(this.at);
    return this.bytes.toString('utf8', begin, this.at);
  }

  /** What `timeOf` wrote. */
  time(): number {
    this.at += TIME_BYTES;
    return this.bytes.readDoubleBE(this.at - TIME_BYTES);
  }

  /** What `eightOf` wrote. */
  eight(): bigint {
    this.at += TIME_BYTES;
    return this.bytes.readBigUInt64BE(this.at - TIME_BYTES);
  }

  /** One byte. */
  byte(): number {
    return this.bytes.readUInt8(this.at++);
  }

  /** As many as the next byte says. */
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.byte() }, read);
  }
}
