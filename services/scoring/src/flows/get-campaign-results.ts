import type { Configuration } from '@attune/configuration/configuration';
import { CampaignResult, type GetCampaignResultsResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import type { StateStore } from '@attune/state-store/port';
import { addCounts, type CampaignCounts, noCounts } from '../domain/campaign-counts.ts';
import { compareArms } from '../domain/compare-arms.ts';
import type { CustomerCounts } from '../domain/experiments/customer-counts.ts';
import { experimentResult } from '../domain/experiments/experiment-result.ts';
import type { Slots } from '../ports.ts';
import { readPartition } from './read-partition.ts';

/** What each campaign did so far, over all partitions. @throws AttuneError STORE_UNAVAILABLE */
export type GetCampaignResults = (tenant: string) => Promise<GetCampaignResultsResponse>;

/** What counting needs. */
export interface ResultPorts {
  readonly store: StateStore;
  /** Of the processor `decisions`. */
  readonly slots: Slots;
  readonly configuration: () => Configuration;
}

/** Campaigns of the configuration and those that decided before it, sorted by name. */
export const getCampaignResults =
  ({ store, slots, configuration }: ResultPorts): GetCampaignResults =>
  async (tenant) => {
    const partitions = await Promise.all(Array.from({ length: slots.partitions }, (_, partition) => readPartition(store, slots, tenant, partition)));
    const campaigns = new Map<string, CampaignCounts>(configuration().campaigns.map(({ name }) => [name, noCounts]));
    for (const partition of partitions) {
      for (const [name, counts] of Object.entries(partition?.campaigns ?? {})) campaigns.set(name, addCounts(campaigns.get(name) ?? noCounts, counts));
    }
    const names = [...campaigns.keys()].toSorted();
    return { campaigns: names.map((name) => resultOf(name, campaigns.get(name) ?? noCounts, configuration())) };
  };

function resultOf(name: string, { offers, customers = {}, ...counts }: CampaignCounts, { campaigns }: Configuration): CampaignResult {
  const { goal, variants = [] } = campaigns.find((campaign) => campaign.name === name) ?? {};
  const treated = { settled: counts.treatedSettled, reached: counts.treatedReached };
  const compared = compareArms(treated, { settled: counts.heldOutSettled, reached: counts.heldOutReached });
  return CampaignResult.fromPartial({
    campaign: name,
    ...whole(counts),
    offers: Object.keys(offers)
      .toSorted()
      .map((offer) => ({ offer, ...whole(offers[offer] ?? {}) })),
    ...(goal && { goalEvent: goal.event, goalWithinMs: BigInt(goal.withinMs) }),
    ...(compared && { lift: compared.lift, liftLow: compared.low, liftHigh: compared.high }),
    ...experiment(
      customers,
      variants.map((variant) => variant.name),
    ),
  });
}

function experiment(customers: CustomerCounts, variants: readonly string[]) {
  const { arms, comparisons, ratio } = experimentResult(customers, variants);
  return {
    arms: arms.map(({ expected, arm, ...counts }) => ({ arm, expected, ...whole(counts) })),
    comparisons: comparisons.map(({ anytime, ...comparison }) => ({
      ...comparison,
      ...(anytime && { anytimeLow: anytime.low, anytimeHigh: anytime.high, anytimeP: anytime.p }),
    })),
    ...(ratio && { sampleRatioP: ratio.p, sampleRatioAlarm: ratio.alarm }),
  };
}

const whole = <Name extends string>(counts: Partial<Readonly<Record<Name, number>>>): Record<Name, bigint> =>
  Object.fromEntries(Object.entries<number | undefined>(counts).map(([name, count]) => [name, BigInt(count ?? 0)])) as Record<Name, bigint>;
