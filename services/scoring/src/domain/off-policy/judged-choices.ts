import { type Decision, type DecisionInputs, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { unitHash } from '@attune/kernel/hash';
import { heldOutShare } from '../assign-variant.ts';
import type { CampaignRule, Policy } from '../campaign-rules.ts';
import { chancesOf } from '../decide-offer.ts';
import { recordedModel } from '../model-in-use.ts';
import type { OfferTally } from '../weigh-candidates.ts';
import type { JudgedChoice } from './estimate-policy.ts';

/** A campaign as one version of the configuration has it. */
export interface CampaignUnder {
  readonly campaign: CampaignRule;
  readonly policy: Policy;
}

/** A decision of the log with what was known then. */
export interface LoggedDecision {
  readonly tenant: string;
  readonly record: Decision;
  readonly inputs: DecisionInputs;
  /** What it was decided under; asked for only where the profile was held out, of which no candidates are recorded. */
  readonly under: () => CampaignUnder | undefined;
  /** What had been sent and accepted then, of decisions whose record does not say it. */
  readonly tallyBefore: (offer: string) => OfferTally;
}

/** What was done about somebody, and the chances of everything that could have been done; '' is nothing. */
export interface ChoiceMade {
  readonly offer: string;
  /** Of what was done, with the holdout in it: a held-out profile got nothing by chance, which tells what nothing brings. */
  readonly logged: number;
  /** By what could be done: of the policy that decided, and of the one under judgement, both without a holdout. */
  readonly options: readonly OptionChances[];
}

interface OptionChances {
  readonly offer: string;
  readonly before: number;
  readonly after: number;
  /** False where it could never have been done. */
  readonly possible: boolean;
}

/** Both policies in one logged decision; undefined where the policy that decided cannot be told, or where nothing was chosen by chance or score: without consent, or a message. */
export function choiceMade(logged: LoggedDecision, judged: CampaignUnder): ChoiceMade | undefined {
  const { record } = logged;
  if (!CHOSEN.has(record.outcome)) return undefined;
  const before = loggedChances(logged);
  if (before === undefined) return undefined;
  const after = chancesUnder(judged, logged);
  const held = heldOutShare({ holdout: record.holdoutShare, shopHoldout: record.shopHoldoutShare });
  const mixed = (offer: string): number => (1 - held) * before(offer) + (offer === '' ? held : 0);
  const offers = new Set([
    '',
    ...record.candidates.map(({ offer }) => offer),
    ...[judged.campaign, ...judged.campaign.variants].flatMap((rule) => rule.offers.map(({ name }) => name)),
  ]);
  const options = [...offers].map((offer) => ({ offer, before: before(offer), after: after(offer), possible: mixed(offer) > IMPOSSIBLE }));
  return { offer: record.offer, logged: mixed(record.offer), options };
}

/** A choice with its reward and whose it was. */
export interface RewardedChoice extends ChoiceMade {
  readonly unit: string;
  readonly reward: number;
}

/** The choices as estimators take them, for the policy that decided and for the one under judgement. Expected rewards are means by offer, learnt from the other half of the customers. */
export function judgedChoices(choices: readonly RewardedChoice[]): { readonly before: readonly JudgedChoice[]; readonly after: readonly JudgedChoice[] } {
  const halves = [0, 1].map((half) => meansByOffer(choices.filter(({ unit }) => halfOf(unit) !== half)));
  const of = (policy: 'before' | 'after') =>
    choices.map(({ unit, reward, offer, logged, options }): JudgedChoice => {
      const mean = halves[halfOf(unit)] ?? (() => 0);
      return {
        unit,
        reward,
        logged,
        target: options.find((one) => one.offer === offer)?.[policy] ?? 0,
        uncovered: options.reduce((sum, one) => sum + (one.possible ? 0 : one[policy]), 0),
        expected: mean(offer),
        expectedOfTarget: options.reduce((sum, one) => sum + one[policy] * mean(one.offer), 0),
      };
    });
  return { before: of('before'), after: of('after') };
}

/** Of what the policy under judgement would do and could never have been done: the mean chance of each, the largest first; '' is nothing. */
export function uncoveredOffers(choices: readonly ChoiceMade[]): readonly { readonly offer: string; readonly share: number }[] {
  const shares = new Map<string, number>();
  for (const { options } of choices)
    for (const { offer, after, possible } of options) if (!possible && after > 0) shares.set(offer, (shares.get(offer) ?? 0) + after / choices.length);
  return [...shares].map(([offer, share]) => ({ offer, share })).toSorted((a, b) => b.share - a.share || (a.offer < b.offer ? -1 : 1));
}

const CHOSEN: ReadonlySet<DecisionOutcome> = new Set([
  DecisionOutcome.DECISION_OUTCOME_OFFER,
  DecisionOutcome.DECISION_OUTCOME_NOTHING,
  DecisionOutcome.DECISION_OUTCOME_HELD_OUT,
]);
const IMPOSSIBLE = 1e-9;
const SHRINK = 10;

function loggedChances(logged: LoggedDecision): ((offer: string) => number) | undefined {
  const { record } = logged;
  if (record.outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT) {
    const under = logged.under();
    return under && chancesUnder(under, logged);
  }
  const offers = new Map(record.candidates.map(({ offer, probability }) => [offer, probability]));
  const rest = 1 - [...offers.values()].reduce((sum, chance) => sum + chance, 0);
  const nothing = record.outcome === DecisionOutcome.DECISION_OUTCOME_NOTHING ? record.propensity : rest > IMPOSSIBLE ? rest : 0;
  return (offer) => (offer === '' ? nothing : (offers.get(offer) ?? 0));
}

const chancesUnder = (under: CampaignUnder, logged: LoggedDecision): ((offer: string) => number) =>
  chancesOf({
    ...under,
    tenant: logged.tenant,
    profileId: logged.record.profileId,
    inputs: logged.inputs,
    tallyOf: tallyIn(logged),
    model: recordedModel(logged.record),
    seed: logged.record.seed,
  });

function tallyIn({ record, tallyBefore }: LoggedDecision): (offer: string) => OfferTally {
  const counts = new Map(record.counts.map(({ offer, sent, accepted }) => [offer, { sent: Number(sent), accepted: Number(accepted) }]));
  return (offer) => counts.get(offer) ?? tallyBefore(offer);
}

const halfOf = (unit: string): 0 | 1 => (unitHash(unit) < 0.5 ? 0 : 1);

/** The mean reward of each offer, drawn towards that of all where it was rare. */
function meansByOffer(choices: readonly RewardedChoice[]): (offer: string) => number {
  const all = choices.reduce((sum, { reward }) => sum + reward, 0) / Math.max(1, choices.length);
  const sums = new Map<string, { readonly count: number; readonly reward: number }>();
  for (const { offer, reward } of choices) {
    const before = sums.get(offer) ?? { count: 0, reward: 0 };
    sums.set(offer, { count: before.count + 1, reward: before.reward + reward });
  }
  return (offer) => {
    const { count, reward } = sums.get(offer) ?? { count: 0, reward: 0 };
    return (reward + SHRINK * all) / (count + SHRINK);
  };
}
