import type { Subject } from '@attune/contracts/messages/common/v1/common';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { IdentifierHash } from '@attune/sealing/identifier-hash';

/** An identifier as calls about identifiers name it: in clear, or by its keyed hash. */
export type IdentifierNamed = { readonly $case: 'subject'; readonly value: Subject } | { readonly $case: 'leaf'; readonly value: string } | undefined;

const LEAF = /^[\w-]{22}$/;

/** The keyed hash of the identifier. @throws AttuneError REQUEST_INVALID where none is named */
export function leafOfNamed(identifierHash: IdentifierHash, tenant: TenantId, named: IdentifierNamed): string {
  if (named?.$case === 'leaf' && LEAF.test(named.value)) return named.value;
  const id = named?.$case === 'subject' ? named.value.id : undefined;
  if (id === undefined || id.$case === 'profileId' || id.value === '')
    throw new AttuneError('REQUEST_INVALID', 'Name an identifier, by user_id or anonymous_id, or by its keyed hash as leaf.');
  return identifierHash(tenant, id.$case === 'userId' ? 'user' : 'anonymous', id.value);
}
