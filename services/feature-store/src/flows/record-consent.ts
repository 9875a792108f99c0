import type { Fact, Position as ReadPosition, Subject } from '@attune/contracts/messages/common/v1/common';
import { type RecordConsentRequest, RecordConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import type { Position } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { AcceptConsent, SaidConsent } from '../ports.ts';
import { hasFolded, untilEnough, type WaitPorts } from './reach-position.ts';
import { checkPurposes, knownProfile, ownRules, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Records what a customer allows or denies. */
export type RecordConsent = (tenant: string, request: RecordConsentRequest) => Promise<RecordConsentResponse>;

/** What recording consent needs beside reading. */
export interface RecordConsentPorts extends ReadPorts, WaitPorts {
  readonly acceptConsent: AcceptConsent;
  /** A messageId that nobody used yet. */
  readonly newMessageId: () => string;
}

/** Appends the words to the log and answers once reads obey them. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, LOG_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: the words stand in the log and will be obeyed */
export const recordConsent =
  (ports: RecordConsentPorts): RecordConsent =>
  async (tenant, { subject, purposes, messageId, fact }) => {
    if (subject?.id === undefined || subject.id.value === '')
      throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
    if (Object.keys(purposes).length === 0) throw new AttuneError('REQUEST_INVALID', 'Field: purposes. Name at least one.');
    checkPurposes(ownRules(ports), 'purposes', Object.keys(purposes));
    return RecordConsentResponse.fromPartial({ position: await sayObeyed(ports, tenant, { subject, purposes, messageId, fact }) });
  };

/** Words on purposes, as a request says them. */
export interface Saying {
  readonly subject: Subject;
  readonly purposes: Readonly<Record<string, boolean>>;
  /** Empty = a new one. */
  readonly messageId: string;
  readonly fact?: Fact | undefined;
}

/** Appends words to the log, of a profile id under each of its leaves, and answers where the last lies once reads obey all of them. @throws AttuneError SUBJECT_UNKNOWN, ERASED, LOG_UNAVAILABLE, DEADLINE_EXCEEDED after 3 s */
export async function sayObeyed(ports: RecordConsentPorts, tenant: string, { subject, purposes, messageId, fact }: Saying): Promise<ReadPosition | undefined> {
  const said = { purposes, messageId: messageId === '' ? ports.newMessageId() : messageId };
  const positions: Position[] = [];
  for (const [place, whose] of (await whoSays(ports, tenant, subject)).entries())
    positions.push(await ports.acceptConsent(tenant, { ...whose, ...said, ...(fact && place === 0 && { fact }) }));
  await untilEnough(ports, {
    look: () => Promise.all(positions.map((position) => obeyed(ports, { tenant, subject, position }))),
    enough: (all) => all.every(({ isFolded }) => isFolded),
    of: (all) => ({ tenant, profileIds: all.flatMap(({ profileId }) => profileId ?? []) }),
    late: 'The consent is in the log and not folded yet.',
  });
  const last = positions.at(-1);
  return last && { ...last, offset: BigInt(last.offset) };
}

/** The subject; of a profile id each of its leaves, since one that keeps silent or denies would outvote the others. @throws AttuneError SUBJECT_UNKNOWN for a profile that nothing was folded for, ERASED */
async function whoSays(ports: ReadPorts, tenant: string, subject: Subject): Promise<readonly Pick<SaidConsent, 'subject' | 'leaf' | 'profileId'>[]> {
  if (subject.id?.$case !== 'profileId') return [{ subject }];
  const stored = await readStored(ports, tenant, subject.id.value);
  const { profileId } = stored;
  return [...knownProfile(stored).leaves.keys()].map((leaf) => ({ leaf, profileId }));
}

interface Awaited {
  readonly tenant: string;
  readonly subject: Subject;
  readonly position: Position;
}

interface Obeyed {
  /** Undefined where none is minted yet. */
  readonly profileId?: string;
  readonly isFolded: boolean;
}

/** Whether the profile has folded the position. */
async function obeyed(ports: ReadPorts, { tenant, subject, position }: Awaited): Promise<Obeyed> {
  try {
    const { profileId, profile } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    return { profileId, isFolded: hasFolded(profile, position) };
  } catch (fault) {
    if (codeOf(fault) === 'SUBJECT_UNKNOWN') return { isFolded: false }; // the consent is the first word of this customer, and no profile is minted yet
    throw fault;
  }
}
