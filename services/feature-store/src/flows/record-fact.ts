import { type RecordFactRequest, RecordFactResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import type { AcceptFact } from '../ports.ts';
import { type ReadPorts, readStored } from './read-stored.ts';

/** Records what a customer did with something of Attune's own. */
export type RecordFact = (tenant: string, request: RecordFactRequest) => Promise<RecordFactResponse>;

/** What recording facts needs beside reading. */
export interface RecordFactPorts extends ReadPorts {
  readonly acceptFact: AcceptFact;
}

/** Appends the fact under the first leaf of the profile, always the same one, so that a repeat is known there. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, LOG_UNAVAILABLE, STORE_UNAVAILABLE */
export const recordFact =
  (ports: RecordFactPorts): RecordFact =>
  async (tenant, { profileId, fact }) => {
    if (profileId === '') throw new AttuneError('REQUEST_INVALID', 'Field: profile_id. It is expected.');
    if (fact === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: fact. It is expected.');
    const { profile } = await readStored(ports, tenant, profileId);
    const [leaf] = [...(profile?.leaves.keys() ?? [])].toSorted();
    if (leaf === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    const position = await ports.acceptFact(tenant, { leaf, fact });
    return RecordFactResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
  };
