import { Activity, type CustomerEvent, EventType, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, NewRecord } from '@attune/event-log/port';
import { type ErrorCode, errorTable } from '@attune/kernel/errors';
import type { Emission, FoldResult, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { foldProfile, type Happening } from '../domain/fold-profile.ts';
import { emptyProfile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { ProfileCodec, ProfilesState } from '../ports.ts';
import { activeRules, type ReadConfiguration } from './active-rules.ts';
import { fieldsOfEvent } from './event-fields.ts';
import { type ChangeCause, eventEmission, transitionEmission } from './profile-changes.ts';
import { CONFIGURATION_RECORD, partitionKey, profileIdOf, profileKey } from './state-keys.ts';

/** What profiles are folded with. */
export interface FoldActivityPorts {
  readonly ring: KeyRing;
  readonly codec: ProfileCodec;
  readonly configurationOf: ReadConfiguration;
}

/** The topic that profiles are folded from; keyed by profile id. */
export const ACTIVITY = 'attune.activity.v1';
const REJECTED = 'attune.events.rejected.v1';
const CAUSES_MAX = 16;

const headers = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.Activity' };

/** The live profile as a use of the processor: activity in, changes of profiles out. The active configuration is the state of the partition. */
export function profilesProcessor(ports: FoldActivityPorts): ProcessorDefinition<ProfilesState> {
  const { ring, codec } = ports;
  return {
    name: 'profiles',
    topic: ACTIVITY,
    keyOf: ({ tenant, key }) => (key === CONFIGURATION_RECORD ? partitionKey(tenant) : profileKey(tenant, key)),
    companionKey: ({ tenant }) => partitionKey(tenant),
    empty: () => ({}),
    encode: codec.encode,
    decode: codec.decode,
    async prepare(records) {
      const profiles = Map.groupBy(
        records.filter(({ key }) => key !== CONFIGURATION_RECORD),
        ({ tenant }) => tenant,
      );
      for (const [tenant, theirs] of profiles) await ring.ensure(tenant, new Set(theirs.map(({ key }) => subjectKey(key))));
    },
    fold: (state, record, companion) => foldActivity(ports, { state, record, companion }),
    dueRecord,
    rejection,
  };
}

interface Folding {
  readonly state: ProfilesState;
  readonly record: LogRecord;
  readonly companion: ProfilesState;
}

function foldActivity(ports: FoldActivityPorts, { state, record, companion }: Folding): FoldResult {
  const activity = Activity.decode(record.value);
  if (record.key === CONFIGURATION_RECORD) {
    if (activity.record?.$case === 'configuration') {
      const { version, document } = activity.record.value;
      if (state.active?.document !== document) state.active = { version, document };
    }
    return { emissions: [] };
  }
  const { tenant, key: profileId } = record;
  const rules = activeRules(companion, ports.configurationOf);
  state.profile ??= { ...emptyProfile(), tenant, profileId };
  const { profile } = state;
  ports.codec.open(profile);
  const happening = happeningOf(ports.ring, { activity, rules, tenant, profileId });
  const { leaf, acceptedPartition } = activity;
  const folded = foldProfile(profile, { leaf, acceptedPartition, acceptedOffset: Number(activity.acceptedOffset), happening }, rules);
  const emissions: Emission[] = [];
  const cause: ChangeCause = { record, profileId, configurationVersion: rules.version, ...causesOf(activity) };
  for (const transition of folded.transitions) {
    if (transition.byTime) emissions.push(transitionEmission(ports.ring, cause, { transition, n: emissions.length }));
  }
  const awaited = happening.kind === 'event' && happening.call === 'track' ? rules.awaited.get(happening.event.name) : undefined;
  if (folded.fresh && !folded.late && awaited && happening.kind === 'event')
    emissions.push(eventEmission(cause, { event: happening.event, awaited, atMs: profile.logTimeMs }, emissions.length));
  for (const transition of folded.transitions) {
    if (!transition.byTime) emissions.push(transitionEmission(ports.ring, cause, { transition, n: emissions.length }));
  }
  return { emissions, ...(profile.dueAtMs !== undefined && { dueAtMs: profile.dueAtMs }) };
}

interface Reading {
  readonly activity: Activity;
  readonly rules: ProfileRules;
  readonly tenant: string;
  readonly profileId: string;
}

function happeningOf(ring: KeyRing, { activity: { record }, rules, tenant, profileId }: Reading): Happening {
  if (record?.$case === 'consent') return { kind: 'consent', receivedAtMs: Number(record.value.receivedAtMs), purposes: record.value.purposes };
  if (record?.$case === 'due') return { kind: 'due', dueAtMs: Number(record.value.dueAtMs) };
  if (record?.$case !== 'event') return { kind: 'nothing' };
  const event = record.value;
  const call = callOf(event);
  const wanted = call === 'track' ? (rules.fieldsOf.get(event.name) ?? []) : call === 'identify' ? rules.traits.keys() : [];
  const fields = fieldsOfEvent(ring, { event, wanted, tenant, profileId });
  const { name, messageId } = event;
  const taken = { name, messageId, timestampMs: Number(event.timestampMs), fields };
  return { kind: 'event', call, receivedAtMs: Number(event.receivedAtMs), event: taken };
}

function callOf({ type }: CustomerEvent): 'track' | 'identify' | 'other' {
  if (type === EventType.EVENT_TYPE_TRACK) return 'track';
  return type === EventType.EVENT_TYPE_IDENTIFY ? 'identify' : 'other';
}

function causesOf({ record, profileId }: Activity): { causes: readonly string[]; hops: number } {
  if (record?.$case === 'event') return { causes: [...record.value.causes, record.value.messageId].slice(-CAUSES_MAX), hops: record.value.hops };
  if (record?.$case === 'consent') return { causes: [record.value.messageId], hops: 0 };
  return { causes: record?.$case === 'due' ? [`due/${profileId}/${record.value.dueAtMs}`] : [], hops: 0 };
}

/** Wakes a profile whose time has come. */
function dueRecord(stateKey: string, dueAtMs: number): NewRecord {
  const profileId = profileIdOf(stateKey);
  const due = Activity.fromPartial({ profileId, acceptedOffset: -1n, record: { $case: 'due', value: { stateKey, dueAtMs: BigInt(dueAtMs) } } });
  return { key: profileId, value: Activity.encode(due).finish(), headers };
}

function rejection({ topic, partition, offset, tenant, key }: LogRecord, code: string): Emission {
  const known = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode] : errorTable.RECORD_SKIPPED;
  const rejected = RejectedEvent.fromPartial({ code, reason: known.what, fix: known.fix, source: `${topic}/${partition}/${offset}` });
  return {
    id: `${topic}/${partition}/${offset}/rejected`,
    tenant,
    topic: REJECTED,
    key,
    value: RejectedEvent.encode(rejected).finish(),
    headers: { ...headers, type: 'attune.log.v1.RejectedEvent' },
  };
}
