import { createHmac } from 'node:crypto';
import type { TenantId } from '@attune/event-log/port';

/** Name of the secret under which identifiers are hashed. */
export const IDENTIFIER_KEY = 'identifier-hash';

/** Keyed hash of an identifier within a tenant, 22 characters: what the records of one customer have in common. `kind`: user or anonymous. */
export type IdentifierHash = (tenant: TenantId, kind: string, value: string) => string;

/** The hash under a key. */
export const identifierHashOf =
  (key: Uint8Array): IdentifierHash =>
  (tenant, kind, value) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenant, kind, value]))
      .digest('base64url')
      .slice(0, 22);
