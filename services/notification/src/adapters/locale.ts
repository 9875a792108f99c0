import type { Locale } from '../ports.ts';

/** Zones and languages as this machine's Intl knows them. */
export const intlLocale: Locale = { minuteOf, isZone, money };

const clocks = new Map<string, Intl.DateTimeFormat>();

function minuteOf(zone: string, atMs: number): number {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    const timeZone = isZone(zone) ? zone : 'UTC';
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(zone, clock);
  }
  const [hour, minute] = clock.format(atMs).split(':');
  return Number(hour) * 60 + Number(minute);
}

/** Customers name their zones: any text may come, and asking Intl takes longer than all else that a message is admitted by. */
const ZONES_MAX = 1_000;
const zones = new Map<string, boolean>();

function isZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= ZONES_MAX) zones.clear();
  const is = knowsZone(name);
  zones.set(name, is);
  return is;
}

function knowsZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function money(minor: number, currency: string, language: string): string {
  const format = moneyFormat(currency, language);
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, language: string): Intl.NumberFormat {
  const name = `${language} ${currency}`;
  const made = moneyFormats.get(name) ?? new Intl.NumberFormat(language, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' });
  moneyFormats.set(name, made);
  return made;
}
