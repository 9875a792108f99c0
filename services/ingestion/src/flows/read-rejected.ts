import type { EventLog, TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import { REJECTED } from '../ports.ts';
import type { ListedRejected } from './list-rejected.ts';
import { REJECTED_KEPT_MS, rejectedIn } from './rejected-entry.ts';
import type { ReplayedEvents } from './replayed-events.ts';

/** A refused event with what its sender wrote, as JSON; undefined where it was not kept. */
export interface OpenedRejected extends ListedRejected {
  readonly original: string | undefined;
}

/** Opens one. @throws AttuneError REJECT_UNKNOWN, ERASED where its key was destroyed, KEY_UNAVAILABLE, LOG_UNAVAILABLE */
export type ReadRejected = (tenant: TenantId, id: string) => Promise<OpenedRejected>;

/** What reading needs. */
export interface ReadPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly replayed: ReplayedEvents;
}

/** By its place: the id says where it lies. */
export const readRejected =
  ({ log, clock, ring, replayed }: ReadPorts): ReadRejected =>
  async (tenant, id) => {
    const [, partition, offset] = /^(\d{1,9})-(\d{1,15})$/.exec(id)?.map(Number) ?? [];
    const { partitions } = await log.identity(REJECTED);
    if (partition === undefined || offset === undefined || partition >= partitions) throw new AttuneError('REJECT_UNKNOWN');
    const { startOffset, endOffset } = await log.bounds(REJECTED, partition);
    const within = offset >= startOffset && offset < endOffset;
    const [record] = within ? await log.read(REJECTED, partition, offset, 1) : [];
    const found = record?.offset === offset ? rejectedIn(record, tenant) : undefined;
    if (found === undefined || Number(found.told.receivedAtMs) < clock.nowMs() - REJECTED_KEPT_MS) throw new AttuneError('REJECT_UNKNOWN');
    const rejected = { ...found, replayed: (await replayed.of(tenant)).has(found.id) };
    const { original } = rejected.told;
    if (original === undefined) return { ...rejected, original };
    await ring.load(tenant, [original.keyId]);
    return { ...rejected, original: Buffer.from(ring.open(original, { tenant, subject: 'rejected', id: rejected.record.key })).toString() };
  };
