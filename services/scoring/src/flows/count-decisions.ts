import { Decision, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import type { Emission } from '@attune/processor/definition';
import type { Metrics } from '@attune/runtime/telemetry/port';
import { DECISIONS } from './records.ts';

/** Counts one decision, by campaign and outcome. */
export type CountDecision = (decision: Pick<Decision, 'campaign' | 'outcome' | 'explored'>) => void;

/** Counts decisions as the metrics name them. */
export const countDecision =
  (telemetry: Metrics): CountDecision =>
  ({ campaign, outcome, explored }) => {
    telemetry.count('attune_scoring_decisions_total', { campaign, outcome: outcomes.get(outcome) ?? '' });
    if (explored) telemetry.count('attune_scoring_explored_total', { campaign });
  };

/** Counts the decisions among the emissions of a commit. */
export const countEmitted =
  (count: CountDecision) =>
  (emissions: readonly Emission[]): void => {
    for (const { topic, value } of emissions) if (topic === DECISIONS) count(Decision.decode(value));
  };

const outcomes: ReadonlyMap<DecisionOutcome, string> = new Map([
  [DecisionOutcome.DECISION_OUTCOME_OFFER, 'offer'],
  [DecisionOutcome.DECISION_OUTCOME_NOTHING, 'nothing'],
  [DecisionOutcome.DECISION_OUTCOME_HELD_OUT, 'held_out'],
  [DecisionOutcome.DECISION_OUTCOME_MESSAGE, 'message'],
  [DecisionOutcome.DECISION_OUTCOME_NO_CONSENT, 'no_consent'],
]);
