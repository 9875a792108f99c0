import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Configuration } from '@attune/configuration/configuration';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { speakPlainly } from '@attune/grpc/http-errors';
import { newContainer, value } from '@attune/runtime/di';
import type { Clock, Secrets, Stopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { type FastifyInstance, fastify } from 'fastify';
import {
  ACCEPTED,
  ACTIVITY,
  CLOCK,
  EVENT_LOG,
  EVENTS,
  type Ingestion,
  ITEMS,
  ingestionOn,
  REJECTED,
  REPLAYED,
  SECRETS,
  STATE_STORE,
  STOPWATCH,
} from './container.ts';
import type { EventContract } from './domain/event-contract.ts';

const PARTITIONS = 2;
const GRACE_MS = 1_000;

/** The service over the embedded adapters in memory, with tenant `default` for the write key `demo`. Test only. */
export interface IngestionWorld {
  readonly app: FastifyInstance;
  readonly ingestion: Ingestion;
  readonly log: SqliteEventLog;
  readonly keys: SqliteKeyStore;
  readonly ring: KeyRing;
  /** What the app wrote to its log from warnings upwards, a line each. */
  readonly logged: readonly string[];
  /** What the door checks against. */
  contract: EventContract;
  /** Business time, in ms since 1970. */
  nowMs: number;
  /** Machine time, in ms. */
  elapsedMs: number;
  end(): Promise<void>;
}

const contract: EventContract = {
  unknownEvents: 'reject',
  events: {
    'Order Completed': {
      fields: {
        order_id: { type: 'string', required: true, personal: false, open: true },
        total: { type: 'number', min: 0, required: false, personal: false },
        note: { type: 'string', required: false, personal: true },
      },
    },
  },
  traits: {
    email: { type: 'email', personal: true, sensitive: false },
    country: { type: 'string', personal: false, sensitive: false },
  },
};

/** Starts it. */
export async function ingestionWorld(): Promise<IngestionWorld> {
  const moment = { nowMs: Date.UTC(2026, 10, 24, 12), elapsedMs: 0, contract };
  const clock: Clock = { nowMs: () => moment.nowMs };
  const stopwatch: Stopwatch = { elapsedMs: () => moment.elapsedMs, sleep: () => nextTurn() };
  const secrets: Secrets = { get: async (name) => createHash('sha256').update(name).digest() };
  const log = new SqliteEventLog({ path: ':memory:', clock, stopwatch });
  const store = new SqliteStateStore(':memory:');
  const keys = new SqliteKeyStore({ path: ':memory:', secrets });
  await log.ensureTopics([
    ...[ACCEPTED, ACTIVITY, REJECTED, EVENTS, ITEMS].map((topic) => ({ topic, partitions: PARTITIONS })),
    { topic: REPLAYED, partitions: 1 },
  ]);
  const c = newContainer();
  value(c, EVENT_LOG, log);
  value(c, STATE_STORE, store);
  value(c, CLOCK, clock);
  value(c, STOPWATCH, stopwatch);
  value(c, SECRETS, secrets);
  const logged: string[] = [];
  const app = fastify({ bodyLimit: 500 * 1024, logger: { level: 'warn', stream: { write: (line: string) => void logged.push(line) } } });
  speakPlainly(app);
  const ring = new KeyRing(keys, stopwatch);
  const configuration = (): Configuration => moment.contract as unknown as Configuration; // the door reads no more of it
  const tenantOfKey = (writeKey: string): string | undefined => (writeKey === 'demo' ? 'default' : undefined);
  const ingestion = await ingestionOn(app, c, { tenantOfKey, tenant: 'default', configuration, ring });
  const end = async (): Promise<void> => {
    await ingestion.stop(GRACE_MS);
    await app.close();
    for (const one of [log, store, keys]) await one.close();
  };
  return Object.assign(moment, { app, ingestion, log, keys, ring, logged, end });
}

/** Everything of a topic, by partition and offset. */
export async function recordsOf({ log }: IngestionWorld, topic: string) {
  const partitions = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => log.read(topic, partition, 0, 10_000)));
  return partitions.flat();
}
