import {
  type HistoryRequest,
  HistoryResponse,
  type IdentifierChange,
  IdentifierChangeKind,
  IdentifierState,
} from '@attune/contracts/messages/identity/v1/identity';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { decodeWatermark } from '@attune/processor/watermark';
import type { IdentityChange } from '../domain/identity-history.ts';
import type { Identity } from '../domain/resolve-identity.ts';
import { ACCEPTED } from '../ports.ts';
import { leafOfNamed } from './identifier-named.ts';
import { identityKey } from './resolve-accepted.ts';
import type { ResolvePorts } from './resolve-subject.ts';

/** Tells what became of an identifier, and up to where in attune.accepted.v1 that is known. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export type ReadHistory = (tenant: TenantId, request: HistoryRequest) => Promise<HistoryResponse>;

/** Reads the resolver's state of the identifier. */
export const readHistory =
  (ports: ResolvePorts): ReadHistory =>
  async (tenant, { identifier }) => {
    const leaf = leafOfNamed(ports.identifierHash, tenant, identifier);
    const partition = partitionOf(leaf, ports.partitions);
    const { watermark, states } = await ports.store.read(ports.slotOf(partition), [identityKey(tenant, leaf)]);
    if (states[0] === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    const identity = ports.codec.decode(states[0]);
    const { profileId, quarantined, changes = [], linked = [] } = identity;
    return HistoryResponse.fromPartial({
      ...{ leaf, profileId, state: stateOf(identity), changes: changes.map(changeTold) },
      ...(quarantined && { quarantinedAtMs: BigInt(quarantined.sinceMs) }),
      joined: linked.map((one) => ({ leaf: one.leaf ?? '', atMs: BigInt(one.receivedAtMs) })),
      position: { topic: ACCEPTED, partition, offset: BigInt((decodeWatermark(watermark)?.nextOffset ?? 0) - 1) },
    });
  };

function stateOf({ bond, quarantined }: Identity): IdentifierState {
  if (quarantined !== undefined || bond === 'shared') return IdentifierState.IDENTIFIER_STATE_QUARANTINED;
  return bond === 'linked' ? IdentifierState.IDENTIFIER_STATE_JOINED : IdentifierState.IDENTIFIER_STATE_OWN;
}

const KINDS: Readonly<Record<IdentityChange['kind'], IdentifierChangeKind>> = {
  opened: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_OPENED,
  moved: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_MERGED,
  handed_on: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_HANDED_ON,
  quarantined: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_QUARANTINED,
  allowed: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_ALLOWED,
};

const changeTold = ({ kind, atMs, from, to, by, record }: IdentityChange): IdentifierChange => ({
  ...{ kind: KINDS[kind], atMs: BigInt(atMs), fromProfileId: from },
  ...{ toProfileId: to, byLeaf: by, record },
});
