import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import { loadTemplates, messagesOf } from '@attune/notification/composition';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import type { Settings } from '../config.ts';
import { type Attune, embedded, TENANT } from '../container.ts';
import { lockDataFolder } from '../data-folder.ts';
import { CURSOR_FILE, type Demo, openDemo } from '../demo/demo.ts';
import { progressBar } from '../demo/progress-bar.ts';
import { openDoors } from '../doors.ts';
import { keepSnapshots } from '../keep-snapshots.ts';
import { processTelemetry } from '../process-telemetry.ts';
import { EXAMPLE, readConfiguration } from '../read-configuration.ts';

const PAGE = join(import.meta.dirname, '../../../console/dist-page');

export interface StartOptions {
  /** Forgets what the data folder holds and begins again. */
  readonly fresh: boolean;
  /** Replays the example shop's year; only where no other configuration is named. */
  readonly demo: boolean;
}

/** A process that listens. */
export interface Started {
  readonly address: string;
  /** Host and port of gRPC. */
  readonly grpcAddress: string;
  /** Resolves when history is replayed, or the process is told to stop. */
  readonly replayed: Promise<'replayed' | 'interrupted' | 'nothing to replay'>;
}

/** Starts Attune in one process. Stops in order on SIGTERM and SIGINT. @throws AttuneError PORT_TAKEN, DATA_FOLDER_LOCKED, CONFIGURATION_INVALID, TEMPLATE_INVALID, TEMPLATE_TOO_SLOW */
export async function start(settings: Settings, options: StartOptions): Promise<Started> {
  const configured = readConfiguration(settings.ATTUNE_CONFIG ?? EXAMPLE);
  await checkMessages(configured);
  configured.models?.();
  if (options.fresh) {
    lockDataFolder(settings.ATTUNE_DATA_DIR).release();
    rmSync(settings.ATTUNE_DATA_DIR, { recursive: true });
  }
  const withDemo = options.demo && settings.ATTUNE_CONFIG === undefined;
  keepDemoApart(settings, withDemo);
  const folder = lockDataFolder(settings.ATTUNE_DATA_DIR);
  const demo = withDemo ? demoIn(folder.path, configured.configuration.shop.currency) : undefined;
  const telemetry = await processTelemetry(settings, configured.configuration, { service: 'attune', traceShare: 1 });
  const attune = await embedded({
    ...configured,
    telemetry,
    settings,
    clock: demo?.clock ?? systemClock,
    pageFolder: PAGE,
    demo: () => (demo === undefined ? { madeUp: [] } : { madeUp: demo.madeUp, madeUpOf: demo.madeUpOf, replay: demo.progress() }),
  });
  const snapshots = keepSnapshots(settings, attune);
  const ending = new AbortController();
  const stopAll = async (): Promise<void> => {
    ending.abort();
    await replayed;
    await snapshots.stop();
    await attune.stop();
    folder.release();
  };
  let replayed: Started['replayed'] = Promise.resolve('nothing to replay');
  const doors = await openDoors(attune, settings).catch(async (fault: unknown) => {
    await stopAll();
    throw fault;
  });
  const stop = (): void => void stopAll();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (demo !== undefined) replayed = run(demo, attune, ending.signal);
  return { ...doors, replayed };
}

/** Nobody may get a mail that was meant for a made-up customer. @throws AttuneError SETTING_INVALID */
function keepDemoApart({ ATTUNE_SMTP_URL, ATTUNE_DATA_DIR }: Settings, withDemo: boolean): void {
  if (withDemo && ATTUNE_SMTP_URL !== undefined)
    throw new AttuneError('SETTING_INVALID', 'ATTUNE_SMTP_URL: the demo writes to made-up customers. Name your own ATTUNE_CONFIG, or start with --no-demo.');
  if (!withDemo && existsSync(join(ATTUNE_DATA_DIR, CURSOR_FILE)))
    throw new AttuneError(
      'SETTING_INVALID',
      `ATTUNE_DATA_DIR: ${ATTUNE_DATA_DIR} holds the demo's made-up customers. Name another folder, or start with --fresh.`,
    );
}

/** Before anything is touched: what is refused leaves the folder and the log as they were. */
async function checkMessages({ configuration, messagesFolder: folder }: ReturnType<typeof readConfiguration>): Promise<void> {
  const templates = await loadTemplates({ folder, names: messagesOf(configuration), languages: configuration.shop.languages });
  await templates.close();
}

const demoIn = (dataFolder: string, currency: string): Demo => openDemo({ dataFolder, currency, systemClock, stopwatch: systemStopwatch });

/** Replays what is left of the year through the doors of the process. */
async function run(demo: Demo, { ingestion, pipeline }: Attune, signal: AbortSignal): Promise<'replayed' | 'interrupted'> {
  const { rejected, done } = await demo.run({
    tenant: TENANT,
    publish: ingestion.publish,
    publishItems: (items) => ingestion.publishItems(TENANT, items),
    recordConsent: (tenant, { userId, purposes, messageId }) =>
      ingestion.acceptConsent(tenant, { subject: { id: { $case: 'userId', value: userId } }, purposes, messageId }),
    settled: () => pipeline.settle(systemStopwatch),
    progress: progressBar(process.stderr),
    signal,
  });
  for (const [code, count] of rejected) console.error(`attune: the door refused ${count} events of the demo with ${code}`);
  return done ? 'replayed' : 'interrupted';
}
