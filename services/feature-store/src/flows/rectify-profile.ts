import { type RectifyProfileRequest, RectifyProfileResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import type { Position } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { AcceptTraits } from '../ports.ts';
import { hasFolded, untilEnough, type WaitPorts } from './reach-position.ts';
import { knownProfile, ownRules, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';
import { firstLeafOf } from './record-fact.ts';

/** Sets right what is told of a customer. */
export type RectifyProfile = (tenant: string, request: RectifyProfileRequest) => Promise<RectifyProfileResponse>;

/** What rectifying needs beside reading. */
export interface RectifyPorts extends ReadPorts, WaitPorts {
  readonly acceptTraits: AcceptTraits;
  /** A messageId that nobody used yet. */
  readonly newMessageId: () => string;
}

/** Appends the traits to the log as told now, held to their declaration, and answers once reads obey it. @throws AttuneError REQUEST_INVALID for an undeclared trait and for a value that its declaration refuses, SUBJECT_UNKNOWN, ERASED, LOG_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: it stands in the log and will be obeyed */
export const rectifyProfile =
  (ports: RectifyPorts): RectifyProfile =>
  async (tenant, { subject, traits = {}, messageId }) => {
    const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const { profileId } = stored;
    const leaf = firstLeafOf(knownProfile(stored));
    checkTraits(ports, traits);
    const position = await ports.acceptTraits(tenant, { leaf, profileId, traits, messageId: messageId === '' ? ports.newMessageId() : messageId });
    await untilFolded(ports, tenant, { profileId, position });
    return RectifyProfileResponse.fromPartial({ profileId, position: { ...position, offset: BigInt(position.offset) } });
  };

function checkTraits(ports: ReadPorts, traits: Readonly<Record<string, unknown>>): void {
  const declared = ownRules(ports).traits;
  if (Object.keys(traits).length === 0) throw new AttuneError('REQUEST_INVALID', 'Field: traits. Name at least one.');
  for (const [name, value] of Object.entries(traits)) {
    if (!declared.has(name)) throw new AttuneError('REQUEST_INVALID', `Field: traits. A declared trait is expected. ${spelling(name, declared.keys())}`);
    if (value === null) throw new AttuneError('REQUEST_INVALID', 'Field: traits. A value is expected; to take one away, erase the customer.');
  }
}

interface Awaited {
  readonly profileId: string;
  readonly position: Position;
}

async function untilFolded(ports: RectifyPorts, tenant: string, { profileId, position }: Awaited): Promise<void> {
  await untilEnough(ports, {
    look: () => readStored(ports, tenant, profileId),
    enough: ({ profile }) => hasFolded(profile, position),
    of: () => ({ tenant, profileIds: [profileId] }),
    late: 'The traits are in the log and not folded yet.',
  });
}
