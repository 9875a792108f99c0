import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import { systemClock } from '@attune/runtime/world';
import { apart } from '../apart.ts';
import { clusterFoundations } from '../cluster-foundations.ts';
import { readSettings } from '../config.ts';
import { type Doors, openDoors } from '../doors.ts';
import { processTelemetry } from '../process-telemetry.ts';
import { EXAMPLE, readConfiguration } from '../read-configuration.ts';
import type { ServiceName } from '../service-names.ts';
import { stopOnSignal } from '../stop-on-signal.ts';

/** Ports where none are given: each service has its own, so that all can run on one machine. */
const PORTS: Readonly<Record<ServiceName, { readonly ATTUNE_HTTP_PORT: string; readonly ATTUNE_GRPC_PORT: string }>> = {
  ingestion: { ATTUNE_HTTP_PORT: '8080', ATTUNE_GRPC_PORT: '50051' },
  'feature-store': { ATTUNE_HTTP_PORT: '8081', ATTUNE_GRPC_PORT: '50052' },
  scoring: { ATTUNE_HTTP_PORT: '8082', ATTUNE_GRPC_PORT: '50053' },
  notification: { ATTUNE_HTTP_PORT: '8083', ATTUNE_GRPC_PORT: '50054' },
};

/** Starts one service over Kafka and Redis. Stops in order on SIGTERM and SIGINT, within ATTUNE_STOP_GRACE. @throws AttuneError SETTING_INVALID, PORT_TAKEN, CONFIGURATION_INVALID, TEMPLATE_INVALID, LOG_UNAVAILABLE, STORE_UNAVAILABLE, LOG_IDENTITY_CHANGED */
export async function serve(name: ServiceName, environment: Readonly<Record<string, string | undefined>>): Promise<Doors> {
  const settings = readSettings({ ...PORTS[name], ...environment, ATTUNE_GRPC_REFLECTION: environment['ATTUNE_GRPC_REFLECTION'] ?? 'off' });
  const {
    ATTUNE_KAFKA_BROKERS: brokers,
    ATTUNE_REDIS_URL: redisUrl,
    ATTUNE_DATA_DIR,
    ATTUNE_SECRETS_DIR,
    ATTUNE_PARTITIONS,
    ATTUNE_NAMESPACE: namespace,
    ATTUNE_KAFKA_SESSION_TIMEOUT: sessionTimeoutMs,
  } = settings;
  if (brokers === undefined || redisUrl === undefined)
    throw new AttuneError('SETTING_INVALID', 'A service that runs apart needs ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL.');
  mkdirSync(ATTUNE_DATA_DIR, { recursive: true, mode: 0o700 });
  const configured = readConfiguration(settings.ATTUNE_CONFIG ?? EXAMPLE);
  // Before anything is touched, like every other fault of the configuration.
  if (name === 'scoring') configured.models?.();
  const service = `attune-${name}`;
  const telemetry = await processTelemetry(settings, configured.configuration, { service, traceShare: 0.01 });
  const foundations = await clusterFoundations({
    brokers,
    redisUrl,
    secretsFolder: ATTUNE_SECRETS_DIR ?? join(ATTUNE_DATA_DIR, 'secrets'),
    namespace,
    sessionTimeoutMs,
  });
  const running = await apart(name, { ...configured, service, telemetry, settings, clock: systemClock, foundations, partitions: ATTUNE_PARTITIONS });
  const doors = await openDoors(running, settings);
  const { log } = running.app;
  stopOnSignal({ stop: () => running.stop(), graceMs: settings.ATTUNE_STOP_GRACE, complain: (why) => log.error(why) });
  return doors;
}
