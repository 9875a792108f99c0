import { AttuneError } from '@attune/kernel/errors';
import type { CommitResult, OutboxEntry, Slot, SlotChange, StateKey, StateStore } from '@attune/state-store/port';
import type { Scheduler, SimProcess } from './scheduler.ts';

/** The content of one slot; never edited in place, so that an earlier one can come back. */
export interface SimSlot {
  readonly watermark: Uint8Array;
  readonly states: ReadonlyMap<StateKey, Uint8Array>;
  readonly outbox: ReadonlyMap<string, Uint8Array>;
  readonly due: ReadonlyMap<StateKey, number>;
  readonly skipped: ReadonlyMap<number, string>;
}

const EMPTY: SimSlot = { watermark: new Uint8Array(), states: new Map(), outbox: new Map(), due: new Map(), skipped: new Map() };

/** The disk of the simulated store: every version of every slot, so that it can lose its last commits as Redis may. */
export class SimDisk {
  readonly #versions = new Map<number, SimSlot[]>();

  now(partition: number): SimSlot {
    return this.#versions.get(partition)?.at(-1) ?? EMPTY;
  }

  write(partition: number, slot: SimSlot): void {
    const versions = this.#versions.get(partition);
    if (versions) versions.push(slot);
    else this.#versions.set(partition, [slot]);
  }

  /** Loses the last `commits` changes of every slot; all of them for Infinity. */
  rollBack(commits: number): void {
    for (const versions of this.#versions.values()) versions.splice(Math.max(0, versions.length - commits));
  }
}

/** The effect of a commit on a slot, apart from its watermark check; a planted bug replaces it. */
export type ApplyChange = (slot: SimSlot, change: SlotChange) => SimSlot;

export const applyChange: ApplyChange = (slot, change) => {
  const states = new Map(slot.states);
  for (const [key, bytes] of change.states) bytes === undefined ? states.delete(key) : states.set(key, bytes.slice());
  const outbox = new Map(slot.outbox);
  for (const id of change.published) outbox.delete(id);
  for (const { id, body } of change.emissions) outbox.set(id, body);
  const due = new Map(slot.due);
  for (const [key, atMs] of change.due) atMs === undefined ? due.delete(key) : due.set(key, atMs);
  return { watermark: change.watermark.slice(), states, outbox, due, skipped: new Map([...slot.skipped, ...change.skipped]) };
};

const away = (): Error => new AttuneError('STORE_UNAVAILABLE', 'simulated.');

/** A process's connection to the simulated store. Same port, same promises as Redis and SQLite; answers come when the scheduler says. */
export function simStore(scheduler: Scheduler, disk: SimDisk, process: SimProcess, apply: ApplyChange = applyChange): StateStore {
  const call = <T>(effect: () => T): Promise<T> => scheduler.call(process, { effect, fault: away });
  const sorted = (outbox: ReadonlyMap<string, Uint8Array>): readonly OutboxEntry[] =>
    [...outbox].map(([id, body]) => ({ id, body })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    read: ({ partition }, keys) =>
      call(() => ({ watermark: disk.now(partition).watermark, states: keys.map((key) => disk.now(partition).states.get(key)?.slice()) })),
    commit: ({ partition }: Slot, expected, change) =>
      call((): CommitResult => {
        const slot = disk.now(partition);
        if (Buffer.compare(slot.watermark, expected) !== 0) return { kind: 'mismatch', watermark: slot.watermark };
        disk.write(partition, apply(slot, change));
        return { kind: 'committed' };
      }),
    outbox: ({ partition }) => call(() => ({ watermark: disk.now(partition).watermark, entries: sorted(disk.now(partition).outbox) })),
    trim: ({ partition }, ids) =>
      call(() => {
        const slot = disk.now(partition);
        const outbox = new Map(slot.outbox);
        for (const id of ids) outbox.delete(id);
        disk.write(partition, { ...slot, outbox });
      }),
    due: ({ partition }, untilMs, max) =>
      call(() =>
        [...disk.now(partition).due]
          .filter(([, atMs]) => atMs <= untilMs)
          .map(([key, dueAtMs]) => ({ key, dueAtMs }))
          .toSorted((a, b) => a.dueAtMs - b.dueAtMs || (a.key < b.key ? -1 : 1))
          .slice(0, max),
      ),
    skipped: ({ partition }) => call(() => disk.now(partition).skipped),
    clear: ({ partition }) => call(() => disk.write(partition, EMPTY)),
    close: async () => {},
  };
}
