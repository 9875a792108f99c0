import type { Configuration } from '@attune/configuration/configuration';
import type { Decision, DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { StateStore } from '@attune/state-store/port';
import type { Policy } from '../domain/campaign-rules.ts';
import { shownInputs } from '../domain/usable-values.ts';
import type { ConfigurationOf, Slots } from '../ports.ts';
import { decodeState, documentKey } from './partition-state.ts';
import { policyOf } from './policy-of.ts';
import { openInputs } from './seal-inputs.ts';

/** A record with its inputs, and the configuration that it was taken under where it is kept. */
export interface OpenedDecision {
  readonly record: Decision;
  readonly inputs: DecisionInputs;
  readonly policy: Policy | undefined;
  /** The record with values and segments filled, as far as the purpose of the decision may see them. */
  readonly shown: Decision;
}

/** Opens a record. @throws AttuneError ERASED when the subject was erased; KEY_UNAVAILABLE, STORE_UNAVAILABLE */
export type OpenDecision = (tenant: string, record: Decision) => Promise<OpenedDecision>;

/** What opening needs. */
export interface OpeningPorts {
  readonly store: StateStore;
  readonly ring: KeyRing;
  /** Of the processor `decisions`, which keeps the documents. */
  readonly slots: Slots;
  readonly configuration: () => Configuration;
  readonly configurationOf: ConfigurationOf;
}

export const openDecision =
  (ports: OpeningPorts): OpenDecision =>
  async (tenant, record) => {
    const { profileId, inputs: sealed } = record;
    if (sealed === undefined) throw new AttuneError('INTERNAL', 'The record has no inputs.');
    await ports.ring.load(tenant, [subjectKey(profileId)]);
    const inputs = openInputs(ports.ring, { tenant, profileId }, record.id, sealed);
    const policy = await policyFor(ports, tenant, record);
    const filled = policy === undefined ? {} : shownInputs(inputs, record.purpose, policy);
    return { record, inputs, policy, shown: { ...record, ...filled } };
  };

async function policyFor({ store, slots, configuration, configurationOf }: OpeningPorts, tenant: string, record: Decision): Promise<Policy | undefined> {
  const active = configuration();
  if (active.version === record.configurationVersion) return policyOf(active);
  const slot = slots.slotOf(partitionOf(record.profileId, slots.partitions));
  const { states } = await store.read(slot, [documentKey(tenant, record.configurationVersion)]);
  const document = states[0] && decodeState(states[0]).document;
  return document === undefined ? undefined : policyOf(configurationOf(document));
}
