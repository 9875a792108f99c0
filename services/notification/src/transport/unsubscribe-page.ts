import { createHash } from 'node:crypto';

/** What a page to unsubscribe says: asks; is done; cannot be now; or there is none. */
export type UnsubscribeState = 'ask' | 'done' | 'away' | 'unknown';

/** Whose page, in which language. `tell`: what the customer was told of the purpose, such as "to write to you about offers"; empty where nothing is known. */
export interface UnsubscribeAbout {
  readonly shop: string;
  readonly language: string;
  readonly tell: string;
}

const STYLE =
  'body{font:18px/1.5 Georgia,serif;max-width:32rem;margin:12vh auto;padding:0 1.5rem;color:#3a2f2a;background:#fffdf9}button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:6px;background:#a4402f;color:#fff;cursor:pointer}';

/** Headers of every such page: no script, nothing from elsewhere, not kept, not found by searching, and its address told to nobody. */
export const UNSUBSCRIBE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const;

/** The page as HTML, in Indonesian for `id` and English otherwise. */
export function unsubscribePage(state: UnsubscribeState, { shop, language, tell }: UnsubscribeAbout): string {
  const lang = language === 'id' ? 'id' : 'en';
  const { title, words, button } = WORDS[lang][state];
  const said = escaped(words.replace('{tell}', () => (tell === '' ? WORDS[lang].tell : tell)).replace('{shop}', () => shop));
  const form =
    button === undefined ? '' : `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${escaped(button)}</button></form>`;
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><h1>${escaped(title)}</h1><p>${said}</p>${form}</body></html>`;
}

interface Words {
  readonly title: string;
  readonly words: string;
  readonly button?: string;
}

type Language = Readonly<Record<UnsubscribeState, Words>> & { readonly tell: string };

const WORDS: Readonly<Record<'en' | 'id', Language>> = {
  en: {
    tell: 'to write to you',
    ask: { title: 'Unsubscribe', words: '{shop} uses your data {tell}. Would you like that to stop?', button: 'Unsubscribe' },
    done: { title: 'You are unsubscribed', words: '{shop} no longer uses your data {tell}. Messages about your orders still reach you.' },
    away: { title: 'That did not work', words: 'We cannot say yet that you are unsubscribed. Please try again in a few minutes.', button: 'Try again' },
    unknown: { title: 'This link does not work', words: 'Perhaps it was cut off. Please open it from the mail once more.' },
  },
  id: {
    tell: 'untuk mengirimi Anda pesan',
    ask: { title: 'Berhenti berlangganan', words: '{shop} memakai data Anda {tell}. Apakah Anda ingin menghentikannya?', button: 'Berhenti berlangganan' },
    done: {
      title: 'Anda sudah berhenti berlangganan',
      words: '{shop} tidak lagi memakai data Anda {tell}. Pesan tentang pesanan Anda tetap kami kirimkan.',
    },
    away: { title: 'Belum berhasil', words: 'Kami belum dapat memastikannya. Silakan coba lagi beberapa menit lagi.', button: 'Coba lagi' },
    unknown: { title: 'Tautan ini tidak berfungsi', words: 'Mungkin tautannya terpotong. Silakan buka sekali lagi dari emailnya.' },
  },
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
