import type { InboxGrants } from '../ports.ts';
import { tokenSigner } from './signed-token.ts';

/** Signs tokens of inboxes. */
export function inboxGrants(key: Uint8Array): InboxGrants {
  const signer = tokenSigner(key, 'inbox/1');
  return {
    tokenOf: ({ tenant, profileId, expiresAtMs }) => signer.sign([tenant, profileId, String(expiresAtMs)]),
    read: (token) => {
      const said = signer.read(token);
      if (said === undefined) return undefined;
      const [tenant = '', profileId = '', expiresAtMs = '0'] = said;
      return { tenant, profileId, expiresAtMs: Number(expiresAtMs) };
    },
  };
}
