import type { Configuration } from '@attune/configuration/configuration';
import type { GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { type Decision, DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import { type DecideRequest, DecideResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import type { EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { spelling } from '@attune/kernel/nearest';
import type { Stopwatch } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { StateStore } from '@attune/state-store/port';
import { tallyIn } from '../domain/campaign-counts.ts';
import type { CampaignRule, Policy } from '../domain/campaign-rules.ts';
import { decisionIdOf, decisionRecord, REQUEST_CAUSE } from '../domain/decision-record.ts';
import { priorAlone } from '../domain/model-in-use.ts';
import { shownInputs } from '../domain/usable-values.ts';
import type { GetProfile, Slots } from '../ports.ts';
import type { CountDecision } from './count-decisions.ts';
import type { ModelStates } from './follow-model-states.ts';
import type { FindDecision } from './keep-decisions.ts';
import type { OpenDecision } from './open-decision.ts';
import { policyOf } from './policy-of.ts';
import { readPartition } from './read-partition.ts';
import type { DecisionRecorder } from './record-decisions.ts';
import { DECISIONS, decisionEmission } from './records.ts';
import { idHash, sealInputs } from './seal-inputs.ts';

/** Decides for an application. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, DEADLINE_EXCEEDED, LOG_UNAVAILABLE, STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export type Decide = (tenant: string, request: DecideRequest) => Promise<DecideResponse>;

/** What deciding needs. */
export interface DecidePorts {
  readonly log: EventLog;
  readonly store: StateStore;
  readonly stopwatch: Stopwatch;
  readonly ring: KeyRing;
  /** Of the processor `decisions`. */
  readonly slots: Slots;
  readonly configuration: () => Configuration;
  readonly getProfile: GetProfile;
  readonly find: FindDecision;
  readonly recorder: Pick<DecisionRecorder, 'add'>;
  readonly open: OpenDecision;
  readonly models: Pick<ModelStates, 'modelOf' | 'load'>;
  readonly counted: CountDecision;
  /** A request id that nobody has. */
  readonly freshId: () => string;
}

const DEADLINE_MS = 3_000;
const LOOK_AGAIN_MS = 1;

/**
 * With a request id the decision that was recorded first under it is answered, once it is kept. Without one nobody can ask for it again: it is answered when
 * it is taken, and recorded within 50 ms.
 */
export const decide =
  (ports: DecidePorts): Decide =>
  async (tenant, { subject, campaign: name, requestId }) => {
    checkRequestId(requestId);
    const policy = policyOf(ports.configuration());
    const campaign = withOffers(policy, name);
    const profile = await ports.getProfile(tenant, { subject, purpose: campaign.purpose });
    const asked = { policy, campaign, profile, cause: `${REQUEST_CAUSE}${requestId === '' ? ports.freshId() : requestId}` };
    return DecideResponse.fromPartial({ decision: requestId === '' ? await decideOnce(ports, tenant, asked) : await firstOfRequest(ports, tenant, asked) });
  };

async function decideOnce(ports: DecidePorts, tenant: string, asked: Asked): Promise<Decision> {
  const { record, inputs } = await decideNow(ports, tenant, asked);
  await ports.recorder.add(tenant, record);
  ports.counted(record);
  return { ...record, ...shownInputs(inputs, record.purpose, asked.policy) };
}

async function firstOfRequest(ports: DecidePorts, tenant: string, asked: Asked): Promise<Decision> {
  const { campaign, cause, profile } = asked;
  const known = await ports.find(tenant, decisionIdOf(tenant, campaign.name, cause, idHash));
  const record = known ?? (await recorded(ports, tenant, (await decideNow(ports, tenant, asked)).record));
  const whose = [profile.profileId, ...profile.mergedProfileIds]; // asked for a visitor who is known by now
  if (!whose.includes(record.profileId)) throw new AttuneError('REQUEST_INVALID', 'Field: request_id. It was used for another subject.');
  if (known === undefined) ports.counted(record);
  return (await ports.open(tenant, record)).shown;
}

const REQUEST_ID = /^\P{Cc}{0,256}$/u;

/** The id stands in the record for ever. */
function checkRequestId(requestId: string): void {
  if (!REQUEST_ID.test(requestId)) throw new AttuneError('REQUEST_INVALID', 'Field: request_id. At most 256 printable characters are expected.');
}

function withOffers({ campaigns }: Policy, name: string): CampaignRule {
  const campaign = campaigns.find((one) => one.name === name);
  if (campaign === undefined || campaign.offers.length === 0)
    throw new AttuneError(
      'REQUEST_INVALID',
      `Field: campaign. A campaign that has offers is expected. ${spelling(
        name,
        campaigns.flatMap((one) => (one.offers.length > 0 ? [one.name] : [])),
      )}`,
    );
  return campaign;
}

interface Asked {
  readonly policy: Policy;
  readonly campaign: CampaignRule;
  readonly profile: GetProfileResponse;
  readonly cause: string;
}

interface Decided {
  readonly record: Decision;
  readonly inputs: DecisionInputs;
}

async function decideNow({ store, slots, ring, models }: DecidePorts, tenant: string, { policy, campaign, profile, cause }: Asked): Promise<Decided> {
  const { profileId, position } = profile;
  const partition = await readPartition(store, slots, tenant, partitionOf(profileId, slots.partitions));
  const counts = partition?.campaigns[campaign.name];
  for (const [model, state] of Object.entries(partition?.models ?? {})) await models.load(tenant, model, state);
  await ring.ensure(tenant, [subjectKey(profileId)]);
  const inputs = inputsOf(profile);
  const record = decisionRecord({
    tenant,
    profileId,
    campaign,
    policy,
    cause,
    nowMs: Number(profile.nowMs),
    inputs,
    position,
    tallyOf: (offer) => tallyIn(counts, offer),
    modelOf: (model) => models.modelOf(tenant, model, partition?.models?.[model]) ?? priorAlone,
    hops: 0,
    seal: sealInputs(ring, { tenant, profileId }),
    hash: idHash,
  });
  return { record, inputs };
}

/** Appends the decision and reads back the one that came first under its id. */
async function recorded({ log, stopwatch, find }: DecidePorts, tenant: string, decision: Decision): Promise<Decision> {
  const { key, value, headers, id } = decisionEmission(tenant, decision);
  await log.append(tenant, DECISIONS, [{ key, value, headers: { ...headers, id } }]);
  const givenUpAtMs = stopwatch.elapsedMs() + DEADLINE_MS;
  while (stopwatch.elapsedMs() < givenUpAtMs) {
    const first = await find(tenant, decision.id, decision.profileId);
    if (first !== undefined) return first;
    await stopwatch.sleep(LOOK_AGAIN_MS);
  }
  throw new AttuneError('DEADLINE_EXCEEDED', 'The decision is recorded; ask again with the same request_id.');
}

/** A served profile as a transition would hand it over. */
function inputsOf({ features, traits, segments, consent }: GetProfileResponse): DecisionInputs {
  const named = traits.map((trait) => (trait.name.startsWith(TRAITS) ? trait : { ...trait, name: `${TRAITS}${trait.name}` }));
  // No rule reads a list of items, and each record would carry it.
  const plain = features.filter(({ value }) => value?.kind?.$case !== 'items');
  const values = [...plain, ...named].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return DecisionInputs.fromPartial({ values, segments: segments.toSorted(), consent });
}

const TRAITS = 'traits.';
