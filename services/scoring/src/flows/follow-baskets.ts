import { IndexGeneration } from '@attune/contracts/messages/log/v1/log';
import type { EventLog } from '@attune/event-log/port';
import { codeOf } from '@attune/kernel/errors';
import { recommenderKind } from '@attune/kernel/recommender-kind';
import { Nap } from '@attune/processor/nap';
import type { Processing } from '@attune/processor/processor';
import { TopicTail } from '@attune/processor/topic-tail';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { BasketIndex } from '../domain/basket-index.ts';
import { type Basket, type BasketSet, newestBaskets } from '../domain/basket-set.ts';
import { ItemWords, indexedHistory } from '../domain/recommenders/indexed-history.ts';
import { OpenSessions } from '../domain/recommenders/open-sessions.ts';
import { type RecommenderPlan, serveRecommenders } from '../domain/recommenders/serve-recommenders.ts';
import type { ServedModel } from '../domain/recommenders/served-model.ts';
import { Vocabulary } from '../domain/vocabulary.ts';
import type { UseOf } from './baskets-of.ts';
import { ITEMS } from './follow-items.ts';
import { recordHeaders } from './records.ts';
import { wordsIn } from './words-in.ts';

/** Which stretch of activity each generation of the index holds. */
export const GENERATIONS = 'attune.index-generations.v1';
/** The topic of what customers did. */
export const ACTIVITY = 'attune.activity.v1';

/** The index that answers come from, and which one it is. */
export interface IndexInUse {
  /** 0 = there is none yet: nothing was bought. */
  readonly number: number;
  readonly index: BasketIndex;
  /** The recommenders of the configuration, by name. */
  readonly models: ReadonlyMap<string, ServedModel>;
}

/** An index that advances in generations. */
export interface Baskets {
  current(): IndexInUse;
  /** Looks at once for what was announced, and announces a generation where something happened. @throws AttuneError LOG_UNAVAILABLE */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** What following needs. */
export interface BasketsPorts {
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read' | 'append'>;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly tenant: string;
  readonly useOf: UseOf;
  /** What is made of each generation. */
  readonly recommenders: readonly RecommenderPlan[];
  readonly processing?: Processing | undefined;
}

const BASKETS_MAX = 200_000;
const SESSIONS_MAX = 200_000;
const READ_MAX = 500;
/** Baskets are put in order so many at a time: each time costs as much as there are in all. */
const FRESH_MAX = 20_000;
const LOOK_EVERY_MS = 1_000;
/** Machine time between two generations that one process announces. */
const ANNOUNCE_EVERY_MS = 5_000;

/**
 * Keeps the index of one tenant's baskets. What a generation holds stands in the log (the offsets behind its last records, and the moment that popularity is as of),
 * so every process answers alike from generation n, one that was started later too. Whoever looks first announces the next; the first record of a number wins.
 */
export function followBaskets(ports: BasketsPorts): Baskets {
  const { log, stopwatch, tenant, processing } = ports;
  const state = nothingYet(ports);
  const tail = new TopicTail({ log, topic: GENERATIONS, apply: (record) => record.tenant === tenant && hear(state, IndexGeneration.decode(record.value)) });
  const nap = new Nap(stopwatch);
  let [stopped, looking, askedAtMs]: [boolean, Promise<void>, number] = [false, Promise.resolve(), stopwatch.elapsedMs()];
  const lookOnce = async (): Promise<void> => {
    await tail.readToEnd();
    if (stopwatch.elapsedMs() - askedAtMs >= ANNOUNCE_EVERY_MS || state.announced === undefined) {
      askedAtMs = stopwatch.elapsedMs();
      if (await announceNext(state, ports)) await tail.readToEnd();
    }
    await catchUp(state, ports, () => stopped);
  };
  const look = (): Promise<void> => {
    const next = looking.then(lookOnce);
    looking = next.catch(() => undefined);
    return next;
  };
  const tending = tend({ look, nap, until: () => stopped, onFault: processing?.onFault });
  return {
    current: () => state.inUse,
    look,
    stop: async () => {
      stopped = true;
      nap.end();
      await Promise.all([tending, looking, tail.idle()]);
    },
  };
}

interface Following {
  /** The newest generation that was announced. */
  announced: IndexGeneration | undefined;
  /** By partition of activity: the offset behind the last record that was taken in. */
  readonly read: number[];
  /** The same of items, whose words are read where a recommender knows items by them. */
  itemsRead: number;
  baskets: BasketSet;
  /** Taken in, and not yet among `baskets`. */
  fresh: Basket[];
  readonly sessions: OpenSessions;
  readonly vocabulary: Vocabulary;
  readonly words: ItemWords;
  inUse: IndexInUse;
}

function nothingYet({ recommenders }: BasketsPorts): Following {
  const [vocabulary, words] = [new Vocabulary(), new ItemWords()];
  const empty = indexedHistory({ atMs: 0, baskets: [], vocabulary, words });
  const inUse = { number: 0, index: empty.index, models: serveRecommenders(recommenders, empty) };
  return { announced: undefined, read: [], itemsRead: 0, baskets: [], fresh: [], sessions: new OpenSessions(SESSIONS_MAX), vocabulary, words, inUse };
}

/** The first of a number wins, and numbers have no gap: whatever follows otherwise was announced by one who had not seen the newest. */
function hear(state: Following, generation: IndexGeneration): void {
  if (state.announced === undefined || generation.number === state.announced.number + 1n) state.announced = generation;
}

/** Appends the next generation where activity went on since the newest one. True when it did. */
async function announceNext({ announced }: Following, { log, clock, tenant, recommenders }: BasketsPorts): Promise<boolean> {
  const { partitions } = await log.identity(ACTIVITY);
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.bounds(ACTIVITY, partition)));
  const before = announced?.endOffsets ?? [];
  const endOffsets = bounds.map(({ endOffset }, partition) => maxOf(BigInt(endOffset), before[partition] ?? 0n));
  const itemsBefore = announced?.itemsEndOffset ?? 0n;
  const itemsEndOffset = readWords(recommenders) ? maxOf(BigInt((await log.bounds(ITEMS, 0)).endOffset), itemsBefore) : itemsBefore;
  if (itemsEndOffset === itemsBefore && endOffsets.every((end, partition) => end === (before[partition] ?? 0n))) return false;
  const number = (announced?.number ?? 0n) + 1n;
  const generation = IndexGeneration.fromPartial({ number, atMs: maxOf(BigInt(clock.nowMs()), announced?.atMs ?? 0n), endOffsets, itemsEndOffset });
  await log.append(tenant, GENERATIONS, [
    { key: String(number), value: IndexGeneration.encode(generation).finish(), headers: recordHeaders('IndexGeneration') },
  ]);
  return true;
}

