import { Activity, type CustomerEvent, EventType, type MovedAway, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, NewRecord } from '@attune/event-log/port';
import { type ErrorCode, errorTable } from '@attune/kernel/errors';
import type { Emission, FoldResult, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { foldProfile, type Happening } from '../domain/fold-profile.ts';
import { emptyProfile, type Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { ProfileCodec, ProfilesState } from '../ports.ts';
import { activeRules, type ReadConfiguration } from './active-rules.ts';
import { announced } from './announce-fold.ts';
import { afterErasure, destroyErased, eraseFolds } from './erase-folds.ts';
import { arrivedFolds, checkRepeat, foldsEmission, linkIdOf, MOVED_TO, pointerOf } from './move-profile.ts';
import { type ChangeCause, mergedEmission } from './profile-changes.ts';
import { type Call, readEvent } from './read-event.ts';
import { ACTIVITY, activityHeaders, CONFIGURATION_RECORD, partitionKey, profileIdOf, profileKey, versionKey } from './state-keys.ts';

/** What profiles are folded with. */
export interface FoldActivityPorts {
  readonly ring: KeyRing;
  readonly codec: ProfileCodec;
  readonly configurationOf: ReadConfiguration;
}

const REJECTED = 'attune.events.rejected.v1';
const CAUSES_MAX = 16;

/** The live profile as a use of the processor: activity in, changes of profiles out. The active configuration is the state of the partition. */
export function profilesProcessor(ports: FoldActivityPorts): ProcessorDefinition<ProfilesState> {
  const { ring, codec } = ports;
  return {
    name: 'profiles',
    topic: ACTIVITY,
    keyOf: ({ tenant, key }) => (key === CONFIGURATION_RECORD ? versionKey(tenant) : profileKey(tenant, key)),
    companionKey: ({ tenant }) => partitionKey(tenant),
    editsCompanion: ({ key }) => key === CONFIGURATION_RECORD,
    empty: () => ({}),
    encode: codec.encode,
    decode: codec.decode,
    restsAsBytes: ({ profile }) => profile !== undefined,
    async prepare(records, states) {
      const profiles = Map.groupBy(
        records.filter(({ key }) => key !== CONFIGURATION_RECORD),
        ({ tenant }) => tenant,
      );
      for (const [tenant, theirs] of profiles) {
        await destroyErased(ring, tenant, theirs, states);
        await ring.ensure(tenant, new Set(theirs.flatMap(({ key, headers }) => [key, headers[MOVED_TO] ?? key].map(subjectKey))));
      }
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
  if (record.key === CONFIGURATION_RECORD) return activate(state, companion, activity);
  const { tenant, key: profileId } = record;
  if (state.moved) {
    checkRepeat(state.moved, activity);
    return { emissions: [] };
  }
  const rules = activeRules(companion, ports.configurationOf);
  const cause: ChangeCause = { record, profileId, configurationVersion: rules.version, ...causesOf(activity) };
  if (state.erased) return { emissions: afterErasure(state.erased, cause) };
  if (activity.record?.$case === 'erasure') return eraseFolds(state, cause, activity.record.value);
  state.profile ??= newProfile(ports.ring, tenant, profileId);
  const { profile } = state;
  ports.codec.check(profile); // what is personal is opened where the fold needs it
  const happening = happeningOf(ports, { activity, rules, record });
  const { leaf, acceptedPartition } = activity;
  const folded = foldProfile(profile, { leaf, acceptedPartition, acceptedOffset: Number(activity.acceptedOffset), happening }, rules);
  const emissions = announced(ports.ring, cause, folded, { happening, rules, atMs: profile.logTimeMs });
  if (activity.record?.$case === 'movedAway') return moveAway(ports, { state, profile, cause, emissions, activity, told: activity.record.value });
  return { emissions, ...(profile.dueAtMs !== undefined && { dueAtMs: profile.dueAtMs }) };
}

/** Nothing personal is folded for somebody whose key was destroyed: a replay comes by here. */
function newProfile(ring: KeyRing, tenant: string, profileId: string): Profile {
  const isErased = ring.isDestroyed(tenant, subjectKey(profileId));
  return { ...emptyProfile(), tenant, profileId, ...(isErased && { personal: 'erased' as const }) };
}

/** The version is kept apart as well, so that a read need not fetch the document. */
function activate(state: ProfilesState, companion: ProfilesState, { record }: Activity): FoldResult {
  if (record?.$case === 'configuration') {
    const { version, document } = record.value;
    if (companion.active?.document !== document) companion.active = { version, document };
    state.active = { version: companion.active.version, document: '' };
  }
  return { emissions: [] };
}

interface Leaving {
  readonly state: ProfilesState;
  readonly profile: Profile;
  readonly cause: ChangeCause;
  /** What was found before it goes. */
  readonly emissions: readonly Emission[];
  readonly activity: Activity;
  readonly told: MovedAway;
}

/** The folds go to the customer's profile, and a pointer to it stays. */
function moveAway(ports: FoldActivityPorts, { state, profile, cause, emissions, activity, told }: Leaving): FoldResult {
  const merged = mergedEmission(cause, { into: told.toProfileId, atMs: profile.logTimeMs });
  const folds = foldsEmission(ports, cause.record, { profile, linkId: linkIdOf(activity), to: told.toProfileId });
  state.moved = pointerOf(profile, told);
  delete state.profile;
  return { emissions: [...emissions, merged, folds] };
}

interface Reading {
  readonly activity: Activity;
  readonly rules: ProfileRules;
  readonly record: LogRecord;
}

function happeningOf(ports: FoldActivityPorts, { activity: { record }, rules, record: at }: Reading): Happening {
  if (record?.$case === 'consent') return { kind: 'consent', receivedAtMs: Number(record.value.receivedAtMs), purposes: record.value.purposes };
  if (record?.$case === 'due') return { kind: 'due', dueAtMs: Number(record.value.dueAtMs) };
  if (record?.$case === 'movedAway') return { kind: 'away', receivedAtMs: Number(record.value.receivedAtMs) };
  if (record?.$case === 'foldMoved') return { kind: 'moved', folds: arrivedFolds(ports, at, record.value) };
  if (record?.$case !== 'event') return { kind: 'nothing' };
  const event = record.value;
  const call = callOf(event);
  const { name, messageId } = event;
  const read = readEvent(ports.ring, { event, call, rules, tenant: at.tenant, profileId: at.key });
  const taken = { name, messageId, timestampMs: Number(event.timestampMs), ...read };
  return { kind: 'event', call, receivedAtMs: Number(event.receivedAtMs), event: taken };
}

function callOf({ type }: CustomerEvent): Call {
  if (type === EventType.EVENT_TYPE_TRACK) return 'track';
  return type === EventType.EVENT_TYPE_IDENTIFY ? 'identify' : 'other';
}

function causesOf(activity: Activity): { causes: readonly string[]; hops: number } {
  const { record, profileId } = activity;
  if (record?.$case === 'event') return { causes: [...record.value.causes, record.value.messageId].slice(-CAUSES_MAX), hops: record.value.hops };
  if (record?.$case === 'consent' || record?.$case === 'erasure') return { causes: [record.value.messageId], hops: 0 };
  if (record?.$case === 'movedAway') return { causes: [`link/${linkIdOf(activity)}`], hops: 0 };
  if (record?.$case === 'foldMoved') return { causes: [`link/${record.value.linkId}`], hops: 0 };
  return { causes: record?.$case === 'due' ? [`due/${profileId}/${record.value.dueAtMs}`] : [], hops: 0 };
}

/** Wakes a profile whose time has come. */
function dueRecord(stateKey: string, dueAtMs: number): NewRecord {
  const profileId = profileIdOf(stateKey);
  const due = Activity.fromPartial({ profileId, acceptedOffset: -1n, record: { $case: 'due', value: { stateKey, dueAtMs: BigInt(dueAtMs) } } });
  return { key: profileId, value: Activity.encode(due).finish(), headers: activityHeaders };
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
    headers: { ...activityHeaders, type: 'attune.log.v1.RejectedEvent' },
  };
}
