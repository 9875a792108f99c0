import { Decision, type DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import type { Policy } from './campaign-rules.ts';
import { type DecisionQuestion, decisionRecord } from './decision-record.ts';
import { recordedModel } from './model-in-use.ts';

/** A recorded decision with its inputs opened, and the configuration that it was taken under. */
export interface RecordedDecision extends Pick<DecisionQuestion, 'tenant' | 'seal' | 'hash'> {
  readonly record: Decision;
  readonly inputs: DecisionInputs;
  readonly policy: Policy;
}

/** Decides again from the record alone. `identical` compares the encoded records byte by byte; a campaign that the configuration does not know gives no decision. */
export function recompute({ record, policy, ...known }: RecordedDecision): { readonly decision: Decision | undefined; readonly identical: boolean } {
  const campaign = policy.campaigns.find(({ name }) => name === record.campaign);
  if (campaign === undefined) return { decision: undefined, identical: false };
  const counts = new Map(record.counts.map(({ offer, sent, accepted }) => [offer, { sent: Number(sent), accepted: Number(accepted) }]));
  const decision = decisionRecord({
    ...known,
    campaign,
    policy,
    profileId: record.profileId,
    cause: record.cause,
    nowMs: Number(record.nowMs),
    position: record.profilePosition,
    tallyOf: (offer) => counts.get(offer) ?? { sent: 0, accepted: 0 },
    modelOf: () => recordedModel(record),
    hops: record.hops - 1,
  });
  return { decision, identical: sameBytes(Decision.encode(decision).finish(), Decision.encode(record).finish()) };
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
