import { Item } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';

/** So many words of an item count, its categories and tags first. */
const WORDS_MAX = 100;

/** What a record of attune.items.v1 describes its item by: each of its categories as a path, its tags, its seller, and the words of its titles in all languages. None of what cannot be read, or is gone. */
export function wordsIn({ value, tombstone }: Pick<LogRecord, 'value' | 'tombstone'>): readonly string[] {
  const item = tombstone === true ? undefined : itemIn(value);
  if (item === undefined) return [];
  const paths = item.category.map((_, at) => `category:${item.category.slice(0, at + 1).join('/')}`);
  const tags = item.tags.map((tag) => `tag:${tag}`);
  const seller = item.seller === '' ? [] : [`seller:${item.seller}`];
  const languages = Object.keys(item.titles).toSorted();
  const titles = languages.flatMap((language) => (item.titles[language] ?? '').toLowerCase().match(WORD) ?? []);
  return [...paths, ...tags, ...seller, ...titles].slice(0, WORDS_MAX);
}

const WORD = /[\p{L}\p{N}]+/gu;

function itemIn(value: Uint8Array): Item | undefined {
  try {
    return Item.decode(value);
  } catch {
    return undefined;
  }
}
