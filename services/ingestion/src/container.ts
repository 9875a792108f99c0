import { createHmac } from 'node:crypto';
import { type Container, get } from '@attune/runtime/di';
import type { FastifyInstance } from 'fastify';
import { publishEvent } from './flows/publish-event.ts';
import { CLOCK, EVENT_LOG, SECRETS } from './ports.ts';
import { ingestionRoutes } from './transport/http.ts';

export { ACCEPTED, CLOCK, EVENT_LOG, SECRETS } from './ports.ts';

/** The name under which the key of identifier hashes stands among the secrets. */
export const IDENTIFIER_KEY = 'identifier-hash';

/** Keyed hash of an identifier within a tenant: what the records of one customer have in common. */
export type IdentifierHash = (tenant: string, kind: string, value: string) => string;

/** Puts the door of a container's ports onto an app; answers the hash by which customers are found again. */
export async function ingestionOn(app: FastifyInstance, c: Container, tenantOfKey: (writeKey: string) => string | undefined): Promise<IdentifierHash> {
  const key = await get(c, SECRETS).get(IDENTIFIER_KEY);
  const identifierHash: IdentifierHash = (tenant, kind, value) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenant, kind, value]))
      .digest('base64url')
      .slice(0, 22);
  ingestionRoutes(app, publishEvent({ log: get(c, EVENT_LOG), clock: get(c, CLOCK), identifierHash }), tenantOfKey);
  return identifierHash;
}
