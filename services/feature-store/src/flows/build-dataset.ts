import { Activity } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogBounds } from '@attune/event-log/port';
import { subjectKey } from '@attune/sealing/port';
import { consentOf } from '../domain/consent.ts';
import type { Cell, DatasetColumn } from '../ports.ts';
import { activityTimeMs } from './activity-time.ts';
import type { CellStatus } from './dataset-cells.ts';
import type { FoldActivityPorts } from './fold-activity.ts';
import { GatheredLabels } from './gather-labels.ts';
import { byMoment, cellsOf, columnsOf, type DatasetAsked, GatheredRows, type LeftOut, type Taken } from './gather-rows.ts';
import { type ReplayEnd, type ReplayWatcher, replayProfiles } from './replay-profiles.ts';
import { ACTIVITY } from './state-keys.ts';

/** What a dataset is built from. */
export interface DatasetPorts extends FoldActivityPorts {
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read'>;
}

/** A built dataset. */
export interface Dataset {
  readonly columns: readonly DatasetColumn[];
  /** Sorted by moment, then profile. */
  readonly rows: readonly (readonly Cell[])[];
  /** By column: how its values were answered. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<CellStatus, number>>;
  readonly leftOut: LeftOut;
  readonly log: { readonly id: string; readonly bounds: readonly LogBounds[] };
  /** What the log knows ends here, in ms since 1970. */
  readonly knownUntilMs: number;
  /** The last moment that a row may have. */
  readonly lastMomentMs: number;
  readonly records: number;
  readonly setAside: number;
}

const READ_MAX = 1_000;
const KEYS_AT_ONCE = 1_000;

/**
 * Builds the rows of a label: each is what `GetFeatures` would have answered for the purpose at its moment, from the records that were known then, beside what happened
 * after it. The same log, configuration and words give the same rows. @throws AttuneError REQUEST_INVALID where there are more rows than allowed, LOG_UNAVAILABLE, KEY_UNAVAILABLE
 */
export async function buildDataset(ports: DatasetPorts, asked: DatasetAsked): Promise<Dataset> {
  const { label, configuration, document, asRecorded, tenant } = asked;
  const log = await boundsOf(ports, asked);
  const knownUntilMs = await knownUntil(ports, log.bounds);
  const lastMomentMs = Math.min(knownUntilMs - label.withinMs - configuration.lateEvents.allowedMs, (asked.toMs ?? Number.POSITIVE_INFINITY) - 1);
  const gathering = new GatheredRows(asked, lastMomentMs);
  const labels = new GatheredLabels(label, ports.ring);
  const records = log.bounds.reduce((sum, { startOffset, endOffset }) => sum + Math.max(0, endOffset - startOffset), 0);
  const end = await replayProfiles({
    ...ports,
    tenant,
    bounds: log.bounds,
    ...(!asRecorded && { under: { version: configuration.version, document } }),
    watcher: both(await gathering.watcher(ports.log), labels),
    progress: (done) => asked.progress?.(done, records),
  });
  const kept = await keptRows(ports, asked, { taken: gathering.taken, end, leftOut: gathering.leftOut });
  const read = labels.reader((profileId) => nowOf(end, profileId));
  const rows = kept.toSorted(byMoment).map((row) => cellsOf(row, asked, read(row.profileId, row.atMs)));
  const counts = { records, setAside: end.setAside, knownUntilMs, lastMomentMs };
  return { columns: columnsOf(asked), rows, statuses: gathering.statuses(kept), leftOut: gathering.leftOut, log, ...counts };
}

async function boundsOf({ log }: DatasetPorts, { endOffsets }: DatasetAsked): Promise<Dataset['log']> {
  const { logId, partitions } = await log.identity(ACTIVITY);
  const bounds: LogBounds[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(ACTIVITY, partition);
    bounds.push({ startOffset, endOffset: Math.min(endOffset, endOffsets?.[partition] ?? endOffset) });
  }
  return { id: logId, bounds };
}

/** The newest time among the last records of all partitions. */
async function knownUntil({ log }: DatasetPorts, bounds: readonly LogBounds[]): Promise<number> {
  let knownMs = 0;
  for (const [partition, { startOffset, endOffset }] of bounds.entries()) {
    const last = await log.read(ACTIVITY, partition, Math.max(startOffset, endOffset - READ_MAX), READ_MAX);
    for (const { offset, value } of last) if (offset < endOffset) knownMs = Math.max(knownMs, activityTimeMs(Activity.decode(value)) ?? 0);
  }
  return knownMs;
}

/** The profile that it is part of at the end of the log. */
function nowOf(end: ReplayEnd, profileId: string): string {
  const to = end.stateOf(profileId)?.moved?.to;
  return to === undefined ? profileId : nowOf(end, to);
}

interface Ended {
  readonly taken: readonly Taken[];
  readonly end: ReplayEnd;
  readonly leftOut: LeftOut;
}

/** Nothing is taught from whoever has withdrawn or was erased since. */
async function keptRows({ ring }: DatasetPorts, { tenant, purpose }: DatasetAsked, { taken, end, leftOut }: Ended): Promise<Taken[]> {
  const kept: Taken[] = [];
  for (let i = 0; i < taken.length; i += KEYS_AT_ONCE) {
    const some = taken.slice(i, i + KEYS_AT_ONCE);
    const idsOf = ({ profileId }: Taken) => [profileId, nowOf(end, profileId)];
    await ring.load(tenant, new Set(some.flatMap(idsOf).map(subjectKey)));
    const isErased = (row: Taken): boolean => idsOf(row).some((id) => ring.isDestroyed(tenant, subjectKey(id)));
    for (const row of some) {
      const now = nowOf(end, row.profileId);
      const profile = end.stateOf(now)?.profile;
      if (isErased(row)) leftOut.erased++;
      else if (profile !== undefined && consentOf(profile, end.rulesOf(now))[purpose] !== true) leftOut.withdrawnSince++;
      else kept.push(row);
    }
  }
  return kept;
}

const both = (one: ReplayWatcher, other: ReplayWatcher): ReplayWatcher => ({
  before: (at) => {
    one.before?.(at);
    other.before?.(at);
  },
  after: (at, found) => {
    one.after?.(at, found);
    other.after?.(at, found);
  },
  end: (standing) => {
    one.end?.(standing);
    other.end?.(standing);
  },
});
