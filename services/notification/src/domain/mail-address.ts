const ADDRESS_MAX = 254;
const LOCAL_MAX = 64;
const LOCAL = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/**
 * True for an address that every mail program reads alike: one @, a dotted domain, at most 254 characters.
 * Quotes, comments, spaces, lists and control characters are refused: programs disagree about where such mail goes.
 */
export function isMailAddress(text: string): boolean {
  if (text.length > ADDRESS_MAX) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  if (more.length > 0 || local.length > LOCAL_MAX || !LOCAL.test(local)) return false;
  const labels = domain.split('.');
  return labels.length >= 2 && labels.every((label) => LABEL.test(label));
}
