import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { type RecordConsentRequest, RecordConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import type { Position } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { Stopwatch } from '@attune/runtime/world';
import type { AcceptConsent } from '../ports.ts';
import { checkPurposes, ownRules, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Records what a customer allows or denies. */
export type RecordConsent = (tenant: string, request: RecordConsentRequest) => Promise<RecordConsentResponse>;

/** What recording consent needs beside reading. */
export interface RecordConsentPorts extends ReadPorts {
  readonly stopwatch: Stopwatch;
  readonly acceptConsent: AcceptConsent;
  /** A messageId that nobody used yet. */
  readonly newMessageId: () => string;
}

const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 10;

/** Appends the words to the log and answers once reads obey them. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: the words stand in the log and will be obeyed */
export const recordConsent =
  (ports: RecordConsentPorts): RecordConsent =>
  async (tenant, { subject, purposes, messageId }) => {
    if (subject?.id === undefined || subject.id.value === '') throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id or anonymous_id.');
    if (Object.keys(purposes).length === 0) throw new AttuneError('REQUEST_INVALID', 'Field: purposes. Name at least one.');
    checkPurposes(ownRules(ports), 'purposes', Object.keys(purposes));
    const position = await ports.acceptConsent(tenant, { subject, purposes, messageId: messageId === '' ? ports.newMessageId() : messageId });
    const givenUpAtMs = ports.stopwatch.elapsedMs() + PATIENCE_MS;
    while (!(await obeyed(ports, { tenant, subject, position }))) {
      if (ports.stopwatch.elapsedMs() >= givenUpAtMs) throw new AttuneError('DEADLINE_EXCEEDED', 'The consent is in the log and not folded yet.');
      await ports.stopwatch.sleep(LOOK_AGAIN_MS);
    }
    return RecordConsentResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
  };

interface Awaited {
  readonly tenant: string;
  readonly subject: Subject;
  readonly position: Position;
}

/** True once the profile has folded the position: what one partition accepts reaches a profile in its order, so any leaf may say it. */
async function obeyed(ports: ReadPorts, { tenant, subject, position: { partition, offset } }: Awaited): Promise<boolean> {
  try {
    const { profile } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    for (const { accepted } of profile?.leaves.values() ?? []) if ((accepted.get(partition) ?? -1) >= offset) return true;
    return false;
  } catch (fault) {
    if (codeOf(fault) === 'SUBJECT_UNKNOWN') return false; // the consent is the first word of this customer, and no profile is minted yet
    throw fault;
  }
}
