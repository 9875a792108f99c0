import type { LogRecord, TenantId } from '@attune/event-log/port';
import { type KeyId, subjectKey } from '@attune/sealing/port';
import type { StateKey } from '@attune/state-store/port';
import { eraseIdentity } from '../domain/erase-identity.ts';
import { saidWhose } from '../domain/identity-history.ts';
import { takeLink } from '../domain/link-identity.ts';
import { type Identity, newIdentity } from '../domain/resolve-identity.ts';
import { givenLink, type Said } from './said-by.ts';

/** A record with its state's key and what it says. */
export interface Told {
  readonly record: LogRecord;
  readonly key: StateKey;
  readonly said: Said | undefined;
}

/** The keys that a step needs of one tenant. */
export interface WantedKeys {
  readonly sealedUnder: ReadonlySet<KeyId>;
  readonly subjects: ReadonlySet<KeyId>;
}

/** By tenant: the keys that the records are sealed under, and those of the profiles that the fold will find, mint, or be led to by links between them. */
export function wantedKeys(
  told: readonly Told[],
  known: (key: StateKey) => Identity | undefined,
  mintedBy: (record: LogRecord) => string,
): ReadonlyMap<TenantId, WantedKeys> {
  const wanted = new Map<TenantId, { sealedUnder: Set<KeyId>; subjects: Set<KeyId> }>();
  const identities = new Map<StateKey, Identity>();
  for (const { record, key, said } of told) {
    if (said === undefined) continue;
    const before = identities.get(key) ?? known(key);
    if (said.$case === 'link') {
      identities.set(key, takeLink(before, givenLink(record, said.value), () => mintedBy(record)).identity);
      continue;
    }
    if (said.$case === 'linkLost' || said.$case === 'allowance') continue;
    if (said.$case === 'erasure') {
      const { identity } = eraseIdentity(before, { profileId: said.value.profileId, atMs: Number(said.value.receivedAtMs) });
      if (identity) identities.set(key, identity);
      continue;
    }
    const identity = before ?? newIdentity(mintedBy(record));
    identities.set(key, identity);
    // Of an erased one: whichever record brings the person back mints the profile.
    const whose = identity.profileId === '' ? mintedBy(record) : identity.profileId;
    const keys = wanted.get(record.tenant) ?? { sealedUnder: new Set(), subjects: new Set() };
    wanted.set(record.tenant, keys);
    for (const profileId of [whose, saidWhose(identity, said.value.profileId)]) if (profileId !== '') keys.subjects.add(subjectKey(profileId));
    if (said.$case === 'event' && said.value.sealed) keys.sealedUnder.add(said.value.sealed.keyId);
  }
  return wanted;
}
