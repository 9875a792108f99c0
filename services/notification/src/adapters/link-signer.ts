import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { LinkSigner, UnsubscribeLink } from '../ports.ts';

/** Name of the secret that links in mails are signed with. */
export const LINK_KEY = 'link-signing';

/** Signs links with HMAC-SHA-256: `<what it says, base64url>.<signature, base64url>`. */
export function linkSigner(key: Uint8Array): LinkSigner {
  const held = createSecretKey(key);
  const signatureOf = (said: string): string => createHmac('sha256', held).update(`${KIND}\n${said}`).digest('base64url');
  return {
    tokenOf: ({ tenant, profileId, purpose, deliveryId, language }) => {
      const said = Buffer.from(JSON.stringify([tenant, profileId, purpose, deliveryId, language])).toString('base64url');
      return `${said}.${signatureOf(said)}`;
    },
    read: (token) => {
      const [said = '', signature = '', ...more] = token.split('.');
      const expected = Buffer.from(signatureOf(said));
      const given = Buffer.alloc(expected.length);
      given.write(signature);
      // Compared whole whatever came, so that time tells nothing; a token has one spelling only, and nothing behind it.
      const signed = timingSafeEqual(given, expected) && signature.length === expected.length && more.length === 0;
      return signed ? linkOf(said) : undefined;
    },
  };
}

/** What is signed says what it is for: a link of another kind under the same secret is none of these. */
const KIND = 'unsubscribe/1';

function linkOf(said: string): UnsubscribeLink {
  const [tenant, profileId, purpose, deliveryId, language] = JSON.parse(Buffer.from(said, 'base64url').toString('utf8')) as readonly [
    string,
    string,
    string,
    string,
    string,
  ];
  return { tenant, profileId, purpose, deliveryId, language };
}
