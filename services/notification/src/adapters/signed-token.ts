import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Signs lists of words. */
export interface TokenSigner {
  /** `<what it says, base64url>.<signature, base64url>` */
  sign(said: readonly string[]): string;
  /** What a token says; undefined for one that was not made here. Takes as long for a true one as for a false one of the same length. */
  read(token: string): readonly string[] | undefined;
}

/** Signs with HMAC-SHA-256. What is signed says what it is for: a token of another kind under the same secret is none. */
export function tokenSigner(key: Uint8Array, kind: string): TokenSigner {
  const held = createSecretKey(key);
  const signatureOf = (said: string): string => createHmac('sha256', held).update(`${kind}\n${said}`).digest('base64url');
  return {
    sign: (words) => {
      const said = Buffer.from(JSON.stringify(words)).toString('base64url');
      return `${said}.${signatureOf(said)}`;
    },
    read: (token) => {
      const [said = '', signature = '', ...more] = token.split('.');
      const expected = Buffer.from(signatureOf(said));
      const given = Buffer.alloc(expected.length);
      given.write(signature);
      // Compared whole whatever came, so that time tells nothing; a token has one spelling only, and nothing behind it.
      const signed = timingSafeEqual(given, expected) && signature.length === expected.length && more.length === 0;
      return signed ? (JSON.parse(Buffer.from(said, 'base64url').toString('utf8')) as readonly string[]) : undefined;
    },
  };
}
