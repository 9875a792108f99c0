import type { LogRecord } from './port.ts';
import type { ReadLimits } from './sqlite-log-file.ts';

interface Tail {
  readonly records: LogRecord[];
  bytes: number;
}

/** Bytes of values that are held of one partition; what lies further back is read from the file. */
const TAIL_BYTES_MAX = 512 * 1024;

/** The newest records of each partition, since nearly every read asks for what was just appended, and several groups ask for the same. */
export class RecentRecords {
  readonly #tails = new Map<number, Tail>();

  /** Holds the next record of a stream, once it is written. */
  add(stream: number, record: LogRecord): void {
    const tail = this.#tails.get(stream) ?? { records: [], bytes: 0 };
    this.#tails.set(stream, tail);
    tail.records.push(record);
    tail.bytes += record.value.length;
    if (tail.bytes > TAIL_BYTES_MAX && tail.records.length > 1) this.#shorten(tail);
  }

  /** What a read of the file would answer; undefined where the first record is held no more. */
  read(stream: number, fromOffset: number, { recordsMax, bytesMax }: ReadLimits): LogRecord[] | undefined {
    const { records } = this.#tails.get(stream) ?? { records: [] };
    const first = records[0]?.offset;
    if (first === undefined || fromOffset < first) return undefined;
    let bytes = 0;
    const found: LogRecord[] = [];
    for (const record of records.slice(fromOffset - first, fromOffset - first + recordsMax)) {
      bytes += record.value.length;
      if (found.length > 0 && bytes > bytesMax) break;
      found.push(record);
    }
    return found;
  }

  /** Holds nothing any more. */
  forget(): void {
    this.#tails.clear();
  }

  /** To half the bound, so that it happens seldom. */
  #shorten(tail: Tail): void {
    let gone = 0;
    while (tail.bytes > TAIL_BYTES_MAX / 2 && gone < tail.records.length - 1) tail.bytes -= tail.records[gone++]?.value.length ?? 0;
    tail.records.splice(0, gone);
  }
}
