import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Configurations } from '@attune/configuration/configurations';
import { Activity, ConfigurationActivated, CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { CLOCK, EVENT_LOG, featureKindSpecs, featureStoreOn, STATE_STORE, STOPWATCH } from '@attune/feature-store/composition';
import { newContainer, value } from '@attune/runtime/di';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { fastify } from 'fastify';
import { countFrom, type Env, median } from './measure.ts';

const ACTIVITY = 'attune.activity.v1';
const TENANT = 'default';
const NOW_MS = Date.UTC(2026, 5, 1);
const YEAR_MS = 365 * 86_400_000;
const ORDERS = [1, 2, 10, 100];

/** Bytes of a live profile of the example shop, with an address and a name, after so many orders spread over a year; beside it the JSON of what is served of it. */
export async function profileBytes(env: Env): Promise<void> {
  const profiles = countFrom(env, 'BENCH_KEYS', 200);
  const clock = { nowMs: () => NOW_MS };
  const stopwatch = { elapsedMs: () => performance.now(), sleep: () => nextTurn() };
  const log = new SqliteEventLog({ path: ':memory:', clock, stopwatch });
  const store = new SqliteStateStore(':memory:');
  const ring = new KeyRing(new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } }), stopwatch);
  const document = readFileSync(new URL('../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
  const configurations = new Configurations(featureKindSpecs);
  const configuration = configurations.of(document);
  await log.ensureTopics([ACTIVITY, 'attune.profiles.v1', 'attune.events.rejected.v1'].map((topic) => ({ topic, partitions: 1 })));
  const activated = ConfigurationActivated.fromPartial({ version: configuration.version, document });
  await append(log, 'configuration', Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value: activated } }));

  const c = newContainer();
  value(c, CLOCK, clock);
  value(c, EVENT_LOG, log);
  value(c, STATE_STORE, store);
  value(c, STOPWATCH, stopwatch);
  const nobody = async (): Promise<never> => Promise.reject(new Error('nobody asks'));
  const service = await featureStoreOn(fastify(), c, {
    tenant: TENANT,
    ring,
    configurations,
    configuration: () => configuration,
    resolve: nobody,
    resolveMany: nobody,
    acceptConsent: nobody,
    acceptFact: nobody,
    acceptErasure: nobody,
    acceptTraits: nobody,
  });
  const slot = service.processor.slotOf(0);

  console.log(
    `bytes a profile, ${profiles} profiles each, ${configuration.features.length} features, 5 traits, orders without lines (state in the store, median and largest | JSON that is served, median):`,
  );
  for (const orders of ORDERS) {
    const ids = Array.from({ length: profiles }, (_, index) => `p_${orders}_${String(index).padStart(13, '0')}`);
    await ring.ensure(TENANT, ids.map(subjectKey));
    for (const id of ids) await live(log, ring, id, orders);
    const { endOffset } = await log.bounds(ACTIVITY, 0);
    while ((service.processor.status()[0]?.nextOffset ?? 0) < endOffset) await nextTurn();
    const { states } = await store.read(
      slot,
      ids.map((id) => `${TENANT}:profile:${id}`),
    );
    const bytes = states.map((state) => state?.length ?? 0);
    const served = await Promise.all(
      ids.map(
        async (id) =>
          JSON.stringify(await service.getProfile(TENANT, { subject: { id: { $case: 'profileId', value: id } }, purpose: 'personalise' }), plain).length,
      ),
    );
    console.log(`  ${String(orders).padStart(3)} orders  ${median(bytes)} and ${Math.max(...bytes)} | ${median(served)}`);
  }
  await service.stop(1_000);
}

/** One customer's year: who it is, and orders at even distances. */
async function live(log: SqliteEventLog, ring: KeyRing, profileId: string, orders: number): Promise<void> {
  const traits = { email: `${profileId}@example.com`, name: 'Ann Example', country: 'United Kingdom', language: 'en', time_zone: 'Europe/London' };
  await happens(log, ring, profileId, { messageId: 'who', type: EventType.EVENT_TYPE_IDENTIFY, name: '', atMs: NOW_MS - YEAR_MS, fields: traits });
  for (let order = 0; order < orders; order++) {
    const atMs = NOW_MS - YEAR_MS + Math.floor(((order + 1) * YEAR_MS) / (orders + 1));
    await happens(log, ring, profileId, {
      messageId: `o${order}`,
      type: EventType.EVENT_TYPE_TRACK,
      name: 'Order Completed',
      atMs,
      fields: { order_id: `o${order}`, total: 24.5 },
    });
  }
}

interface Happening {
  readonly messageId: string;
  readonly type: EventType;
  readonly name: string;
  readonly atMs: number;
  readonly fields: object;
}

async function happens(log: SqliteEventLog, ring: KeyRing, profileId: string, { messageId, type, name, atMs, fields }: Happening): Promise<void> {
  const sealed = ring.seal(
    subjectKey(profileId),
    { tenant: TENANT, subject: profileId, id: messageId },
    Buffer.from(JSON.stringify({ identifier: profileId, fields })),
  );
  const event = CustomerEvent.fromPartial({
    messageId,
    type,
    name,
    timestampMs: BigInt(atMs),
    receivedAtMs: BigInt(atMs),
    openJson: '{}',
    sealed,
    source: 'app',
  });
  await append(log, profileId, Activity.fromPartial({ profileId, leaf: 'leaf', acceptedOffset: -1n, record: { $case: 'event', value: event } }));
}

const append = (log: SqliteEventLog, key: string, activity: Activity) =>
  log.append(TENANT, ACTIVITY, [{ key, value: Activity.encode(activity).finish(), partition: 0 }]);

const plain = (_key: string, it: unknown): unknown => (typeof it === 'bigint' ? String(it) : it);
