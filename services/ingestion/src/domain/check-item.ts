import type { Item } from '@attune/contracts/messages/log/v1/log';
import { hasControl } from './text.ts';

const ID_CHARACTERS_MAX = 256;
const TEXT_CHARACTERS_MAX = 500;
const LANGUAGES_MAX = 20;
const WORDS_MAX = 50;

/** The path of the first field of an item that is out of its bounds, such as `price.currency`; undefined for a sound item. */
export function faultOfItem({ id, titles, category, price, seller, tags }: Item): string | undefined {
  if (!isText(id, ID_CHARACTERS_MAX) || id === '') return 'id';
  const languages = Object.entries(titles);
  if (languages.length > LANGUAGES_MAX || !languages.every(([language, title]) => isText(language, WORDS_MAX) && isText(title, TEXT_CHARACTERS_MAX)))
    return 'titles';
  if (!areWords(category)) return 'category';
  if (!areWords(tags)) return 'tags';
  if (!isText(seller, ID_CHARACTERS_MAX)) return 'seller';
  if (price !== undefined && price.minor < 0n) return 'price.minor';
  return price !== undefined && !/^[A-Z]{3}$/.test(price.currency) ? 'price.currency' : undefined;
}

const isText = (text: string, charactersMax: number): boolean => text.length <= charactersMax && !hasControl(text);
const areWords = (words: readonly string[]): boolean => words.length <= WORDS_MAX && words.every((word) => isText(word, ID_CHARACTERS_MAX));
