import { type Decision, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { addCustomers, armKey, type CustomerCounts, countAssigned, countOutcome } from './experiments/customer-counts.ts';
import type { OfferTally } from './weigh-candidates.ts';

/** How often an offer was sent, answered by the goal, and sent by an exploring draw. */
export interface OfferCounts extends OfferTally {
  readonly explored: number;
}

/** What a campaign did, as `CampaignResult` tells it: each decision is counted in `entered` and in one of heldOut, offered, messaged, nothing and noConsent. */
export type CampaignCounts = Readonly<Record<CountName, number>> & {
  readonly offers: Readonly<Record<string, OfferCounts>>;
  /** The arms of its experiment, each customer once. Absent = nobody yet. */
  readonly customers?: CustomerCounts;
};

type CountName =
  | 'entered'
  | 'heldOut'
  | 'offered'
  | 'messaged'
  | 'nothing'
  | 'noConsent'
  | 'treatedSettled'
  | 'treatedReached'
  | 'heldOutSettled'
  | 'heldOutReached';

/** Which side of the comparison a decision is on; `none` without consent. Both sides are measured alike. */
export type ArmName = 'treated' | 'held_out' | 'none';

/** A campaign that did nothing yet. */
export const noCounts: CampaignCounts = {
  entered: 0,
  heldOut: 0,
  offered: 0,
  messaged: 0,
  nothing: 0,
  noConsent: 0,
  treatedSettled: 0,
  treatedReached: 0,
  heldOutSettled: 0,
  heldOutReached: 0,
  offers: {},
};

/** The side of the comparison that the decision puts its profile on. */
export function armOf(outcome: DecisionOutcome): ArmName {
  if (outcome === DecisionOutcome.DECISION_OUTCOME_NO_CONSENT) return 'none';
  return outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT ? 'held_out' : 'treated';
}

/** The counts after a decision. */
export function countDecision(counts: CampaignCounts, { outcome, offer, explored }: Pick<Decision, 'outcome' | 'offer' | 'explored'>): CampaignCounts {
  const name = countOf.get(outcome);
  const counted = name === undefined ? counts : { ...counts, entered: counts.entered + 1, [name]: counts[name] + 1 };
  return offer === '' ? counted : withOffer(counted, offer, { sent: 1, accepted: 0, explored: explored ? 1 : 0 });
}

/** The counts after a customer came into the campaign, by the first decision about them. `shares`: of its arms. */
export function countEntered(
  counts: CampaignCounts,
  { outcome, variant }: Pick<Decision, 'outcome' | 'variant'>,
  shares: Readonly<Record<string, number>>,
): CampaignCounts {
  const arm = armKey({ arm: armOf(outcome), variant });
  return arm === undefined ? counts : { ...counts, customers: countAssigned(counts.customers ?? {}, arm, shares) };
}

/** How a decision was settled; `counted` where it was settled before, as not reached. */
export interface Settlement {
  readonly arm: ArmName;
  /** Empty where none was sent. */
  readonly offer: string;
  readonly reached: boolean;
  readonly counted: boolean;
  /** Absent where the campaign has no variants. */
  readonly variant?: string;
  /** True for the first decision of the campaign about the customer. */
  readonly first?: boolean;
}

/** The counts after a decision was settled; each counts as settled once. A reached goal is an acceptance of the offer. */
export function countSettled(counts: CampaignCounts, settlement: Settlement): CampaignCounts {
  const { arm, offer, reached, counted, first } = settlement;
  const key = armKey(settlement);
  if (key === undefined) return counts;
  const [one, hit] = [counted ? 0 : 1, reached ? 1 : 0];
  const both: CampaignCounts =
    arm === 'treated'
      ? { ...counts, treatedSettled: counts.treatedSettled + one, treatedReached: counts.treatedReached + hit }
      : { ...counts, heldOutSettled: counts.heldOutSettled + one, heldOutReached: counts.heldOutReached + hit };
  const settled: CampaignCounts = first ? { ...both, customers: countOutcome(counts.customers ?? {}, key, { settled: one, reached: hit }) } : both;
  return offer === '' || !reached ? settled : withOffer(settled, offer, { sent: 0, accepted: 1, explored: 0 });
}

/** Both together. */
export function addCounts(a: CampaignCounts, b: CampaignCounts): CampaignCounts {
  const summed = Object.fromEntries(countNames.map((name) => [name, a[name] + b[name]])) as Record<CountName, number>;
  const customers = addCustomers(a.customers ?? {}, b.customers ?? {});
  return Object.entries(b.offers).reduce<CampaignCounts>((sum, [offer, counts]) => withOffer(sum, offer, counts), { ...summed, offers: a.offers, customers });
}

/** How often the campaign sent the offer, and how often that reached its goal. */
export const tallyIn = (counts: CampaignCounts | undefined, offer: string): OfferTally => counts?.offers[offer] ?? noOffer;

const countOf: ReadonlyMap<DecisionOutcome, CountName> = new Map([
  [DecisionOutcome.DECISION_OUTCOME_OFFER, 'offered'],
  [DecisionOutcome.DECISION_OUTCOME_NOTHING, 'nothing'],
  [DecisionOutcome.DECISION_OUTCOME_HELD_OUT, 'heldOut'],
  [DecisionOutcome.DECISION_OUTCOME_MESSAGE, 'messaged'],
  [DecisionOutcome.DECISION_OUTCOME_NO_CONSENT, 'noConsent'],
]);
const countNames = Object.keys(noCounts).filter((name): name is CountName => name !== 'offers' && name !== 'customers');
const noOffer: OfferCounts = { sent: 0, accepted: 0, explored: 0 };

function withOffer(counts: CampaignCounts, offer: string, more: OfferCounts): CampaignCounts {
  const { sent, accepted, explored } = counts.offers[offer] ?? noOffer;
  return {
    ...counts,
    offers: { ...counts.offers, [offer]: { sent: sent + more.sent, accepted: accepted + more.accepted, explored: explored + more.explored } },
  };
}
