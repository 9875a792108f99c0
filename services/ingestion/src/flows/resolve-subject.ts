import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { decodeWatermark } from '@attune/processor/watermark';
import type { IdentifierHash } from '@attune/sealing/identifier-hash';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { Identity } from '../domain/resolve-identity.ts';
import { ACCEPTED, type IdentityCodec } from '../ports.ts';
import { identityKey } from './resolve-accepted.ts';

/** The profile of a subject, and the position in attune.accepted.v1 up to which it is known; a profile id answers itself, without one. @throws AttuneError REQUEST_INVALID where no subject is named, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export type ResolveSubject = (tenant: TenantId, subject: Subject | undefined) => Promise<ResolveResponse>;

/** The same of many subjects, at most 1,000, in their order: one call of the store a partition. Without a profile id where nobody is known. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE */
export type ResolveSubjects = (tenant: TenantId, subjects: readonly Subject[]) => Promise<readonly ResolveResponse[]>;

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

const SUBJECTS_MAX = 1_000;

/** Reads the resolver's state in one call with its position. */
export const resolveSubject =
  (ports: ResolvePorts): ResolveSubject =>
  async (tenant, subject) => {
    if (!isNamed(subject)) throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
    const [found] = await readAll(ports, tenant, [subject]);
    if (found === undefined || found.profileId === '') throw new AttuneError('SUBJECT_UNKNOWN');
    return found;
  };

/** Reads the resolver's states of many. */
export const resolveSubjects =
  (ports: ResolvePorts): ResolveSubjects =>
  async (tenant, subjects) => {
    if (subjects.length > SUBJECTS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: subjects. At most ${SUBJECTS_MAX} are answered.`);
    const nameless = subjects.findIndex((subject) => !isNamed(subject));
    if (nameless >= 0) throw new AttuneError('REQUEST_INVALID', `Field: subjects[${nameless}]. Name it by user_id, anonymous_id or profile_id.`);
    return readAll(ports, tenant, subjects);
  };

const isNamed = (subject: Subject | undefined): subject is Subject => subject?.id !== undefined && subject.id.value !== '';

async function readAll(ports: ResolvePorts, tenant: TenantId, subjects: readonly Subject[]): Promise<readonly ResolveResponse[]> {
  const answers = subjects.map(({ id }) => ResolveResponse.fromPartial({ profileId: id?.$case === 'profileId' ? id.value : '' }));
  const asked = subjects.flatMap(({ id }, place) => {
    if (id === undefined || id.$case === 'profileId') return [];
    return { place, hash: ports.identifierHash(tenant, id.$case === 'userId' ? 'user' : 'anonymous', id.value) };
  });
  const read = async ([partition, theirs]: readonly [number, typeof asked]): Promise<void> => {
    const { watermark, states } = await ports.store.read(
      ports.slotOf(partition),
      theirs.map(({ hash }) => identityKey(tenant, hash)),
    );
    const offset = BigInt((decodeWatermark(watermark)?.nextOffset ?? 0) - 1);
    for (const [i, { place }] of theirs.entries()) {
      const profileId = states[i] === undefined ? '' : profileOf(ports.codec.decode(states[i]));
      answers[place] = { profileId, position: { topic: ACCEPTED, partition, offset } };
    }
  };
  await Promise.all([...Map.groupBy(asked, ({ hash }) => partitionOf(hash, ports.partitions))].map(read));
  return answers;
}

/** Of somebody who was erased and has not come back, the profile of before: it answers that it was erased. */
const profileOf = ({ profileId, erased }: Identity): string => (profileId === '' ? (erased?.profileId ?? '') : profileId);
