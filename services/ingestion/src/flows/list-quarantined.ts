import { type ListQuarantinedRequest, ListQuarantinedResponse, QuarantineReason } from '@attune/contracts/messages/identity/v1/identity';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { QuarantineList } from '../domain/quarantine.ts';
import { quarantineKey } from './resolve-accepted.ts';
import type { ResolvePorts } from './resolve-subject.ts';

/** Lists what is quarantined, the newest first, page by page. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE */
export type ListQuarantined = (tenant: TenantId, request: ListQuarantinedRequest) => Promise<ListQuarantinedResponse>;

const PAGE = 100;
const PAGE_MAX = 1_000;

/** Reads the list of each partition: one call of the store each. */
export const listQuarantined =
  (ports: ResolvePorts): ListQuarantined =>
  async (tenant, { pageSize, pageToken }) => {
    if (pageSize < 0 || pageSize > PAGE_MAX) throw new AttuneError('REQUEST_INVALID', `Field: page_size. At most ${PAGE_MAX} are told at once.`);
    if (!/^\d{0,9}$/.test(pageToken)) throw new AttuneError('REQUEST_INVALID', 'Field: page_token. That of the page before is expected.');
    const from = Number(pageToken);
    const lists = await Promise.all(Array.from({ length: ports.partitions }, (_, partition) => listOf(ports, tenant, partition)));
    const all = lists
      .flatMap((list) => [...list].map(([leaf, one]) => ({ leaf, ...one })))
      .toSorted((a, b) => b.sinceMs - a.sinceMs || (a.leaf < b.leaf ? -1 : 1));
    const page = all.slice(from, from + (pageSize || PAGE));
    const next = from + page.length;
    return ListQuarantinedResponse.fromPartial({
      quarantined: page.map(({ leaf, sinceMs, reason }) => ({ leaf, sinceMs: BigInt(sinceMs), reason: REASONS[reason] })),
      nextPageToken: next < all.length ? String(next) : '',
    });
  };

const REASONS = {
  customers: QuarantineReason.QUARANTINE_REASON_CUSTOMERS,
  devices: QuarantineReason.QUARANTINE_REASON_DEVICES,
} as const;

async function listOf({ store, slotOf, codec }: ResolvePorts, tenant: TenantId, partition: number): Promise<QuarantineList> {
  const { states } = await store.read(slotOf(partition), [quarantineKey(tenant)]);
  return (states[0] && codec.decodeQuarantine(states[0])) ?? new Map();
}
