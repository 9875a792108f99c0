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

function isZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function money(minor: number, currency: string, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
