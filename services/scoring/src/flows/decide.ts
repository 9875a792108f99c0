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
import type { GetProfile, Slots } from '../ports.ts';
import type { CountDecision } from './count-decisions.ts';
import type { FindDecision } from './keep-decisions.ts';
import type { OpenDecision } from './open-decision.ts';
import { policyOf } from './policy-of.ts';
import { readPartition } from './read-partition.ts';
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
  readonly open: OpenDecision;
  readonly counted: CountDecision;
  /** A request id that nobody has. */
  readonly freshId: () => string;
}

const DEADLINE_MS = 3_000;
const LOOK_AGAIN_MS = 1;

/** Records the decision before it answers; the same request id gets the decision that was recorded first. */
export const decide =
  (ports: DecidePorts): Decide =>
  async (tenant, { subject, campaign: name, requestId }) => {
    checkRequestId(requestId);
    const policy = policyOf(ports.configuration());
    const campaign = withOffers(policy, name);
    const profile = await ports.getProfile(tenant, { subject, purpose: campaign.purpose });
    const cause = `${REQUEST_CAUSE}${requestId === '' ? ports.freshId() : requestId}`;
    const id = decisionIdOf(tenant, campaign.name, cause, idHash);
    const known = requestId === '' ? undefined : await ports.find(tenant, id);
    const record = known ?? (await recorded(ports, tenant, await decideNow(ports, tenant, { policy, campaign, profile, cause })));
    const whose = [profile.profileId, ...profile.mergedProfileIds]; // asked for a visitor who is known by now
    if (!whose.includes(record.profileId)) throw new AttuneError('REQUEST_INVALID', 'Field: request_id. It was used for another subject.');
    if (known === undefined) ports.counted(record);
    return DecideResponse.fromPartial({ decision: (await ports.open(tenant, record)).shown });
  };

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

async function decideNow({ store, slots, ring }: DecidePorts, tenant: string, { policy, campaign, profile, cause }: Asked): Promise<Decision> {
  const { profileId, position } = profile;
  const partition = await readPartition(store, slots, tenant, partitionOf(profileId, slots.partitions));
  const counts = partition?.campaigns[campaign.name];
  await ring.ensure(tenant, [subjectKey(profileId)]);
  return decisionRecord({
    tenant,
    profileId,
    campaign,
    policy,
    cause,
    nowMs: Number(profile.nowMs),
    inputs: inputsOf(profile),
    position,
    tallyOf: (offer) => tallyIn(counts, offer),
    hops: 0,
    seal: sealInputs(ring, { tenant, profileId }),
    hash: idHash,
  });
}

/** Appends the decision and reads back the one that came first under its id. */
async function recorded({ log, stopwatch, find }: DecidePorts, tenant: string, decision: Decision): Promise<Decision> {
  const { key, value, headers, id } = decisionEmission(tenant, decision);
  await log.append(tenant, DECISIONS, [{ key, value, headers: { ...headers, id } }]);
  const givenUpAtMs = stopwatch.elapsedMs() + DEADLINE_MS;
  while (stopwatch.elapsedMs() < givenUpAtMs) {
    const first = await find(tenant, decision.id);
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
