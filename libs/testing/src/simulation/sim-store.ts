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

/** Which slot: the count of partitions is the same for all. */
type SlotName = Pick<Slot, 'processor' | 'partition'>;

/** The disk of the simulated store: every version of every slot, so that it can lose its last commits as Redis may. */
export class SimDisk {
  readonly #versions = new Map<string, SimSlot[]>();

  now({ processor, partition }: SlotName): SimSlot {
    return this.#versions.get(`${processor}/${partition}`)?.at(-1) ?? EMPTY;
  }

  write({ processor, partition }: SlotName, slot: SimSlot): void {
    const name = `${processor}/${partition}`;
    const versions = this.#versions.get(name);
    if (versions) versions.push(slot);
    else this.#versions.set(name, [slot]);
  }

  /** Loses the last `commits` changes of every slot; all of them for Infinity. */
  rollBack(commits: number): void {
    for (const versions of this.#versions.values()) versions.splice(Math.max(0, versions.length - commits));
  }
}

/** The effect of a commit on a slot, apart from its watermark check; a planted bug replaces it. */
export type ApplyChange = (slot: SimSlot, change: SlotChange) => SimSlot;

/** Which outbox entries go when an owner says that these were published; a planted bug replaces it. */
export type TrimOutbox = (outbox: SimSlot['outbox'], published: readonly string[]) => SimSlot['outbox'];

export const trimById: TrimOutbox = (outbox, published) => new Map([...outbox].filter(([id]) => !published.includes(id)));

/** What a commit and a trim do to a slot. */
export interface StoreEffects {
  readonly apply: ApplyChange;
  readonly trim: TrimOutbox;
  /** A planted bug: what was published is trimmed beside the commit, whatever the watermark. */
  readonly trimsApart: boolean;
}

export const applyChange: ApplyChange = (slot, change) => {
  const states = new Map(slot.states);
  for (const [key, bytes] of change.states) bytes === undefined ? states.delete(key) : states.set(key, bytes.slice());
  const outbox = new Map(trimById(slot.outbox, change.published));
  for (const { id, body } of change.emissions) outbox.set(id, body);
  const due = new Map(slot.due);
  for (const [key, atMs] of change.due) atMs === undefined ? due.delete(key) : due.set(key, atMs);
  return { watermark: change.watermark.slice(), states, outbox, due, skipped: new Map([...slot.skipped, ...change.skipped]) };
};

const away = (): Error => new AttuneError('STORE_UNAVAILABLE', 'simulated.');

/** A process's connection to the simulated store. Same port, same promises as Redis and SQLite; answers come when the scheduler says. */
export function simStore(scheduler: Scheduler, disk: SimDisk, process: SimProcess, { apply, trim, trimsApart }: StoreEffects): StateStore {
  const call = <T>(effect: () => T): Promise<T> => scheduler.call(process, { effect, fault: away });
  const sorted = (outbox: ReadonlyMap<string, Uint8Array>): readonly OutboxEntry[] =>
    [...outbox].map(([id, body]) => ({ id, body })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    read: (at, keys) => call(() => ({ watermark: disk.now(at).watermark, states: keys.map((key) => disk.now(at).states.get(key)?.slice()) })),
    commit: (at, expected, change) =>
      call((): CommitResult => {
        if (trimsApart) disk.write(at, { ...disk.now(at), outbox: trim(disk.now(at).outbox, change.published) });
        const slot = disk.now(at);
        if (Buffer.compare(slot.watermark, expected) !== 0) return { kind: 'mismatch', watermark: slot.watermark };
        disk.write(at, apply(slot, change));
        return { kind: 'committed' };
      }),
    outbox: (at) => call(() => ({ watermark: disk.now(at).watermark, entries: sorted(disk.now(at).outbox) })),
    trim: (at, ids) =>
      call(() => {
        const slot = disk.now(at);
        disk.write(at, { ...slot, outbox: trim(slot.outbox, ids) });
      }),
    due: (at, untilMs, max) =>
      call(() =>
        [...disk.now(at).due]
          .filter(([, atMs]) => atMs <= untilMs)
          .map(([key, dueAtMs]) => ({ key, dueAtMs }))
          .toSorted((a, b) => a.dueAtMs - b.dueAtMs || (a.key < b.key ? -1 : 1))
          .slice(0, max),
      ),
    skipped: (at) => call(() => disk.now(at).skipped),
    clear: (at) => call(() => disk.write(at, EMPTY)),
    close: async () => {},
  };
}
