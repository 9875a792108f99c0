import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { decodeWatermark } from '@attune/processor/watermark';
import type { IdentifierHash } from '@attune/sealing/identifier-hash';
import type { Slot, StateStore } from '@attune/state-store/port';
import { ACCEPTED, type IdentityCodec } from '../ports.ts';
import { identityKey } from './resolve-accepted.ts';

/** The profile of a subject, and the position in attune.accepted.v1 up to which it is known; a profile id answers itself, without one. @throws AttuneError REQUEST_INVALID where no subject is named, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export type ResolveSubject = (tenant: TenantId, subject: Subject | undefined) => Promise<ResolveResponse>;

/** What resolving needs. */
export interface ResolvePorts {
  readonly store: StateStore;
  readonly codec: IdentityCodec;
  readonly identifierHash: IdentifierHash;
  /** Of attune.accepted.v1. */
  readonly partitions: number;
  /** Where the resolver keeps the states of a partition. */
  readonly slotOf: (partition: number) => Slot;
}

/** Reads the resolver's state in one call with its position. */
export const resolveSubject =
  ({ store, codec, identifierHash, partitions, slotOf }: ResolvePorts): ResolveSubject =>
  async (tenant, subject) => {
    const id = subject?.id;
    if (id === undefined || id.value === '') throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
    if (id.$case === 'profileId') return ResolveResponse.fromPartial({ profileId: id.value });
    const hash = identifierHash(tenant, id.$case === 'userId' ? 'user' : 'anonymous', id.value);
    const partition = partitionOf(hash, partitions);
    const { watermark, states } = await store.read(slotOf(partition), [identityKey(tenant, hash)]);
    if (states[0] === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    const offset = BigInt((decodeWatermark(watermark)?.nextOffset ?? 0) - 1);
    return ResolveResponse.fromPartial({ profileId: codec.decode(states[0]).profileId, position: { topic: ACCEPTED, partition, offset } });
  };
