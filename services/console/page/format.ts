import type { NamedValue } from './api.ts';
import { status } from './live-state.ts';
import { language, t, tCode } from './words.ts';

const locale = (): string => (language.value === 'id' ? 'id-ID' : 'en-GB');
const currencyOf = (): string => status.value?.currency ?? 'GBP';

/** Formatters are dear to make and a feed needs hundreds a second, so each is made once. */
function kept<T, O>(make: (locale: string, options: O) => T): (options: O) => T {
  const made = new Map<string, T>();
  return (options) => {
    const key = locale() + JSON.stringify(options);
    const known = made.get(key) ?? make(locale(), options);
    made.set(key, known);
    return known;
  };
}

const numbers = kept((at, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(at, options));
const times = kept((at, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(at, options));
const distances = kept((at, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(at, options));
const inZone = (options: Intl.DateTimeFormatOptions) => times({ ...options, timeZone: status.value?.timeZone ?? 'UTC' });
const inMoney = (currency: string) => numbers({ style: 'currency', currency, currencyDisplay: 'narrowSymbol' });

/** A whole or broken number by the page's language. */
export const number = (value: number, digits = 0): string => numbers({ maximumFractionDigits: digits }).format(value);

/** A share of one in per cent. */
export const percent = (share: number, digits = 0): string => numbers({ style: 'percent', maximumFractionDigits: digits }).format(share);

/** A difference with its sign. */
export const signed = (value: number, digits = 1): string =>
  numbers({ maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value).replace('-', '−');

/** An amount in minor units; the shop's currency where none is named. */
export function money(minor: number, currency = currencyOf()): string {
  const format = inMoney(currency);
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2)).replace('-', '−');
}

/** An amount in major units, such as an event's total. */
export const major = (value: number): string => inMoney(currencyOf()).format(value);

/** A business date in the shop's zone. */
export const date = (ms: number): string => inZone({ dateStyle: 'medium' }).format(ms);

const MINUTE = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' } as const;

/** A business date and time in the shop's zone. */
export const dateTime = (ms: number): string => inZone(MINUTE).format(ms);

/** The same with the zone's name. */
export const clock = (ms: number): string => inZone({ ...MINUTE, timeZoneName: 'short' }).format(ms);

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long before `nowMs` something happened, in the largest unit that fits. */
export function ago(ms: number, nowMs: number): string {
  const [unit, length] = UNITS.find(([, unitMs]) => nowMs - ms >= unitMs) ?? UNITS[3];
  return distances({ numeric: 'always' }).format(-Math.max(0, Math.floor((nowMs - ms) / length)), unit);
}

/** A value with its unit; undefined where there is none. */
export function valueText({ name = '', value }: NamedValue): string | undefined {
  if (value === undefined) return undefined;
  if (value.number !== undefined) return status.value?.units?.[name] === 'money' ? major(value.number) : `${number(value.number, 2)}${unitOf(name)}`;
  if (value.money) return money(Number(value.money.minor ?? 0), value.money.currency);
  if (value.truth !== undefined) return value.truth ? t('yes') : t('no');
  if (value.items) return t('someItems', { n: number(value.items.items?.length ?? 0) });
  return value.texts?.values?.join(', ') ?? value.text;
}

/** Its size for a sparkline; undefined for what is no number. */
export const valueNumber = ({ value }: NamedValue): number | undefined => value?.number ?? (value?.money ? Number(value.money.minor ?? 0) : undefined);

const DAY_MS = 86_400_000;

/** What a feature is worked out from, in words; empty where the process does not say. */
export function meaning(name: string): string {
  const known = status.value?.meanings?.[name];
  if (known === undefined) return '';
  const { kind, event, field, windowMs } = known;
  const words = tCode('mean', kind, { event, field });
  return windowMs === 0 ? words : t('lastDays', { what: words, n: number(windowMs / DAY_MS, 1) });
}

function unitOf(name: string): string {
  const unit = status.value?.units?.[name] ?? (/(^|_)days(_|$)/.test(name) ? 'days' : '');
  return unit === '' ? '' : ` ${tCode('unit', unit)}`;
}
