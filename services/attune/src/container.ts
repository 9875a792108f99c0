import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import * as consolePage from '@attune/console/composition';
import * as features from '@attune/feature-store/composition';
import { plainOptions, speakPlainly } from '@attune/grpc/http-errors';
import { type GrpcServer, grpcServer } from '@attune/grpc/server';
import * as ingestion from '@attune/ingestion/composition';
import * as notification from '@attune/notification/composition';
import type { Processing } from '@attune/processor/processor';
import { newContainer, shutdown, value } from '@attune/runtime/di';
import { type Clock, systemStopwatch } from '@attune/runtime/world';
import * as scoring from '@attune/scoring/composition';
import { KeyRing } from '@attune/sealing/key-ring';
import { type FastifyInstance, fastify } from 'fastify';
import type { Settings } from './config.ts';
import { type Foundations, localFoundations } from './foundations.ts';
import { Pipeline, type Stage } from './pipeline.ts';
import { shopFacts } from './shop-facts.ts';
import { activateConfiguration, topicsOf } from './topics.ts';

export const TENANT = 'default';
const PARTITIONS = 4;
const DEMO_WRITE_KEY = 'demo';
const BODY_BYTES_MAX = 500 * 1024;
const STOP_GRACE_MS = 5_000;
const TEND_EVERY_MS = 50;
const { version: VERSION } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string };

/** What the process is made of. */
export interface EmbeddedOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Absent = SQLite in the data folder. Closed at the stop. */
  readonly foundations?: Foundations;
  readonly configuration: Configuration;
  /** The text of the configuration. */
  readonly document: string;
  readonly configurations: Configurations;
  /** Folder of the message templates. */
  readonly messagesFolder: string;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** What the page tells of the demo. */
  readonly demo: () => Pick<consolePage.ConsoleFacts, 'replay' | 'madeUp'>;
}

/** Everything in one process. */
export interface Attune {
  readonly app: FastifyInstance;
  /** The calls of all services, for the one tenant. */
  readonly grpc: GrpcServer;
  readonly ingestion: ingestion.Ingestion;
  readonly pipeline: Pipeline;
  stop(): Promise<void>;
}

/** Puts the four services and the page together, over SQLite in the data folder unless told otherwise. Folds at once; does not listen yet. */
export async function embedded(options: EmbeddedOptions): Promise<Attune> {
  const { settings, clock, configuration, document, configurations } = options;
  const { log, store, keys, secrets } = options.foundations ?? localFoundations(settings.ATTUNE_DATA_DIR, clock);
  const ring = new KeyRing(keys, systemStopwatch);
  await log.ensureTopics(topicsOf(PARTITIONS));
  await activateConfiguration({ log, tenant: TENANT, configuration, document, partitions: PARTITIONS, nowMs: clock.nowMs() });
  const c = newContainer();
  for (const { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } of [ingestion, features, scoring, notification]) {
    value(c, CLOCK, clock);
    value(c, EVENT_LOG, log);
    value(c, STATE_STORE, store);
    value(c, STOPWATCH, systemStopwatch);
  }
  value(c, ingestion.SECRETS, secrets);
  value(c, consolePage.EVENT_LOG, log);
  value(c, consolePage.STOPWATCH, systemStopwatch);

  const app = fastify({ ...plainOptions, bodyLimit: BODY_BYTES_MAX, logger: { level: settings.ATTUNE_LOG_LEVEL, stream: process.stderr } });
  speakPlainly(app);
  const processing: Processing = { tendEveryMs: TEND_EVERY_MS, onFault: (fault) => app.log.warn(fault) };
  const shared = {
    tenant: TENANT,
    ring,
    configurations,
    configuration: () => configuration,
    processing,
  };
  const door = await ingestion.ingestionOn(app, c, { ...shared, tenantOfKey: (writeKey) => (writeKey === DEMO_WRITE_KEY ? TENANT : undefined) });
  const profiles = await features.featureStoreOn(app, c, { ...shared, resolve: door.resolve, acceptConsent: door.acceptConsent });
  const decisions = await scoring.scoringOn(app, c, { ...shared, getProfile: profiles.getProfile });
  const deliveries = await notification.notificationOn(app, c, {
    ...shared,
    ...mailOf(settings),
    getProfile: profiles.getProfile,
    messagesFolder: options.messagesFolder,
    outboxPath: join(settings.ATTUNE_DATA_DIR, 'outbox.sqlite'),
  });
  const stages: readonly Stage[] = [
    { topic: ingestion.ACCEPTED, status: () => door.processor.status(), look: () => door.processor.look() },
    profiles.processor,
    ...decisions.processors,
    ...deliveries.processors,
  ];
  const pipeline = new Pipeline(log, stages, PARTITIONS);
  const status = async (): Promise<consolePage.ConsoleFacts> => ({
    ...shopFacts(configuration),
    ...options.demo(),
    clockMs: clock.nowMs(),
    lag: await pipeline.lag(),
    pid: process.pid,
    version: VERSION,
    embedded: options.foundations === undefined,
  });
  const page = await consolePage.consoleOn(app, c, { tenant: TENANT, ring, assetsFolder: options.pageFolder, status });
  healthRoutes(app, pipeline);
  const grpc = grpcServer({
    rpcs: [door, profiles, decisions, deliveries].flatMap(({ rpcs }) => rpcs),
    tenantOf: () => TENANT,
    log: app.log,
    ready: () => pipeline.stopped().length === 0,
    reflection: settings.ATTUNE_GRPC_REFLECTION === 'on',
  });
  const parts = [page, deliveries, decisions, profiles, door];
  return {
    app,
    grpc,
    ingestion: door,
    pipeline,
    stop: async () => {
      await Promise.all([app.close(), grpc.stop(STOP_GRACE_MS)]);
      for (const part of parts) await part.stop(STOP_GRACE_MS);
      await shutdown(c);
      await keys.close(); // it may read the log until then
      await Promise.all([log.close(), store.close()]);
    },
  };
}

const mailOf = ({ ATTUNE_SMTP_URL, ATTUNE_MAIL_FROM }: Settings) => ({
  mailFrom: ATTUNE_MAIL_FROM,
  ...(ATTUNE_SMTP_URL === undefined ? {} : { smtpUrl: ATTUNE_SMTP_URL }),
});

/** Alive as long as it answers; ready while no partition of any stage has stopped for good. */
function healthRoutes(app: FastifyInstance, pipeline: Pipeline): void {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const stopped = pipeline.stopped();
    return reply.code(stopped.length === 0 ? 200 : 503).send({ status: stopped.length === 0 ? 'ready' : 'stopped', stopped, lag: await pipeline.lag() });
  });
}
