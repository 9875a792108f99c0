import * as consolePage from '@attune/console/composition';
import type * as ingestion from '@attune/ingestion/composition';
import { joined, type ProcessTelemetry } from '@attune/runtime/telemetry/open-telemetry';
import type { Models } from '@attune/scoring/composition';
import { publicUrlOf } from './doors.ts';
import type { Foundations } from './foundations.ts';
import { localFoundations } from './foundations.ts';
import { type Hosted, type HostingOptions, hosted, newHost, pipelineOf, TENANT } from './hosting.ts';
import { isErasedBy } from './is-erased.ts';
import { featureStorePart, ingestionPart, notificationPart, scoringPart } from './parts.ts';
import { campaignsOf } from './process-telemetry.ts';
import { shopFacts } from './shop-facts.ts';
import { snapshotTaker } from './snapshots-of.ts';
import { activateConfiguration, topicsOf } from './topics.ts';
import { VERSION } from './version.ts';

export { TENANT } from './hosting.ts';

const PARTITIONS = 4;

/** What the one process is made of. */
export interface EmbeddedOptions extends Omit<HostingOptions, 'foundations' | 'partitions' | 'telemetry'> {
  /** Absent = metrics alone. */
  readonly telemetry?: ProcessTelemetry;
  /** Absent = SQLite in the data folder. Closed at the stop. */
  readonly foundations?: Foundations;
  /** The text of the configuration. */
  readonly document: string;
  /** Folder of the message templates. */
  readonly messagesFolder: string;
  /** Reads the models of the configuration, once. Absent = there are none. @throws AttuneError CONFIGURATION_INVALID */
  readonly models?: () => Models;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** What the page tells of the demo. */
  readonly demo: () => Pick<consolePage.ConsoleFacts, 'replay' | 'madeUp' | 'madeUpOf'>;
}

/** Everything in one process. */
export interface Attune extends Hosted {
  /** Copies its store into the folder of snapshots, keeping so many. @throws AttuneError as takeSnapshot */
  takeSnapshot(keep: number): Promise<void>;
  readonly ingestion: ingestion.Ingestion;
}

/** Puts the four services and the page together, over SQLite in the data folder unless told otherwise. Folds at once; does not listen yet. */
export async function embedded(options: EmbeddedOptions): Promise<Attune> {
  const { settings, clock, configuration, document } = options;
  const foundations = options.foundations ?? localFoundations(settings.ATTUNE_DATA_DIR, clock);
  const telemetry = options.telemetry ?? joined(campaignsOf(configuration));
  const hosting = { ...options, foundations, telemetry, partitions: PARTITIONS };
  const { log } = foundations;
  await log.ensureTopics(topicsOf(PARTITIONS));
  await activateConfiguration({ log, tenant: TENANT, configuration, document, partitions: PARTITIONS, nowMs: clock.nowMs() });
  const host = newHost(hosting);
  const door = await ingestionPart(host, settings);
  const profiles = await featureStorePart(host, door.service);
  const calls = { ...profiles.service, isErased: isErasedBy(profiles.service.getErasure) };
  const decisions = await scoringPart(host, calls, options.models);
  const deliveries = await notificationPart(host, calls, { ...options, publicUrl: publicUrlOf(host.app, settings) });
  const parts = [door, profiles, decisions, deliveries];
  const pipeline = pipelineOf(parts, foundations);
  const status = async (): Promise<consolePage.ConsoleFacts> => ({
    ...shopFacts(configuration),
    ...options.demo(),
    clockMs: clock.nowMs(),
    lag: await pipeline.lag(),
    pid: process.pid,
    version: VERSION,
    embedded: options.foundations === undefined,
    ...(settings.ATTUNE_SMTP_URL === undefined ? {} : { mails: 'smtp' as const }),
  });
  const page = await consolePage.consoleOn(host.app, host.c, { tenant: TENANT, ring: host.shared.ring, assetsFolder: options.pageFolder, status });
  return { ...hosted(host, parts, hosting, [page]), ingestion: door.service, takeSnapshot: snapshotTaker(host, hosting) };
}
