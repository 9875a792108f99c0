import type { LinkSigner } from '../ports.ts';
import { tokenSigner } from './signed-token.ts';

/** Name of the secret that links in mails and tokens of inboxes are signed with. */
export const LINK_KEY = 'link-signing';

/** Signs links to unsubscribe. */
export function linkSigner(key: Uint8Array): LinkSigner {
  const signer = tokenSigner(key, 'unsubscribe/1');
  return {
    tokenOf: ({ tenant, profileId, purpose, deliveryId, language }) => signer.sign([tenant, profileId, purpose, deliveryId, language]),
    read: (token) => {
      const said = signer.read(token);
      if (said === undefined) return undefined;
      const [tenant = '', profileId = '', purpose = '', deliveryId = '', language = ''] = said;
      return { tenant, profileId, purpose, deliveryId, language };
    },
  };
}
