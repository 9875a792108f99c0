import { join } from 'node:path';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { featureStoreOn, CLOCK as PROFILE_CLOCK, EVENT_LOG as PROFILE_LOG, STATE_STORE, STOPWATCH } from '@attune/feature-store/composition';
import { speakPlainly } from '@attune/grpc/http-errors';
import { ACCEPTED, CLOCK, EVENT_LOG, ingestionOn, SECRETS } from '@attune/ingestion/composition';
import { adapter, get, newContainer, shutdown, value } from '@attune/runtime/di';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { type FastifyInstance, fastify } from 'fastify';

const PARTITIONS = 4;
const TENANT = 'default';
const DEMO_WRITE_KEY = 'demo';
const BODY_BYTES_MAX = 500 * 1024;
const STOP_GRACE_MS = 5_000;

/** Everything in one process. */
export interface Attune {
  readonly app: FastifyInstance;
  stop(): Promise<void>;
}

/** Puts the services together over SQLite in the data folder. Does not listen yet. */
export async function embedded(dataFolder: string): Promise<Attune> {
  const c = newContainer();
  value(c, CLOCK, systemClock);
  value(c, PROFILE_CLOCK, systemClock);
  value(c, STOPWATCH, systemStopwatch);
  value(c, SECRETS, fileSecrets(join(dataFolder, 'secrets')));
  adapter(
    c,
    EVENT_LOG,
    () => new SqliteEventLog({ path: join(dataFolder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch }),
    (log) => log.close(),
  );
  value(c, PROFILE_LOG, get(c, EVENT_LOG));
  adapter(
    c,
    STATE_STORE,
    () => new SqliteStateStore(join(dataFolder, 'store.sqlite')),
    (store) => store.close(),
  );
  await get(c, EVENT_LOG).ensureTopics([{ topic: ACCEPTED, partitions: PARTITIONS }]);
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, logger: { level: 'error' } });
  speakPlainly(app);
  const identifierHash = await ingestionOn(app, c, (writeKey) => (writeKey === DEMO_WRITE_KEY ? TENANT : undefined));
  const profiles = await featureStoreOn(app, c, { topic: ACCEPTED, tenant: TENANT, identifierHash });
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const stopped = profiles.status().filter(({ stoppedBy }) => stoppedBy !== undefined);
    return reply.code(stopped.length === 0 ? 200 : 503).send({ status: stopped.length === 0 ? 'ready' : 'stopped', partitions: profiles.status() });
  });
  return {
    app,
    stop: async () => {
      await app.close();
      await profiles.stop(STOP_GRACE_MS);
      await shutdown(c);
    },
  };
}
