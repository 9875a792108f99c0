import type { Position } from '@attune/contracts/messages/common/v1/common';
import { Decision, DecisionInputs, LearningNote, type Sealed } from '@attune/contracts/messages/log/v1/log';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { chosenFor, type DecidedOffer, decideOffer } from './decide-offer.ts';
import { contextBytes } from './learning/context-vector.ts';
import type { ModelInUse } from './model-in-use.ts';
import type { OfferTally } from './weigh-candidates.ts';

/** Changes with every change of what a decision comes to. */
export const RUNTIME_VERSION = 'decide-offer/1';

/** What asked for a decision, and what was known. */
export interface DecisionQuestion {
  readonly tenant: string;
  readonly profileId: string;
  readonly campaign: CampaignRule;
  readonly policy: Policy;
  /** The id of the transition, or `request/<id>` for a decision that an application asked for: Attune does not deliver those, so they name no channels. */
  readonly cause: string;
  readonly nowMs: number;
  readonly inputs: DecisionInputs;
  readonly position: Position | undefined;
  readonly tallyOf: (offer: string) => OfferTally;
  /** By its name, the model of a choice that learns. Absent = the priors alone. */
  readonly modelOf?: (model: string) => ModelInUse;
  /** Hops of the cause. */
  readonly hops: number;
  /** Seals bytes under an id of the profile. Same bytes and id: same envelope. */
  readonly seal: (id: string, bytes: Uint8Array) => Sealed;
  readonly hash: TextHash;
}

/** A hash of a text in at least 22 characters of base64url. */
export type TextHash = (text: string) => string;

/** Marks the causes of decisions that an application asked for. */
export const REQUEST_CAUSE = 'request/';

/** The id of the decision that a campaign takes because of a cause: one each. */
export const decisionIdOf = (tenant: string, campaign: string, cause: string, hash: TextHash): string =>
  `d_${hash(JSON.stringify([tenant, campaign, cause])).slice(0, 22)}`;

/** Decides and writes down all that is needed to decide again. Values and segments are empty: the inputs hold them sealed. `expiresAtMs` is 0 where the campaign names no end. */
export function decisionRecord(question: DecisionQuestion): Decision {
  const { tenant, profileId, campaign, policy, cause, nowMs, inputs } = question;
  const id = decisionIdOf(tenant, campaign.name, cause, question.hash);
  const model = modelUsed(question);
  const decided = decideOffer({ ...question, seed: id, ...(model && { model }) });
  return Decision.fromPartial({
    ...shown(decided),
    id,
    profileId,
    campaign: campaign.name,
    cause,
    nowMs: BigInt(nowMs),
    configurationVersion: policy.version,
    runtimeVersion: RUNTIME_VERSION,
    profilePosition: question.position,
    holdoutShare: campaign.holdout,
    shopHoldoutShare: campaign.shopHoldout,
    purpose: campaign.purpose,
    channels: cause.startsWith(REQUEST_CAUSE) ? [] : [...campaign.channels],
    expiresAtMs: campaign.expiresMs === undefined ? 0n : BigInt(nowMs + campaign.expiresMs),
    hops: question.hops + 1,
    inputs: question.seal(id, DecisionInputs.encode(inputs).finish()),
    learning: noteOf(decided, question, id),
    promotional: !policy.needsNoConsent.has(campaign.purpose),
    seed: id,
    counts: decided.candidates.map(({ offer }) => countOf(offer, question.tallyOf(offer))),
    consent: Object.fromEntries(
      Object.keys(inputs.consent)
        .toSorted()
        .map((purpose) => [purpose, inputs.consent[purpose] === true]),
    ),
  });
}

const shown = ({ candidates, learning: _, ...decided }: DecidedOffer) => ({ ...decided, candidates: [...candidates] });
const countOf = (offer: string, { sent, accepted }: OfferTally) => ({ offer, sent: BigInt(sent), accepted: BigInt(accepted) });

/** Of the profile's variant. */
function modelUsed({ tenant, profileId, campaign, modelOf }: DecisionQuestion): ModelInUse | undefined {
  const { learn } = chosenFor({ tenant, profileId, campaign });
  return learn && modelOf?.(learn.model);
}

function noteOf({ learning }: DecidedOffer, { profileId, nowMs, seal }: DecisionQuestion, id: string): LearningNote | undefined {
  if (learning === undefined) return undefined;
  const { model, reward } = learning.rule;
  const { event, withinMs, amount = '', atMost = 0 } = reward;
  const context = seal(`${id}/context`, contextBytes(learning.context));
  return LearningNote.fromPartial({ model, event, untilMs: BigInt(nowMs + withinMs), amount, atMost, context, profileId });
}
