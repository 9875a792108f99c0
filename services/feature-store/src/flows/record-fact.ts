import { type RecordFactRequest, RecordFactResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import type { Profile } from '../domain/profile.ts';
import type { AcceptFact } from '../ports.ts';
import { knownProfile, type ReadPorts, readStored } from './read-stored.ts';

/** Records what a customer did with something of Attune's own. */
export type RecordFact = (tenant: string, request: RecordFactRequest) => Promise<RecordFactResponse>;

/** What recording facts needs beside reading. */
export interface RecordFactPorts extends ReadPorts {
  readonly acceptFact: AcceptFact;
}

/** Appends the fact under the leaf that the request names, or else the first of the profile, so that a repeat is known there. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, LOG_UNAVAILABLE, STORE_UNAVAILABLE */
export const recordFact =
  (ports: RecordFactPorts): RecordFact =>
  async (tenant, { profileId: asked, fact, leaf }) => {
    if (asked === '') throw new AttuneError('REQUEST_INVALID', 'Field: profile_id. It is expected.');
    if (fact === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: fact. It is expected.');
    const stored = await readStored(ports, tenant, asked);
    const { profileId } = stored;
    const first = firstLeafOf(knownProfile(stored));
    const position = await ports.acceptFact(tenant, { leaf: leaf === '' ? first : leaf, profileId, fact });
    return RecordFactResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
  };

/** The leaf that facts of a profile go under; empty for one that nothing was folded for. */
export const firstLeafOf = (profile: Profile | undefined): string => [...(profile?.leaves.keys() ?? [])].toSorted()[0] ?? '';
