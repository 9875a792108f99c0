/** How far a group has come in partitions of a topic. */
export interface CommittedOffsets {
  readonly group: string;
  readonly topic: string;
  readonly offsets: ReadonlyMap<number, number>;
}

/** Writes the offsets that groups commit within one turn of the event loop in one transaction: each by itself costs more than what it says. */
export class GroupOffsets {
  readonly #write: (committed: readonly CommittedOffsets[]) => void;
  #waiting: CommittedOffsets[] = [];
  #written = Promise.withResolvers<void>();

  /** `write` writes all or nothing, in order. */
  constructor(write: (committed: readonly CommittedOffsets[]) => void) {
    this.#write = write;
  }

  /** Resolves once written. A fault of the write rejects all of the same turn. */
  add(committed: CommittedOffsets): Promise<void> {
    if (this.#waiting.length === 0) {
      this.#written = Promise.withResolvers();
      setImmediate(() => this.flush());
    }
    this.#waiting.push(committed);
    return this.#written.promise;
  }

  /** Writes what waits, now. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      this.#write(waiting);
      this.#written.resolve();
    } catch (fault) {
      this.#written.reject(fault);
    }
  }
}
