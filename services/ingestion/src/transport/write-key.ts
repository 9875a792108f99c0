import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyRequest } from 'fastify';

/** The tenant that a write key stands for; undefined for an unknown key. */
export type TenantOfKey = (writeKey: string) => TenantId | undefined;

/** Whose call it is: the write key is the user name of Basic authentication. @throws AttuneError WRITE_KEY_UNKNOWN */
export const tenantOfCredential = (authorization: string | undefined, tenantOfKey: TenantOfKey): TenantId =>
  known(tenantOfKey(authorization === undefined ? '' : userNameOf(authorization)));

/** Whose request it is: the write key is the user name of Basic authentication, or, where there is no such header, the body's `writeKey`. @throws AttuneError WRITE_KEY_UNKNOWN */
export function tenantOf(request: FastifyRequest, tenantOfKey: TenantOfKey, body?: unknown): TenantId {
  const { authorization } = request.headers;
  return authorization === undefined ? known(tenantOfKey(keyIn(body))) : tenantOfCredential(authorization, tenantOfKey);
}

function known(tenant: TenantId | undefined): TenantId {
  if (tenant === undefined) throw new AttuneError('WRITE_KEY_UNKNOWN');
  return tenant;
}

function userNameOf(authorization: string): string {
  const [scheme, credential = ''] = authorization.split(' ');
  if (scheme?.toLowerCase() !== 'basic') return '';
  return Buffer.from(credential, 'base64').toString('utf8').split(':')[0] ?? '';
}

function keyIn(body: unknown): string {
  const key = typeof body === 'object' && body !== null && 'writeKey' in body ? body.writeKey : undefined;
  return typeof key === 'string' ? key : '';
}
