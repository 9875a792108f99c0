import type { Redis } from 'ioredis';
import { COMMIT, COPY, LIBRARY, OUTBOX, PAGE } from './commit-function.ts';
import { byId } from './outbox-order.ts';
import type {
  CommitResult,
  DueEntry,
  OutboxEntry,
  Slot,
  SlotChange,
  SlotCopy,
  SlotPage,
  SlotRead,
  SlotReader,
  StateKey,
  StateStore,
  StoredState,
  Watermark,
} from './port.ts';
import { DEADLINE_MS, functionIsMissing, newRedisClient, type RedisStateStoreOptions, storeFault, within } from './redis-client.ts';
import { type SlotKeys, slotKeys } from './slot-tag.ts';

type Arg = string | number | Buffer;

// A prefix, so that no state can be taken for the watermark, which is field `w` of the same hash.
const field = (key: StateKey): string => `s:${key}`;
const bytes = (view: Uint8Array): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** The view on Redis 7 or later: one hash tag a slot, one function call a commit. Fails at once while the connection is down; recovers by itself. */
export class RedisStateStore implements StateStore, SlotReader {
  readonly #client: Redis;
  readonly #deadlineMs: number;
  readonly #keys = new Map<string, SlotKeys>();
  /** The connection whose writes wait for the end of this turn. */
  #gathered: Redis['stream'] | undefined;

  constructor(options: RedisStateStoreOptions) {
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#client = newRedisClient(options);
    // Sent before any command of ours on the new connection. A failure shows as "Function not found" in the first call.
    this.#client.on('ready', () => void this.#load().catch(() => {}));
  }

