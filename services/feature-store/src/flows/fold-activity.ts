import { Activity, type CustomerEvent, EventType, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, NewRecord } from '@attune/event-log/port';
import { type ErrorCode, errorTable } from '@attune/kernel/errors';
import type { Emission, FoldResult, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { type Folded, foldProfile, type Happening } from '../domain/fold-profile.ts';
import { linesOf } from '../domain/lines-of-event.ts';
import { emptyProfile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { Transition } from '../domain/watch-segments.ts';
import type { ProfileCodec, ProfilesState } from '../ports.ts';
import { activeRules, type ReadConfiguration } from './active-rules.ts';
import { fieldsOfEvent } from './event-fields.ts';
import { type AwaitedHappening, type ChangeCause, eventEmission, transitionEmission } from './profile-changes.ts';
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
  if (record.key === CONFIGURATION_RECORD) return activate(state, activity);
  const { tenant, key: profileId } = record;
  const rules = activeRules(companion, ports.configurationOf);
  state.profile ??= { ...emptyProfile(), tenant, profileId };
  const { profile } = state;
  ports.codec.open(profile);
  const happening = happeningOf(ports.ring, { activity, rules, tenant, profileId });
  const { leaf, acceptedPartition } = activity;
  const folded = foldProfile(profile, { leaf, acceptedPartition, acceptedOffset: Number(activity.acceptedOffset), happening }, rules);
  const cause: ChangeCause = { record, profileId, configurationVersion: rules.version, ...causesOf(activity) };
  const emissions = announced(ports.ring, cause, { folded, awaited: awaitedIn(folded, { happening, rules, atMs: profile.logTimeMs }) });
  return { emissions, ...(profile.dueAtMs !== undefined && { dueAtMs: profile.dueAtMs }) };
}

function activate(state: ProfilesState, { record }: Activity): FoldResult {
  if (record?.$case === 'configuration' && state.active?.document !== record.value.document) {
    const { version, document } = record.value;
    state.active = { version, document };
  }
  return { emissions: [] };
}

interface Heard {
  readonly happening: Happening;
  readonly rules: ProfileRules;
  readonly atMs: number;
}

function awaitedIn({ fresh, late }: Folded, { happening, rules, atMs }: Heard): AwaitedHappening | undefined {
  if (!fresh || late || happening.kind !== 'event' || happening.call !== 'track') return undefined;
  const awaited = rules.awaited.get(happening.event.name);
  return awaited && { event: happening.event, awaited, atMs };
}

/** In order of time: what time alone did before the record, the event, and what it did. */
function announced(ring: KeyRing, cause: ChangeCause, { folded, awaited }: { folded: Folded; awaited: AwaitedHappening | undefined }): Emission[] {
  const emissions: Emission[] = [];
  const announce = (transition: Transition): void => {
    emissions.push(transitionEmission(ring, cause, { transition, n: emissions.length }));
  };
  for (const transition of folded.transitions) if (transition.byTime) announce(transition);
  if (awaited) emissions.push(eventEmission(cause, awaited, emissions.length));
  for (const transition of folded.transitions) if (!transition.byTime) announce(transition);
  return emissions;
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
  const where = call === 'track' ? rules.linesOf.get(name) : undefined;
  const taken = { name, messageId, timestampMs: Number(event.timestampMs), fields, ...(where && { lines: linesOf(fields, where) }) };
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
