import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { decodeWatermark } from '@attune/processor/watermark';
import type { Clock } from '@attune/runtime/world';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { IdentifierHash, ProfileCodec } from '../ports.ts';
import { profileKey } from './fold-activity.ts';

export interface GetProfilePorts {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly topic: string;
  readonly partitions: number;
  readonly slotOf: (partition: number) => Slot;
  readonly identifierHash: IdentifierHash;
  readonly codec: ProfileCodec;
}

export type GetProfile = (tenant: string, request: GetProfileRequest) => Promise<GetProfileResponse>;

/** Reads one profile as it stands in the store, with the position that it stands at. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export const getProfile =
  ({ store, clock, topic, partitions, slotOf, identifierHash, codec }: GetProfilePorts): GetProfile =>
  async (tenant, { subject }) => {
    const id = subject?.id;
    if (id === undefined || id.$case === 'profileId' || id.value === '')
      throw new AttuneError('REQUEST_INVALID', 'Name the subject by user_id or anonymous_id.');
    const hash = identifierHash(tenant, id.$case === 'userId' ? 'user' : 'anonymous', id.value);
    const partition = partitionOf(hash, partitions);
    const { watermark, states } = await store.read(slotOf(partition), [profileKey(tenant, hash)]);
    if (states[0] === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    const profile = codec.decode(states[0]);
    const features = [...profile.counts].map(([name, count]) => ({
      name: `count of ${name}`,
      status: ValueStatus.VALUE_STATUS_PRESENT,
      value: { kind: { $case: 'number' as const, value: count } },
      eventTimeMs: BigInt(profile.newestMs),
    }));
    const offset = BigInt((decodeWatermark(watermark)?.nextOffset ?? 0) - 1);
    const position = { topic, partition, offset };
    return GetProfileResponse.fromPartial({ profileId: profile.profileId, features, position, nowMs: BigInt(clock.nowMs()), events: BigInt(profile.events) });
  };
