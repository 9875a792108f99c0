import { unitHash } from '@attune/kernel/hash';

/** What the demo invents about a customer of the real shop. */
export interface MadeUp {
  /** At example.com, which belongs to nobody. */
  readonly email: string;
  /** A first name. */
  readonly name: string;
  readonly language: 'en' | 'id';
  readonly timeZone: string;
  /** Whether the customer agreed to be written to about offers. */
  readonly marketing: boolean;
}

/** The names of all that is made up, as the page marks them: traits, and consent by purpose. */
export const MADE_UP: readonly string[] = ['email', 'name', 'language', 'time_zone', 'consent.marketing'];

/** The identifiers of the real shop's customers, whose attributes are made up. */
export const MADE_UP_OF = '^\\d{5}$';

/** Invents what the data lack; the same customer always gets the same. A third lives in Indonesia, evenly over its three zones, and reads Indonesian; 70 % agreed to marketing. */
export function madeUpOf(customer: string): MadeUp {
  const place = (what: string): number => unitHash(`demo/${what}/${customer}`);
  const abroad = place('abroad') < ABROAD;
  const name = pick(abroad ? INDONESIAN_NAMES : ENGLISH_NAMES, place('name'));
  return {
    email: `${name.toLowerCase()}.${customer}@example.com`,
    name,
    language: abroad ? 'id' : 'en',
    timeZone: abroad ? pick(ZONES_ABROAD, place('zone')) : 'Europe/London',
    marketing: place('marketing') < AGREED,
  };
}

const ABROAD = 1 / 3;
const AGREED = 0.7;
const ZONES_ABROAD = ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'];
const ENGLISH_NAMES = [
  'Alice',
  'Arthur',
  'Beth',
  'Daniel',
  'Emma',
  'George',
  'Grace',
  'Harriet',
  'Isaac',
  'Jack',
  'Lucy',
  'Martha',
  'Oliver',
  'Rose',
  'Samuel',
  'Tom',
];
const INDONESIAN_NAMES = [
  'Adi',
  'Agus',
  'Ayu',
  'Bagus',
  'Citra',
  'Dewi',
  'Eka',
  'Fitri',
  'Indah',
  'Joko',
  'Lestari',
  'Made',
  'Putri',
  'Rizky',
  'Sari',
  'Wayan',
];

const pick = (names: readonly string[], place: number): string => names[Math.floor(place * names.length)] ?? '';
