import type { ReadModel } from './read-model.ts';

/** One customer found. */
export interface FoundCustomer {
  readonly profileId: string;
  readonly customer: string;
  readonly events: number;
  readonly newestMs: number;
}

/** Customers whose identifier is, begins with or contains the query (in this order), or whose profile id it is; the most recently active first. An empty query finds the most recent. */
export function findCustomers({ profiles }: ReadModel, query: string, max: number): readonly FoundCustomer[] {
  const wanted = query.trim().toLowerCase();
  const found: (readonly [rank: number, FoundCustomer])[] = [];
  for (const [profileId, { customer, events, newestMs }] of profiles) {
    const rank = profileId === query.trim() ? 0 : rankOf(customer.toLowerCase(), wanted);
    if (rank < 3) found.push([rank, { profileId, customer, events, newestMs }]);
  }
  return found
    .toSorted(([a, one], [b, other]) => a - b || other.newestMs - one.newestMs)
    .slice(0, max)
    .map(([, it]) => it);
}

function rankOf(customer: string, wanted: string): number {
  if (customer === wanted) return 0;
  if (customer.startsWith(wanted)) return 1;
  return customer.includes(wanted) ? 2 : 3;
}
