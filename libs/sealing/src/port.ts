import type { TenantId } from '@attune/event-log/port';

/** Name of a data key within its tenant, such as `day/2026-11-24` or `subject/p_…`. */
export type KeyId = string;

/** What is known of a key: its 32 bytes, that it was destroyed for good, or nothing. */
export type FoundKey = { readonly kind: 'key'; readonly bytes: Uint8Array } | { readonly kind: 'destroyed' } | { readonly kind: 'absent' };

/** Keeps data keys, wrapped by a key of the tenant. @throws AttuneError KEY_UNAVAILABLE from every call while it does not answer. */
export interface KeyStore {
  /** The keys of these ids; absent ones are made. Two callers at once get the same key. A destroyed key stays destroyed. */
  ensure(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>>;
  /** The keys of these ids, none made. */
  find(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>>;
  /** Destroys keys so that nothing can bring them back; what they sealed can never be opened again. Absent ones count as destroyed from now on. */
  destroy(tenant: TenantId, ids: readonly KeyId[]): Promise<void>;
  close(): Promise<void>;
}

/** The key that the door seals under: one a tenant and UTC day. */
export const dayKey = (atMs: number): KeyId => `day/${new Date(atMs).toISOString().slice(0, 10)}`;

/** The key of everything about one person. */
export const subjectKey = (profileId: string): KeyId => `subject/${profileId}`;
