import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import * as consolePage from '@attune/console/composition';
import * as features from '@attune/feature-store/composition';
import { plainOptions, speakPlainly } from '@attune/grpc/http-errors';
import type { Rpc } from '@attune/grpc/rpc';
import type { RpcStream } from '@attune/grpc/rpc-stream';
import { type GrpcServer, grpcServer } from '@attune/grpc/server';
import * as ingestion from '@attune/ingestion/composition';
import * as notification from '@attune/notification/composition';
import type { Processing } from '@attune/processor/processor';
import { tracedLog } from '@attune/processor/traced-log';
import { type Container, newContainer, shutdown, value } from '@attune/runtime/di';
import type { ProcessTelemetry } from '@attune/runtime/telemetry/open-telemetry';
import { type Clock, systemClock, systemStopwatch } from '@attune/runtime/world';
import * as scoring from '@attune/scoring/composition';
import { KeyRing } from '@attune/sealing/key-ring';
import { type FastifyInstance, fastify } from 'fastify';
import type { Settings } from './config.ts';
import type { Foundations } from './foundations.ts';
import { HealthWatch } from './health/health-watch.ts';
import { healthRoutes } from './health/routes.ts';
import { logOptions, told } from './log-options.ts';
import { metricsRoute } from './metrics-route.ts';
import { Pipeline, type Stage } from './pipeline.ts';
import { snapshotsOf } from './snapshots-of.ts';
import { watchKeys } from './watch-keys.ts';

export const TENANT = 'default';
const DEMO_WRITE_KEY = 'demo';
const BODY_BYTES_MAX = 500 * 1024;
const STOP_GRACE_MS = 5_000;
const TEND_EVERY_MS = 50;

/** What a process is told at its start. */
export interface HostingOptions {
  /** Name of the process in its log; `attune` where it is not given. */
  readonly service?: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly foundations: Foundations;
  /** Of every topic. */
  readonly partitions: number;
  readonly configuration: Configuration;
  readonly configurations: Configurations;
  /** Closed at the stop. */
  readonly telemetry: ProcessTelemetry;
  /** Between two looks at idle partitions, in ms; 50 where it is not given. */
  readonly tendEveryMs?: number;
  /** How long each part of the stop may take, in ms; 5,000 where it is not given. */
  readonly stopGraceMs?: number;
}

/** What the services of one process share. */
export interface Host {
  readonly app: FastifyInstance;
  readonly c: Container;
  /** Options that every service takes. */
  readonly shared: {
    readonly tenant: string;
    readonly ring: KeyRing;
    readonly configurations: Configurations;
    readonly configuration: () => Configuration;
    readonly processing: Processing;
    readonly tenantOfKey: (writeKey: string) => string | undefined;
  };
}

/** A service that runs in the process. */
export interface Part {
  readonly rpcs: readonly Rpc[];
  /** Calls that are answered by a stream. */
  readonly streams?: readonly RpcStream[];
  /** In the order in which one feeds the next. */
  readonly stages: readonly Stage[];
  stop(graceMs: number): Promise<void>;
}

/** A process whose services fold; its doors do not listen yet. */
export interface Hosted {
  readonly app: FastifyInstance;
  readonly grpc: GrpcServer;
  readonly pipeline: Pipeline;
  stop(): Promise<void>;
}

/** An app and a container for services to be put on. */
export function newHost(options: HostingOptions): Host {
  const { service = 'attune', settings, clock, foundations, configuration, configurations, telemetry, tendEveryMs = TEND_EVERY_MS } = options;
  const { log, store, keys, secrets } = foundations;
  const c = newContainer();
  const traced = tracedLog(log, telemetry);
  for (const { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } of [ingestion, features, scoring, notification]) {
    value(c, CLOCK, clock);
    value(c, EVENT_LOG, traced);
    value(c, STATE_STORE, store);
    value(c, STOPWATCH, systemStopwatch);
  }
  value(c, ingestion.SECRETS, secrets);
  value(c, notification.SECRETS, secrets);
  value(c, consolePage.EVENT_LOG, log);
  value(c, consolePage.STOPWATCH, systemStopwatch);
  const logger = { ...logOptions({ level: settings.ATTUNE_LOG_LEVEL, service, traces: telemetry }), stream: process.stderr };
  const app = fastify({ ...plainOptions, bodyLimit: BODY_BYTES_MAX, logger });
  speakPlainly(app);
  const ring = new KeyRing(keys, systemStopwatch);
  watchKeys(telemetry, ring);
  const shared = {
    tenant: TENANT,
    ring,
    configurations,
    configuration: () => configuration,
    processing: {
      tendEveryMs,
      onFault: (fault) => app.log.warn(fault, told(fault)),
      onRestored: (restored) => app.log.warn(restored, 'an empty partition was filled from a snapshot'),
      snapshots: snapshotsOf(settings),
      telemetry,
    } satisfies Processing,
    tenantOfKey: (writeKey: string) => (writeKey === DEMO_WRITE_KEY ? TENANT : undefined),
  };
  return { app, c, shared };
}

/** Puts health and gRPC beside the services of a host. `also` is stopped before them. */
export function hosted(
  { app, c }: Host,
  parts: readonly Part[],
  { settings, foundations, telemetry, stopGraceMs = STOP_GRACE_MS }: HostingOptions,
  also: readonly Pick<Part, 'stop'>[] = [],
): Hosted {
  const pipeline = pipelineOf(parts, foundations);
  const { log, store } = foundations;
  const watch = new HealthWatch({ log, store, stages: pipeline.stages, clock: systemClock, stopwatch: systemStopwatch });
  const ready = (): boolean => watch.health.status === 'ready';
  void watch.begin();
  metricsRoute(app, telemetry);
  healthRoutes(app, watch, pipeline);
  const reflection = settings.ATTUNE_GRPC_REFLECTION === 'on';
  const [rpcs, streams] = [parts.flatMap((part) => part.rpcs), parts.flatMap((part) => part.streams ?? [])];
  const grpc = grpcServer({ rpcs, streams, tenantOf: () => TENANT, log: app.log, ready, reflection, telemetry });
  return {
    app,
    grpc,
    pipeline,
    stop: async () => {
      watch.end();
      await Promise.all([app.close(), grpc.stop(stopGraceMs)]);
      for (const part of [...also, ...parts.toReversed()]) await part.stop(stopGraceMs);
      await shutdown(c);
      await foundations.keys.close(); // it may read the log until then
      await Promise.all([foundations.log.close(), foundations.store.close(), telemetry.close()]);
    },
  };
}

/** What flows through the services of a process. */
export const pipelineOf = (parts: readonly Part[], { log }: Pick<Foundations, 'log'>): Pipeline =>
  new Pipeline(
    log,
    parts.flatMap(({ stages }) => stages),
  );