  /** Resolves once connected, or after the deadline: a store that is away at the start is a fault like any other, and each call says so. */
  async connected(): Promise<void> {
    if (this.#client.status === 'ready') return;
    await within(new Promise((resolve) => this.#client.once('ready', resolve)), this.#deadlineMs).catch(() => {});
  }

  async read(slot: Slot, keys: readonly StateKey[]): Promise<SlotRead> {
    const [watermark, ...states] = (await this.#call('HMGET', [this.#keysOf(slot).states, 'w', ...keys.map(field)])) as (Buffer | null)[];
    return { watermark: watermark ?? Buffer.alloc(0), states: states.map((state) => state ?? undefined) };
  }

  async commit(slot: Slot, expected: Watermark, change: SlotChange): Promise<CommitResult> {
    const answer = await this.#run([COMMIT, 4, ...Object.values(this.#keysOf(slot)), ...commitArgs(expected, change)]);
    return answer === 1 ? { kind: 'committed' } : { kind: 'mismatch', watermark: answer as Buffer };
  }

  async outbox(slot: Slot): Promise<{ readonly watermark: Watermark; readonly entries: readonly OutboxEntry[] }> {
    const { states, outbox } = this.#keysOf(slot);
    const [watermark, flat] = (await this.#run([OUTBOX, 2, states, outbox])) as [Buffer, Buffer[]];
    return { watermark, entries: outboxIn(flat) };
  }

  async trim(slot: Slot, ids: readonly string[]): Promise<void> {
    // A plain HDEL and no function: it must work on a full server too, which refuses functions that may write.
    if (ids.length > 0) await this.#call('HDEL', [this.#keysOf(slot).outbox, ...ids]);
  }

  async due(slot: Slot, untilMs: number, max: number): Promise<readonly DueEntry[]> {
    const scored = (await this.#call('ZRANGEBYSCORE', [this.#keysOf(slot).due, '-inf', untilMs, 'WITHSCORES', 'LIMIT', 0, max])) as Buffer[][];
    return pairs(scored.flat(), (key, dueAtMs) => ({ key: key.toString(), dueAtMs: Number(dueAtMs) }));
  }

  async skipped(slot: Slot): Promise<ReadonlyMap<number, string>> {
    const flat = (await this.#call('HGETALL', [this.#keysOf(slot).skips])) as Buffer[];
    return skipsIn(flat);
  }

  async page(slot: Slot, cursor: string | undefined, max: number): Promise<SlotPage> {
    const { states, due } = this.#keysOf(slot);
    const [watermark, next, flat, times] = (await this.#run([PAGE, 2, states, due, cursor ?? '0', max])) as [Buffer, Buffer, Buffer[], Buffer[]];
    const found = pairs(flat, (name, state) => ({ name: name.toString(), state })).map((one, i) => ({ ...one, at: times[i] }));
    const kept = found.filter(({ name }) => name !== 'w').map(({ name, state, at }) => storedState(name.slice('s:'.length), state, at));
    return { watermark, states: kept, next: next.toString() === '0' ? undefined : next.toString() };
  }

  async copy(slot: Slot, keys: readonly StateKey[]): Promise<SlotCopy> {
    const answer = await this.#run([COPY, 4, ...Object.values(this.#keysOf(slot)), ...keys]);
    const [watermark, found, times, outbox, skips] = answer as [Buffer, (Buffer | null)[], Buffer[], Buffer[], Buffer[]];
    const states = keys.flatMap((key, i) => (found[i] ? [storedState(key, found[i], times[i])] : []));
    return { watermark, states, emissions: outboxIn(outbox), skipped: skipsIn(skips) };
  }

  async clear(slot: Slot): Promise<void> {
    await this.#call('UNLINK', Object.values(this.#keysOf(slot)));
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }

  #keysOf(slot: Slot): SlotKeys {
    const name = `${slot.partition}/${slot.partitions}/${slot.processor}`;
    const keys = this.#keys.get(name) ?? slotKeys(slot);
    this.#keys.set(name, keys);
    return keys;
  }

  /** Calls a function; where the server has none, loads it and calls once more, which is safe because nothing ran. */
  async #run(args: Arg[]): Promise<unknown> {
    try {
      return await this.#send('FCALL', args);
    } catch (fault) {
      if (!functionIsMissing(fault)) throw storeFault(fault);
    }
    await this.#load();
    return this.#call('FCALL', args);
  }

  #load(): Promise<unknown> {
    return this.#call('FUNCTION', ['LOAD', 'REPLACE', LIBRARY]);
  }

  async #call(command: string, args: Arg[]): Promise<unknown> {
    try {
      return await this.#send(command, args);
    } catch (fault) {
      throw storeFault(fault);
    }
  }

  #send(command: string, args: Arg[]): Promise<unknown> {
    this.#gather();
    return within(this.#client.callBuffer(command, args), this.#deadlineMs);
  }

  /** What is called in one turn of the event loop goes to the server in one write. */
  #gather(): void {
    const { stream } = this.#client;
    if (this.#gathered === stream || stream === undefined) return;
    this.#gathered = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (this.#gathered === stream) this.#gathered = undefined;
    });
  }
}

const outboxIn = (flat: readonly Buffer[]): OutboxEntry[] => pairs(flat, (id, body): OutboxEntry => ({ id: id.toString(), body })).sort(byId);

const skipsIn = (flat: readonly Buffer[]): ReadonlyMap<number, string> =>
  new Map(pairs(flat, (offset, code): [number, string] => [Number(offset), code.toString()]).sort(([a], [b]) => a - b));

const storedState = (key: StateKey, state: Buffer, at: Buffer | undefined): StoredState => ({ key, state, ...(at?.length && { dueAtMs: Number(at) }) });

function commitArgs(expected: Watermark, change: SlotChange): Arg[] {
  const emissions = change.emissions.flatMap(({ id, body }): Arg[] => [id, bytes(body)]);
  const removed: Arg[] = [];
  const written: Arg[] = [];
  for (const [key, state] of change.states) state === undefined ? removed.push(field(key)) : written.push(field(key), bytes(state));
  const idle: Arg[] = [];
  const waiting: Arg[] = [];
  for (const [key, dueAtMs] of change.due) dueAtMs === undefined ? idle.push(key) : waiting.push(dueAtMs, key);
  const groups = [waiting, idle, change.published, emissions, removed, written, [...change.skipped].flat()];
  return [bytes(expected), bytes(change.watermark), ...groups.map((group) => group.length), ...groups.flat()];
}

function pairs<T>(flat: readonly Buffer[], make: (first: Buffer, second: Buffer) => T): T[] {
  const made: T[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) made.push(make(flat[i] as Buffer, flat[i + 1] as Buffer));
  return made;
}
