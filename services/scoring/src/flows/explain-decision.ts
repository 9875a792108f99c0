import type { Decision } from '@attune/contracts/messages/log/v1/log';
import { type ExplainDecisionRequest, ExplainDecisionResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import { AttuneError } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { explainDecision as tell } from '../domain/explain-decision.ts';
import { recompute } from '../domain/recompute.ts';
import type { IsErased } from '../ports.ts';
import type { FindDecision } from './keep-decisions.ts';
import type { OpenDecision } from './open-decision.ts';
import { idHash, sealInputs } from './seal-inputs.ts';

/** Tells why a decision came out as it did. @throws AttuneError DECISION_UNKNOWN, ERASED, STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export type ExplainDecision = (tenant: string, request: ExplainDecisionRequest) => Promise<ExplainDecisionResponse>;

/** What explaining needs. */
export interface ExplainPorts {
  readonly ring: KeyRing;
  readonly find: FindDecision;
  readonly open: OpenDecision;
  /** The key of somebody who was erased may still be held here for a minute. */
  readonly isErased: IsErased;
  /** Of this process: what was decided for an application a moment ago may not be kept yet. */
  readonly recent: (id: string) => Decision | undefined;
}

/** Decides again from the record under the configuration of its version, and compares bit by bit. */
export const explainDecision =
  ({ ring, find, open, recent, isErased }: ExplainPorts): ExplainDecision =>
  async (tenant, { decisionId }) => {
    const found = (await find(tenant, decisionId)) ?? recent(decisionId);
    if (found === undefined) throw new AttuneError('DECISION_UNKNOWN');
    if (await isErased(tenant, found.profileId)) throw new AttuneError('ERASED');
    const { record, inputs, policy, shown } = await open(tenant, found);
    const seal = sealInputs(ring, { tenant, profileId: record.profileId });
    const identical = policy !== undefined && recompute({ record, inputs, policy, tenant, seal, hash: idHash }).identical;
    const campaign = policy?.campaigns.find(({ name }) => name === record.campaign);
    const sentences = tell({ decision: shown, campaign, identical });
    return ExplainDecisionResponse.fromPartial({ decision: shown, identical, replayedFrom: 'record', sentences: [...sentences] });
  };
