import type { Recommender } from '@attune/configuration/configuration';
import { type NamedValue, type Position, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import type { RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import type { Clock } from '@attune/runtime/world';
import { usedWithin } from '../domain/item-filter.ts';
import type { PastUse } from '../domain/recommenders/served-model.ts';
import type { GetFeatures } from '../ports.ts';

/** What may be known of the one that items are recommended to; each list is empty where nothing may be known of that. */
export interface KnownCustomer {
  /** Empty where nobody is known. */
  readonly profileId: string;
  readonly position: Position | undefined;
  /** Whether what it bought could be used. */
  readonly status: ValueStatus;
  /** Newest first. */
  readonly history: readonly PastUse[];
  readonly viewed: readonly PastUse[];
  readonly refused: readonly PastUse[];
  readonly lessOf: readonly PastUse[];
  readonly nowMs: number;
}

/** Reads a customer for a recommender, as consent allows. @throws AttuneError STORE_UNAVAILABLE, KEY_UNAVAILABLE, SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED */
export async function knownCustomer(
  { getFeatures, clock }: { readonly getFeatures: GetFeatures; readonly clock: Clock },
  tenant: string,
  { subject, purpose, atLeast }: RecommendRequest,
  recommender: Recommender,
): Promise<KnownCustomer> {
  const { reads } = recommender;
  const features = [...new Set(Object.values(reads))];
  const nothing = { history: [], viewed: [], refused: [], lessOf: [] };
  const nobody = { profileId: '', position: undefined, status: ValueStatus.VALUE_STATUS_MISSING, ...nothing, nowMs: clock.nowMs() };
  if (subject?.id === undefined || features.length === 0) return nobody;
  const asked = GetFeaturesRequest.fromPartial({ subjects: [subject], features, purpose: purpose || recommender.purpose, ...(atLeast && { atLeast }) });
  const { profileId = '', values = [], position, nowMs = 0n } = (await getFeatures(tenant, asked)).rows[0] ?? {};
  if (profileId === '' || values.length === 0) return nobody;
  const named = (feature: string | undefined): NamedValue | undefined => values.find(({ name }) => name === feature);
  const usesOf = (feature: string | undefined): readonly PastUse[] => usesIn(named(feature));
  return {
    ...{ profileId, position, status: (named(reads.history) ?? values[0])?.status ?? ValueStatus.VALUE_STATUS_MISSING },
    ...{ history: usesOf(reads.history), viewed: usesOf(reads.viewed), refused: usesOf(reads.refused), lessOf: usesOf(reads.lessOf) },
    nowMs: Number(nowMs),
  };
}

function usesIn(value: NamedValue | undefined): readonly PastUse[] {
  const kind = value?.value?.kind;
  return kind?.$case === 'items' ? kind.value.items.map(({ id, atMs }) => ({ id, atMs: atMs.map(Number) })) : [];
}

const SESSION_MS = 30 * 60_000;
/** Of an open session so many items count, the newest. */
const SESSION_ITEMS_MAX = 20;

/** What the customer looked at in the last half hour, the newest last. */
export function openSession({ viewed, nowMs }: Pick<KnownCustomer, 'viewed' | 'nowMs'>): readonly string[] {
  const open = new Set(usedWithin(viewed, nowMs, SESSION_MS));
  const newest = viewed.filter(({ id }) => open.has(id)).toSorted((a, b) => (b.atMs[0] ?? 0) - (a.atMs[0] ?? 0) || (a.id < b.id ? -1 : 1));
  return newest
    .slice(0, SESSION_ITEMS_MAX)
    .toReversed()
    .map(({ id }) => id);
}
