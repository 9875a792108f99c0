import { DeliveryResult, GetDeliveryResultsResponse } from '@attune/contracts/messages/notification/v1/notification';
import type { TenantId } from '@attune/event-log/port';
import type { StateStore } from '@attune/state-store/port';
import type { CampaignTally } from '../domain/tally.ts';
import { DELIVERIES, decodeState, partitionKey } from './deliveries-state.ts';

/** Where results are read. */
export interface ResultPorts {
  readonly store: StateStore;
  /** Of attune.deliveries.v1. */
  readonly partitions: number;
}

/** What became of each campaign's messages, by name. @throws AttuneError STORE_UNAVAILABLE */
export type GetDeliveryResults = (tenant: TenantId) => Promise<GetDeliveryResultsResponse>;

/** Adds up what the partitions count. */
export const getDeliveryResults =
  ({ store, partitions }: ResultPorts): GetDeliveryResults =>
  async (tenant) => {
    const sums = new Map<string, CampaignTally>();
    for (let partition = 0; partition < partitions; partition++) {
      const { states } = await store.read({ processor: DELIVERIES, partition, partitions }, [partitionKey(tenant)]);
      const tallies = states[0] && decodeState(states[0]).partition?.tallies;
      for (const [campaign, tally] of tallies ?? []) sums.set(campaign, added(sums.get(campaign), tally));
    }
    const campaigns = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([campaign, tally]) => resultOf(campaign, tally));
    return GetDeliveryResultsResponse.fromPartial({ campaigns });
  };

function added(sum: CampaignTally | undefined, { sent, held, unknown, notSent }: CampaignTally): CampaignTally {
  const all: Record<string, number> = { ...sum?.notSent };
  for (const [reason, count] of Object.entries(notSent)) all[reason] = (all[reason] ?? 0) + count;
  return { sent: (sum?.sent ?? 0) + sent, held: (sum?.held ?? 0) + held, unknown: (sum?.unknown ?? 0) + unknown, notSent: all };
}

const resultOf = (campaign: string, { sent, held, unknown, notSent }: CampaignTally): DeliveryResult =>
  DeliveryResult.fromPartial({
    campaign,
    sent: BigInt(sent),
    held: BigInt(held),
    unknown: BigInt(unknown),
    notSent: Object.fromEntries(Object.entries(notSent).map(([reason, count]) => [reason, BigInt(count)])),
  });
