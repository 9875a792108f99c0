import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { hash32 } from '@attune/kernel/hash';
import type { Slot, SlotCopy, SlotReader, StateKey } from '@attune/state-store/port';
import { keysOf, type SlotSource } from '../slot-source.ts';
import { decodeWatermark, nextOffsetIn } from '../watermark.ts';
import { encodeEntry, type SnapshotEntry } from './chunk.ts';
import type { CopyingAt, CopyingFile } from './copying-file.ts';
import type { ChunkOf, SlotSnapshot } from './manifest.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';

/** What a copy is made with. */
export interface CopyPorts {
  readonly store: SlotReader;
  readonly log: Pick<EventLog, 'read'>;
  readonly folder: SnapshotFolder;
  readonly copying: CopyingFile;
}

/** Which slot, and of whom. */
export interface CopyAsked {
  readonly source: SlotSource;
  readonly slot: Slot;
}

const PAGE_MAX = 256;
const READ_MAX = 1_000;
/** So many states are read in one step at the end. */
const TOGETHER_MAX = 512;
const CHUNK_BYTES_MAX = 4 * 1024 * 1024;
/** A chunk ends behind about each 256th state, whichever others there are: so a state that changed makes one new chunk. */
const CUT_MASK = 255;

/**
 * Copies a slot while its processor runs: first page by page, each as it is then; then again what the log says was changed meanwhile, until the last of it is
 * read in one step with the watermark. So the copy is the slot at one place of the log. Holds a page at a time; what it has is in the file after a kill.
 * Undefined for a slot that nothing was folded into. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE
 */
export async function copySlot(ports: CopyPorts, asked: CopyAsked): Promise<SlotSnapshot | undefined> {
  for (;;) {
    const since = await readPages(ports, asked);
    if (since === undefined) return undefined;
    const last = await catchUp(ports, asked, since);
    if (last) return written(ports, asked, last);
    ports.copying.begin(); // the store went back: what was read of it may never have been
  }
}

const nameOf = ({ processor, partition }: Slot): string => `${processor}/${partition}`;

/** Answers before which watermark nothing changed that the pages could have missed; undefined for an empty slot. */
async function readPages({ store, copying }: CopyPorts, { slot }: CopyAsked): Promise<CopyingAt | undefined> {
  const name = nameOf(slot);
  let at = copying.at(name);
  if (at === undefined) copying.begin();
  while (at === undefined || at.cursor !== undefined) {
    const page = await store.page(slot, at?.cursor, PAGE_MAX);
    if (decodeWatermark(page.watermark) === undefined) return undefined;
    const since: string = at?.since ?? Buffer.from(page.watermark).toString('base64');
    at = { since, cursor: page.next, upTo: Math.max(at?.upTo ?? 0, nextOffsetIn(page.watermark)) };
    copying.takePage(name, page.states, at);
    await nextTurn(); // reads of an embedded store never wait: others shall get their turn
  }
  return at;
}

/** Reads again what changed since. Undefined where the store lies before what was read of it. */
async function catchUp(ports: CopyPorts, asked: CopyAsked, { since, upTo }: CopyingAt): Promise<SlotCopy | undefined> {
  const { store, copying } = ports;
  const keys = new Set<StateKey>();
  const first = Buffer.from(since, 'base64');
  let [from, highest] = [nextOffsetIn(first), upTo];
  for (;;) {
    const last = await store.copy(asked.slot, [...keys]);
    const until = nextOffsetIn(last.watermark);
    if (until < highest || decodeWatermark(last.watermark)?.log !== decodeWatermark(first)?.log) return undefined;
    highest = until;
    const known = keys.size;
    const isWhole = await gatherChanged(ports, asked, { from, until, keys });
    // Where nothing changed that was not asked for, what was read in one step is the end of it.
    if (isWhole && keys.size === known) {
      copying.takeAgain([...keys], last.states);
      return last;
    }
    from = until;
  }
}

interface Stretch {
  readonly from: number;
  readonly until: number;
  /** To which those of the stretch are added. */
  readonly keys: Set<StateKey>;
}

/** Adds the keys that a stretch of the log changes. False where they became too many to be read in one step: they are read, and what changes them later is looked for again. */
async function gatherChanged({ store, log, copying }: CopyPorts, { source, slot }: CopyAsked, { from, until, keys }: Stretch): Promise<boolean> {
  let isWhole = true;
  for (let at = from; at < until; ) {
    const records = await log.read(source.topic, slot.partition, at, Math.min(READ_MAX, until - at));
    if (records.length === 0) throw new AttuneError('LOG_UNAVAILABLE', `${source.topic}/${slot.partition}: record ${at} was folded and cannot be read.`);
    for (const record of records) if (record.offset < until) for (const key of keysOf(source, record)) keys.add(key);
    at = (records.at(-1)?.offset ?? until) + 1;
    if (keys.size <= TOGETHER_MAX) continue;
    isWhole = false;
    const all = [...keys];
    for (let i = 0; i < all.length; i += TOGETHER_MAX) {
      const some = all.slice(i, i + TOGETHER_MAX);
      copying.takeAgain(some, (await store.copy(slot, some)).states);
    }
    keys.clear();
  }
  return isWhole;
}

/** The chunks of what was copied, and what the snapshot says of the slot. */
async function written({ folder, copying }: CopyPorts, { source, slot }: CopyAsked, last: SlotCopy): Promise<SlotSnapshot> {
  const chunks: ChunkOf[] = [];
  let [gathered, bytes, states]: [Buffer[], number, number] = [[], 0, 0];
  const cut = (): void => {
    if (gathered.length > 0) chunks.push(folder.keepChunk(Buffer.concat(gathered), gathered.length));
    [gathered, bytes] = [[], 0];
  };
  const take = (entry: SnapshotEntry): void => {
    const encoded = encodeEntry(entry);
    gathered.push(encoded);
    bytes += encoded.length;
    if (bytes >= CHUNK_BYTES_MAX) cut();
  };
  for (const state of copying.states()) {
    states++;
    take({ kind: 'state', state });
    if ((hash32(state.key) & CUT_MASK) === 0) cut();
    if (gathered.length === 0) await nextTurn();
  }
  cut();
  for (const emission of last.emissions) take({ kind: 'emission', emission });
  for (const [offset, code] of last.skipped) take({ kind: 'skip', offset, code });
  cut();
  const { processor, partition, partitions } = slot;
  const watermark = Buffer.from(last.watermark).toString('base64');
  const snapshot = { processor, topic: source.topic, partition, partitions, watermark, nextOffset: nextOffsetIn(last.watermark), states, chunks };
  copying.finish(nameOf(slot), snapshot);
  return snapshot;
}
