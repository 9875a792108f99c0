import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Configurations } from '@attune/configuration/configurations';
import { Activity, ConfigurationActivated, EventType, Item } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import * as features from '@attune/feature-store/composition';
import { newContainer, value } from '@attune/runtime/di';
import * as scoring from '@attune/scoring/composition';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { fastify } from 'fastify';

const [ACTIVITY, TENANT, PARTITIONS] = ['attune.activity.v1', 'default', 4] as const;
const NOW_MS = Date.UTC(2026, 5, 1);
const HOUR_MS = 3_600_000;
const APPENDED_AT_ONCE = 500;

/** Feature store and scoring of the example shop over SQLite in memory, with purchases folded. */
export interface RecommendWorld {
  readonly scoring: scoring.Scoring;
  readonly profileIds: readonly string[];
  stop(): Promise<void>;
}

/** How large it is. */
export interface RecommendWorldSize {
  readonly customers: number;
  /** Of each customer, of ten items each. */
  readonly purchases: number;
  /** All published; the greater its number, the rarer an item is bought. */
  readonly items: number;
}

/** Makes it. */
export async function recommendWorld({ customers, purchases, items }: RecommendWorldSize): Promise<RecommendWorld> {
  const clock = { nowMs: () => NOW_MS };
  const stopwatch = { elapsedMs: () => performance.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref()) };
  const log = new SqliteEventLog({ path: ':memory:', clock, stopwatch });
  const store = new SqliteStateStore(':memory:');
  const ring = new KeyRing(new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } }), stopwatch);
  const document = readFileSync(new URL('../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
  const configurations = new Configurations(features.featureKindSpecs);
  const configuration = configurations.of(document);
  const topics = [ACTIVITY, 'attune.profiles.v1', 'attune.decisions.v1', 'attune.events.rejected.v1'].map((topic) => ({ topic, partitions: PARTITIONS }));
  await log.ensureTopics([...topics, { topic: scoring.ITEMS, partitions: 1 }, { topic: scoring.GENERATIONS, partitions: 1 }]);
  const activated = ConfigurationActivated.fromPartial({ version: configuration.version, document });
  for (let partition = 0; partition < PARTITIONS; partition++)
    await append(log, [
      { key: 'configuration', partition, activity: Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value: activated } }) },
    ]);
  const c = newContainer();
  for (const { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } of [features, scoring]) {
    value(c, CLOCK, clock);
    value(c, EVENT_LOG, log);
    value(c, STATE_STORE, store);
    value(c, STOPWATCH, stopwatch);
  }
  await publish(log, items);
  const app = fastify();
  const shared = { tenant: TENANT, ring, configurations, configuration: () => configuration };
  const nobody = async (): Promise<never> => Promise.reject(new Error('nobody asks'));
  const store1 = await features.featureStoreOn(app, c, {
    ...shared,
    resolve: nobody,
    resolveMany: nobody,
    acceptConsent: nobody,
    acceptFact: nobody,
    acceptErasure: nobody,
    acceptTraits: nobody,
  });
  const service = await scoring.scoringOn(app, c, { ...shared, getProfile: store1.getProfile, getFeatures: store1.getFeatures, isErased: async () => false });
  const profileIds = Array.from({ length: customers }, (_, i) => `p_${i}`);
  await buy(log, profileIds, { purchases, items });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { endOffset } = await log.bounds(ACTIVITY, partition);
    while ((store1.processor.status().find((one) => one.partition === partition)?.nextOffset ?? 0) < endOffset) await nextTurn();
  }
  while (service.baskets.current().index.popular.length === 0) await service.baskets.look();
  const stop = async (): Promise<void> => {
    await service.stop(1_000);
    await store1.stop(1_000);
    await log.close();
  };
  return { scoring: service, profileIds, stop };
}

/** A stream of numbers in [0, 1), the same each time. */
function* chances(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

async function buy(log: SqliteEventLog, profileIds: readonly string[], { purchases, items }: Omit<RecommendWorldSize, 'customers'>): Promise<void> {
  const chance = chances();
  const item = (): string => idOf(Math.floor(items * chance.next().value ** 3));
  const orders = Array.from({ length: purchases }, (_, n) =>
    profileIds.map((profileId, i) => {
      const products = Array.from({ length: 10 }, () => ({ product_id: item(), quantity: 1, price: 1 }));
      const atMs = BigInt(NOW_MS - (purchases - n) * 100 * HOUR_MS - i * 1_000);
      const event = {
        ...{ messageId: `${profileId}/${n}`, type: EventType.EVENT_TYPE_TRACK, name: 'Order Completed', timestampMs: atMs, receivedAtMs: atMs },
        ...{ openJson: JSON.stringify({ order_id: `${n}`, total: 10, products }), source: 'app' },
      };
      return { key: profileId, activity: Activity.fromPartial({ profileId, leaf: 'leaf', acceptedOffset: -1n, record: { $case: 'event', value: event } }) };
    }),
  ).flat();
  for (let at = 0; at < orders.length; at += APPENDED_AT_ONCE) await append(log, orders.slice(at, at + APPENDED_AT_ONCE));
}

const idOf = (number: number): string => String(100_000 + number);

async function publish(log: SqliteEventLog, items: number): Promise<void> {
  for (let from = 0; from < items; from += APPENDED_AT_ONCE) {
    const some = Array.from({ length: Math.min(APPENDED_AT_ONCE, items - from) }, (_, at) => idOf(from + at));
    const records = some.map((id) => ({ key: id, value: Item.encode(Item.fromPartial({ id, titles: { en: `Thing ${id}` }, category: ['Things'] })).finish() }));
    await log.append(TENANT, scoring.ITEMS, records);
  }
}

type Appended = { readonly key: string; readonly partition?: number; readonly activity: Activity };

const append = (log: SqliteEventLog, records: readonly Appended[]) =>
  log.append(
    TENANT,
    ACTIVITY,
    records.map(({ activity, ...record }) => ({ ...record, value: Activity.encode(activity).finish() })),
  );
