import { type EraseProfileRequest, EraseProfileResponse, type GetErasureRequest, GetErasureResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { AttuneError } from '@attune/kernel/errors';
import type { AcceptErasure } from '../ports.ts';
import { untilEnough, type WaitPorts } from './reach-position.ts';
import { profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Erases a customer. */
export type EraseProfile = (tenant: string, request: EraseProfileRequest) => Promise<EraseProfileResponse>;

/** Says whether a customer was erased. */
export type GetErasure = (tenant: string, request: GetErasureRequest) => Promise<GetErasureResponse>;

/** What erasing needs beside reading. */
export interface ErasePorts extends ReadPorts, WaitPorts {
  readonly acceptErasure: AcceptErasure;
}

/**
 * Appends the erasure to the log under each identifier of the profile, and answers once the keys are destroyed and the profile is gone. Of somebody who was
 * erased before it answers the same. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, LOG_UNAVAILABLE, STORE_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: it stands in the log and will be done
 */
export const eraseProfile =
  (ports: ErasePorts): EraseProfile =>
  async (tenant, { subject, messageId }) => {
    const { profileId, profile, erasedAtMs } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    if (erasedAtMs !== undefined) return EraseProfileResponse.fromPartial({ profileId, erasedAtMs: BigInt(erasedAtMs) });
    const leaves = [...(profile?.leaves.keys() ?? [])];
    if (leaves.length === 0) throw new AttuneError('SUBJECT_UNKNOWN');
    const position = await ports.acceptErasure(tenant, { profileId, leaves, messageId });
    const doneAtMs = await untilErased(ports, tenant, profileId);
    return EraseProfileResponse.fromPartial({ profileId, erasedAtMs: BigInt(doneAtMs), position: { ...position, offset: BigInt(position.offset) } });
  };

/** Whether and since when; of a customer who is not erased, no. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export const getErasure =
  (ports: ReadPorts): GetErasure =>
  async (tenant, { subject }) => {
    const { profileId, profile, erasedAtMs } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    if (profile === undefined && erasedAtMs === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    return GetErasureResponse.fromPartial({ profileId, erased: erasedAtMs !== undefined, erasedAtMs: BigInt(erasedAtMs ?? 0) });
  };

async function untilErased(ports: ErasePorts, tenant: string, profileId: string): Promise<number> {
  const { erasedAtMs = 0 } = await untilEnough(ports, {
    look: () => readStored(ports, tenant, profileId),
    enough: (stored) => stored.erasedAtMs !== undefined,
    of: () => ({ tenant, profileIds: [profileId] }),
    late: 'The erasure is in the log and not folded yet; ask GetErasure.',
  });
  return erasedAtMs;
}
