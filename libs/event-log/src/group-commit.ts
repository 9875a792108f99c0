import type { Position } from './port.ts';
import type { Appending } from './sqlite-log-file.ts';

/** Writes everything that is appended within one turn of the event loop in one transaction: one wait for the disk instead of many. */
export class GroupCommit {
  readonly #write: (appendings: readonly Appending[]) => readonly (readonly Position[])[];
  #waiting: { readonly appending: Appending; readonly done: PromiseWithResolvers<readonly Position[]> }[] = [];

  /** `write` writes all or nothing and answers in the order given. */
  constructor(write: (appendings: readonly Appending[]) => readonly (readonly Position[])[]) {
    this.#write = write;
  }

  /** Resolves once written. A fault of the write rejects everything of the same turn. */
  add(appending: Appending): Promise<readonly Position[]> {
    const done = Promise.withResolvers<readonly Position[]>();
    this.#waiting.push({ appending, done });
    if (this.#waiting.length === 1) setImmediate(() => this.flush());
    return done.promise;
  }

  /** Writes what waits, now. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      const positions = this.#write(waiting.map(({ appending }) => appending));
      for (const [i, { done }] of waiting.entries()) done.resolve(positions[i] ?? []);
    } catch (fault) {
      for (const { done } of waiting) done.reject(fault);
    }
  }
}
