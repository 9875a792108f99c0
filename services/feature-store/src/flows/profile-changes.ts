import { ProfileChange, ProfileChangeKind, type Sealed, TransitionCause } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Emission } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { FeatureEvent } from '../domain/features/feature-kind.ts';
import type { AwaitedEvent } from '../domain/profile-rules.ts';
import type { Inputs } from '../domain/read-profile.ts';
import type { Transition } from '../domain/watch-segments.ts';
import { inputsBytes } from './inputs-bytes.ts';
import { namedValue } from './named-value.ts';

/** The topic that profiles announce their changes on; keyed by profile id. */
export const PROFILES = 'attune.profiles.v1';

/** What all changes of one record have in common. */
export interface ChangeCause {
  readonly record: LogRecord;
  readonly profileId: string;
  readonly configurationVersion: string;
  /** Ids of the records that led to this one, and its own last. */
  readonly causes: readonly string[];
  readonly hops: number;
}

/** An event that others wait for, as it was folded. */
export interface AwaitedHappening {
  readonly event: FeatureEvent;
  readonly awaited: AwaitedEvent;
  readonly atMs: number;
}

const headers = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.ProfileChange' };

/** Announces that a segment was entered or left; `n` is the place among the changes of the record. What time alone did has the due time as its cause. */
export function transitionEmission(ring: KeyRing, cause: ChangeCause, { transition, n }: { readonly transition: Transition; readonly n: number }): Emission {
  const { segment, entered, atMs, byTime, byDefinition, reasons, inputs } = transition;
  const { profileId } = cause;
  const id = changeId(cause, `${n}-${entered ? 'entered' : 'left'}-${segment.name}`);
  const kind = entered ? ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED : ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT;
  const change = changeOf(byTime ? { ...cause, causes: [`due/${profileId}/${atMs}`], hops: 0 } : cause, { id, kind, atMs });
  change.segment = segment.name;
  change.entered = entered;
  change.transitionCause = byDefinition
    ? TransitionCause.TRANSITION_CAUSE_DEFINITION
    : byTime
      ? TransitionCause.TRANSITION_CAUSE_TIME
      : TransitionCause.TRANSITION_CAUSE_RECORD;
  // The record lies in clear: what is personal stands in `inputs` only.
  change.reasons = reasons.map(namedValue);
  change.inputs = inputs && sealedInputs(ring, cause, { id, inputs });
  return emission(cause, change);
}

/** Announces an event that a goal, a reward or a pause waits for. */
export function eventEmission(cause: ChangeCause, { event, awaited, atMs }: AwaitedHappening, n: number): Emission {
  const decision = awaited.decisionField === undefined ? undefined : event.fields[awaited.decisionField];
  const change = changeOf(cause, { id: changeId(cause, `${n}-event`), kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, atMs });
  change.event = event.name;
  change.role = awaited.role;
  change.eventTimeMs = BigInt(event.timestampMs);
  if (typeof decision === 'string') change.decisionId = decision;
  for (const name of awaited.amounts ?? []) {
    const amount = event.fields[name];
    if (typeof amount === 'number') change.amounts[name] = amount;
  }
  return emission(cause, change);
}

/** Announces that the profile is part of another from here on. */
export function mergedEmission(cause: ChangeCause, { into, atMs }: { readonly into: string; readonly atMs: number }): Emission {
  const change = changeOf(cause, { id: changeId(cause, 'merged'), kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, atMs });
  change.mergedInto = into;
  return emission(cause, change);
}

/** Announces that the person of a profile was erased: the one of the cause, or one that was part of it. */
export function erasedEmission(cause: ChangeCause, { profileId, atMs }: { readonly profileId: string; readonly atMs: number }): Emission {
  const id = changeId(cause, `erased/${profileId}`);
  return emission({ ...cause, profileId }, changeOf({ ...cause, profileId }, { id, kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED, atMs }));
}

const changeId = ({ record, profileId }: ChangeCause, what: string): string => `${profileId}/${record.partition}/${record.offset}/${what}`;

type Writer = ReturnType<typeof ProfileChange.encode>;
/** One for all messages: one of its own grows from nothing again and again, which costs more than the writing. */
const writer: Writer = ProfileChange.encode(ProfileChange.fromPartial({}));

function bytesOf<M>({ encode }: { readonly encode: (message: M, writer: Writer) => Writer }, message: M): Uint8Array {
  try {
    return encode(message, writer).finish();
  } catch (fault) {
    writer.finish(); // lets go of what was begun
    throw fault;
  }
}

/** What all kinds of changes tell; written out, since copies of copies took longer than the bytes. */
function changeOf(
  { record, profileId, configurationVersion, causes, hops }: ChangeCause,
  { id, kind, atMs }: { readonly id: string; readonly kind: ProfileChangeKind; readonly atMs: number },
): ProfileChange {
  return {
    id,
    profileId,
    segment: '',
    entered: false,
    atMs: BigInt(atMs),
    position: { topic: record.topic, partition: record.partition, offset: BigInt(record.offset) },
    reasons: [],
    causes: [...causes],
    hops,
    configurationVersion,
    kind,
    inputs: undefined,
    event: '',
    role: '',
    eventTimeMs: 0n,
    decisionId: '',
    mergedInto: '',
    transitionCause: TransitionCause.TRANSITION_CAUSE_UNSPECIFIED,
    amounts: {},
  };
}

const emission = ({ record, profileId }: ChangeCause, change: ProfileChange): Emission => ({
  id: change.id,
  tenant: record.tenant,
  topic: PROFILES,
  key: profileId,
  value: bytesOf(ProfileChange, change),
  headers,
});

/** Undefined once the key is destroyed. */
function sealedInputs(ring: KeyRing, { record, profileId }: ChangeCause, { id, inputs }: { readonly id: string; readonly inputs: Inputs }): Sealed | undefined {
  try {
    return ring.seal(subjectKey(profileId), { tenant: record.tenant, subject: profileId, id }, encodedInputs(inputs));
  } catch (fault) {
    if (fault instanceof AttuneError && fault.code === 'ERASED') return undefined;
    throw fault;
  }
}

/** All transitions of one moment share their inputs: a first order may enter many segments at once. */
const encoded = new WeakMap<Inputs, Uint8Array>();

function encodedInputs(inputs: Inputs): Uint8Array {
  const known = encoded.get(inputs);
  if (known) return known;
  const bytes = inputsBytes(inputs);
  encoded.set(inputs, bytes);
  return bytes;
}
