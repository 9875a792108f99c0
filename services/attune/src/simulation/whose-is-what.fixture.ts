import { AcceptedEvent } from '@attune/contracts/messages/log/v1/log';
import type { SimBroker } from '@attune/testing/simulation/sim-log';

/** What all events of one owner come to. */
export interface Sums {
  readonly events: number;
  readonly spend: number;
  readonly noted: number;
}

/**
 * The slow and obvious answer, from attune.accepted.v1 alone: an event counts once by its identifier and message id; the first customer that an
 * identifier was linked to has all that came before, and each has what came after. Owners: the profile id of a link, or the identifier itself. Test only.
 */
export function whoseIsWhat(broker: SimBroker): ReadonlyMap<string, Sums> {
  const owners = new Map<string, string>();
  const sums = new Map<string, Sums>();
  const seen = new Set<string>();
  for (let partition = 0; partition < broker.partitions; partition++) {
    const records = broker.of('attune.accepted.v1', partition).map(({ key, value }) => ({ key, ...AcceptedEvent.decode(value) }));
    for (const { key, record } of records) {
      if (record?.$case === 'link') {
        if (!owners.has(key)) moveAll(sums, key, record.value.profileId);
        owners.set(key, record.value.profileId);
      }
      if (record?.$case !== 'event' || seen.has(record.value.messageId)) continue;
      seen.add(record.value.messageId);
      const n = Number((JSON.parse(record.value.openJson) as { readonly total: number }).total);
      add(sums, owners.get(key) ?? key, { events: 1, spend: n, noted: n });
    }
  }
  return sums;
}

function moveAll(sums: Map<string, Sums>, from: string, to: string): void {
  const moved = sums.get(from);
  if (moved === undefined) return;
  sums.delete(from);
  add(sums, to, moved);
}

function add(sums: Map<string, Sums>, owner: string, { events, spend, noted }: Sums): void {
  const known = sums.get(owner) ?? { events: 0, spend: 0, noted: 0 };
  sums.set(owner, { events: known.events + events, spend: known.spend + spend, noted: known.noted + noted });
}
