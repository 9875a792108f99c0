import { signal } from '@preact/signals';
import { experimentWords } from './experiment-words.ts';
import { segmentWords } from './segment-words.ts';
import { table as main } from './word-table.ts';

const table = { ...main, ...experimentWords, ...segmentWords };

/** The languages of the page. */
export type Language = 'en' | 'id';

/** Names of words. */
export type Word = keyof typeof table;

const STORED = 'attune-language';

/** The language of the page; the browser's at first. */
export const language = signal<Language>(firstLanguage());

/** Speaks another language from now on, also at the next visit. */
export function speak(to: Language): void {
  language.value = to;
  document.documentElement.lang = to;
  localStorage.setItem(STORED, to);
}

/** A word in the page's language, with its places filled in. */
export function t(word: Word, places: Readonly<Record<string, string | number>> = {}): string {
  return table[word][language.value === 'id' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(places[name] ?? ''));
}

/** The word of a code such as `out_OFFER`; the code itself where there is none. */
export const tCode = (prefix: string, code: string, places: Readonly<Record<string, string | number>> = {}): string =>
  `${prefix}_${code}` in table ? t(`${prefix}_${code}` as Word, places) : code;

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED) ?? navigator.language.slice(0, 2);
  return stored === 'id' ? 'id' : 'en';
}
