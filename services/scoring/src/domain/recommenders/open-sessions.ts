import { type Basket, type BasketSet, newestBaskets } from '../basket-set.ts';

/** Somebody looked at an item. */
export interface Look {
  /** Whose it is: known only as long as the session is open. */
  readonly visitor: string;
  readonly item: number;
  readonly atMs: number;
  /** When the door took it. */
  readonly heardMs: number;
  readonly partition: number;
  readonly offset: number;
}

/** After so long a pause a session is over. */
export const PAUSE_MS = 30 * 60_000;
/** So many of one session's looks count: the first ones. */
const LOOKS_MAX = 50;

/**
 * Makes sessions of looks. Whether a look continues its visitor's session depends on the records before it in its partition alone: on how late that partition was heard of
 * at this look and at the one before. So a log gives the same sessions in whatever steps it is read, and whose a session was can be forgotten once that partition went on
 * for the length of a pause.
 */
export class OpenSessions {
  readonly #max: number;
  readonly #open = new Map<string, OpenSession>();
  /** By partition: how late it was heard of. */
  readonly #heardMs: number[] = [];
  #closed: BasketSet = [];
  #fresh: Basket[] = [];

  /** Keeps the newest `max`. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Takes one look; those of a partition in their order. */
  take({ visitor, item, atMs, heardMs, partition, offset }: Look): void {
    const heard = Math.max(heardMs, this.#heardMs[partition] ?? 0);
    this.#heardMs[partition] = heard;
    const known = this.#open.get(visitor);
    if (known !== undefined && heard - known.heardMs <= PAUSE_MS && Math.abs(atMs - known.lastMs) <= PAUSE_MS) {
      known.heardMs = heard;
      known.lastMs = Math.max(known.lastMs, atMs);
      if (known.items.length < LOOKS_MAX) known.items.push(item);
      return;
    }
    if (known !== undefined) this.#fresh.push(sessionOf(known));
    this.#open.set(visitor, { heardMs: heard, lastMs: atMs, partition, offset, items: [item] });
  }

  /** The newest sessions, open ones as they stand; forgets whose those were that are over. */
  newest(): BasketSet {
    for (const [visitor, session] of this.#open) {
      if ((this.#heardMs[session.partition] ?? 0) - session.heardMs <= PAUSE_MS) continue;
      this.#fresh.push(sessionOf(session));
      this.#open.delete(visitor);
    }
    this.#closed = newestBaskets(this.#closed, this.#fresh, this.#max);
    this.#fresh = [];
    return newestBaskets(this.#closed, Array.from(this.#open.values(), sessionOf), this.#max);
  }

  /** How many sessions it still knows the visitors of. */
  get openCount(): number {
    return this.#open.size;
  }
}

interface OpenSession {
  heardMs: number;
  lastMs: number;
  readonly partition: number;
  /** Of its first look. */
  readonly offset: number;
  readonly items: number[];
}

const sessionOf = ({ lastMs, partition, offset, items }: OpenSession): Basket => ({ atMs: lastMs, partition, offset, items: [...items] });
