/** The two parts of a mail in which links stand. */
export interface LinkedParts {
  readonly html: string;
  readonly text: string;
}

/** How links are led through Attune. */
export interface LinkCounting {
  /** The address that stands in the mail for a target; `place`: which of the mail's targets it is, from 1. Undefined = it stays. */
  urlOf(target: string, place: number): string | undefined;
  /** Targets that begin so are never counted: the link to unsubscribe. */
  readonly except?: string | undefined;
}

/** A longer one stays as it is: with the token its address would be longer than mail programs follow. */
const TARGET_CHARACTERS_MAX = 1_200;

/**
 * The mail with its links led through Attune: what `<a href>` of the page names by http or https, and the same targets in the plain part.
 * The same target is the same link. Anchors, mail addresses and what stands in words stay as they are.
 */
export function withCountedLinks({ html, text }: LinkedParts, { urlOf, except }: LinkCounting): LinkedParts {
  const urls = new Map<string, string | undefined>();
  const counted = (target: string): string | undefined => {
    if (!urls.has(target)) urls.set(target, isCounted(target, except) ? urlOf(target, urls.size + 1) : undefined);
    return urls.get(target);
  };
  const page = html.replace(/(<a\b[^>]*?\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi, (whole, before: string, double?: string, single?: string) => {
    const url = counted(decoded(double ?? single ?? '').trim());
    return url === undefined ? whole : `${before}"${escaped(url)}"`;
  });
  // A mail of which the page names no link has none to be found in words.
  const plain = text.replace(/https?:\/\/[^\s<>"]+/gi, (found) => replaced(found, urls));
  return { html: page, text: plain };
}

const isCounted = (target: string, except: string | undefined): boolean =>
  /^https?:\/\/[^/?#]/i.test(target) && target.length <= TARGET_CHARACTERS_MAX && (except === undefined || !target.startsWith(except));

/** What stands behind an address in words, such as a bracket or a full stop, is not of it. */
function replaced(found: string, urls: ReadonlyMap<string, string | undefined>): string {
  for (let end = found.length; end > 0; end--) {
    const url = urls.get(found.slice(0, end));
    if (url !== undefined) return `${url}${found.slice(end)}`;
    if (!/[).,;:!?\]}'*_]/.test(found[end - 1] ?? '')) return found;
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", '#34': '"', '#x27': "'", '#x2F': '/' };
const decoded = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos|#39|#34|#x27|#x2F);/gi, (whole, name: string) => ENTITIES[name] ?? whole);
const escaped = (url: string): string => url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