const readWords = (recommenders: readonly RecommenderPlan[]): boolean => recommenders.some(({ kind }) => recommenderKind(kind).learnsFrom === 'items');

const maxOf = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Takes in what the newest generation holds, and puts its index into use. */
async function catchUp(state: Following, ports: BasketsPorts, stopped: () => boolean): Promise<void> {
  const { announced } = state;
  if (announced === undefined || Number(announced.number) === state.inUse.number) return;
  for (const [partition, end] of announced.endOffsets.entries()) {
    while ((state.read[partition] ?? 0) < Number(end)) {
      if (stopped()) return;
      await takeIn(state, ports, { partition, end: Number(end) });
    }
  }
  while (readWords(ports.recommenders) && state.itemsRead < Number(announced.itemsEndOffset)) {
    if (stopped()) return;
    await takeInWords(state, ports, Number(announced.itemsEndOffset));
  }
  gather(state);
  const { baskets, vocabulary, words } = state;
  const world = indexedHistory({ atMs: Number(announced.atMs), baskets, sessions: state.sessions.newest(), vocabulary, words });
  state.inUse = { number: Number(announced.number), index: world.index, models: serveRecommenders(ports.recommenders, world) };
}

async function takeInWords(state: Following, { log, tenant }: BasketsPorts, end: number): Promise<void> {
  const records = (await log.read(ITEMS, 0, state.itemsRead, Math.min(READ_MAX, end - state.itemsRead))).filter(({ offset }) => offset < end);
  for (const record of records) if (record.tenant === tenant) state.words.describe(state.vocabulary.numberOf(record.key), wordsIn(record));
  state.itemsRead = (records.at(-1)?.offset ?? end - 1) + 1;
}

async function takeIn(state: Following, { log, tenant, useOf }: BasketsPorts, { partition, end }: { partition: number; end: number }): Promise<void> {
  const from = state.read[partition] ?? 0;
  const records = (await log.read(ACTIVITY, partition, from, Math.min(READ_MAX, end - from))).filter(({ offset }) => offset < end);
  for (const record of records) {
    const use = record.tenant === tenant ? useOf(record, state.vocabulary) : undefined;
    if (use?.kind === 'basket') state.fresh.push(use.basket);
    if (use?.kind === 'look') state.sessions.take(use.look);
  }
  if (state.fresh.length >= FRESH_MAX) gather(state);
  state.read[partition] = (records.at(-1)?.offset ?? end - 1) + 1;
}

function gather(state: Following): void {
  if (state.fresh.length > 0) state.baskets = newestBaskets(state.baskets, state.fresh, BASKETS_MAX);
  state.fresh = [];
}

interface Tending {
  readonly look: () => Promise<void>;
  readonly nap: Nap;
  readonly until: () => boolean;
  readonly onFault: Processing['onFault'];
}

async function tend({ look, nap, until, onFault }: Tending): Promise<void> {
  let told = '';
  while (!until()) {
    const code = await look().then(
      () => undefined,
      (fault: unknown) => codeOf(fault),
    );
    if (code !== undefined && code !== told) onFault?.({ processor: 'basket-index', partition: undefined, code });
    told = code ?? '';
    await nap.sleep(LOOK_EVERY_MS);
  }
}
