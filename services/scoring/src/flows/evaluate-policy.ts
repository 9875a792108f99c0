import type { EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { KeyRing } from '@attune/sealing/key-ring';
import { comparePolicies, type Estimate, estimatePolicy, type PolicyValue } from '../domain/off-policy/estimate-policy.ts';
import { type CampaignUnder, judgedChoices, type RewardedChoice, uncoveredOffers } from '../domain/off-policy/judged-choices.ts';
import type { ConfigurationOf } from '../ports.ts';
import { policyOf } from './policy-of.ts';
import { type CampaignChoices, readChoices } from './read-choices.ts';
import { type Outcomes, readOutcomes } from './read-outcomes.ts';

/** What evaluating needs. Nothing is written. */
export interface EvaluationPorts {
  readonly log: EventLog;
  readonly ring: KeyRing;
  readonly configurationOf: ConfigurationOf;
}

/** Which policy is judged. */
export interface EvaluationRequest {
  readonly tenant: string;
  /** Absent = each campaign that has offers and a goal. */
  readonly campaign?: string;
  /** The document under judgement, from the one that is active. @throws AttuneError CONFIGURATION_INVALID */
  readonly document: (active: string) => string;
  /** From how many effective customers on an answer is given; absent = 100. */
  readonly effectiveMin?: number;
}

/** What the policy that decided brought a decision, what the other would have brought, and how much more that is. */
export interface Judgement {
  readonly before: PolicyValue;
  readonly after: PolicyValue;
  /** Doubly robust, of the same decisions; absent where one of both is refused. */
  readonly more?: Estimate;
}

/** What a policy would have made of the decisions of one campaign. */
export interface CampaignEvaluation extends Pick<CampaignChoices, 'tooYoung' | 'erased' | 'untold' | 'fromMs' | 'toMs'> {
  readonly campaign: string;
  readonly goal: { readonly event: string; readonly withinMs: number };
  readonly currency: string;
  /** The share of decisions that reached the goal. */
  readonly reached: Judgement;
  /** Value where the goal was reached less the cost of what was sent, a decision, in major units, by the amounts of then. */
  readonly worth: Judgement;
  /** What the policy would do that was never possible; '' is nothing. */
  readonly uncovered: readonly { readonly offer: string; readonly share: number }[];
  /** Decisions of which the policy would draw with other chances. */
  readonly changed: number;
}

/** Tells from the log what another policy would have brought. @throws AttuneError REQUEST_INVALID, CONFIGURATION_INVALID, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export async function evaluatePolicy(ports: EvaluationPorts, request: EvaluationRequest): Promise<readonly CampaignEvaluation[]> {
  const { log, configurationOf } = ports;
  const outcomes = await readOutcomes(log, request.tenant);
  if (outcomes.active === undefined) throw new AttuneError('REQUEST_INVALID', 'The log holds no configuration yet, and so no decisions.');
  const configuration = configurationOf(request.document(outcomes.active));
  const policy = policyOf(configuration);
  const judgeable = policy.campaigns.filter(({ offers, goal }) => offers.length > 0 && goal !== undefined);
  const asked = request.campaign === undefined ? judgeable : judgeable.filter(({ name }) => name === request.campaign);
  if (asked.length === 0) throw noCampaign(request.campaign, judgeable);
  const evaluations: CampaignEvaluation[] = [];
  for (const campaign of asked)
    evaluations.push(await evaluate(ports, request, { outcomes, judged: { campaign, policy }, currency: configuration.shop.currency }));
  return evaluations;
}

interface Evaluating {
  readonly outcomes: Outcomes;
  readonly judged: CampaignUnder;
  readonly currency: string;
}

async function evaluate(ports: EvaluationPorts, request: EvaluationRequest, { outcomes, judged, currency }: Evaluating): Promise<CampaignEvaluation> {
  const { tenant, effectiveMin } = request;
  const { name, goal = { event: '', withinMs: 0 } } = judged.campaign;
  const underVersion = (version: string): CampaignUnder | undefined => {
    const document = outcomes.documents.get(version);
    const policy = document === undefined ? undefined : policyOf(ports.configurationOf(document));
    const campaign = policy?.campaigns.find((one) => one.name === name);
    return policy && campaign && { campaign, policy };
  };
  const { reached, worth, ...rest } = await readChoices({ ...ports, tenant, outcomes, judged, underVersion });
  return {
    campaign: name,
    goal,
    currency,
    ...rest,
    reached: judge(reached, effectiveMin),
    worth: judge(worth, effectiveMin),
    uncovered: uncoveredOffers(reached),
    changed: reached.filter(({ options }) => options.some(({ before, after }) => Math.abs(before - after) > SAME_WITHIN)).length,
  };
}

const SAME_WITHIN = 1e-9;

function judge(choices: readonly RewardedChoice[], effectiveMin: number | undefined): Judgement {
  const judged = judgedChoices(choices);
  const [before, after] = [estimatePolicy(judged.before, effectiveMin), estimatePolicy(judged.after, effectiveMin)];
  if (before.kind === 'refused' || after.kind === 'refused') return { before, after };
  return { before, after, more: comparePolicies(judged.after, judged.before, 'dr') };
}

function noCampaign(asked: string | undefined, judgeable: readonly { readonly name: string }[]): AttuneError {
  const names = judgeable.map(({ name }) => name);
  const which = asked === undefined ? 'No campaign of the configuration has offers and a goal.' : 'A campaign that has offers and a goal is expected.';
  return new AttuneError('REQUEST_INVALID', asked === undefined ? which : `${which} ${spelling(asked, names)}`);
}
