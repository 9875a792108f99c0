import type { NamedValue } from './api.ts';
import { status } from './live-state.ts';
import { language, t } from './words.ts';

const locale = (): string => (language.value === 'id' ? 'id-ID' : 'en-GB');
const zone = (): string => status.value?.timeZone ?? 'UTC';

/** A whole or broken number by the page's language. */
export const number = (value: number, digits = 0): string => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

/** A share of one in per cent. */
export const percent = (share: number, digits = 0): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(share);

/** A difference with its sign. */
export const signed = (value: number, digits = 1): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value).replace('-', '−');

/** An amount in minor units; the shop's currency where none is named. */
export function money(minor: number, currency = status.value?.currency ?? 'GBP'): string {
  const format = new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** An amount in major units, such as an event's total. */
export const major = (value: number): string =>
  new Intl.NumberFormat(locale(), { style: 'currency', currency: status.value?.currency ?? 'GBP', currencyDisplay: 'narrowSymbol' }).format(value);

/** A business date in the shop's zone. */
export const date = (ms: number): string => new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeZone: zone() }).format(ms);

/** A business date and time in the shop's zone. */
export const dateTime = (ms: number): string =>
  new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: zone() }).format(ms);

/** The same with the zone's name. */
export const clock = (ms: number): string =>
  new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone(),
    timeZoneName: 'short',
  }).format(ms);

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long before `nowMs` something happened, in the largest unit that fits. */
export function ago(ms: number, nowMs: number): string {
  const [unit, length] = UNITS.find(([, unitMs]) => nowMs - ms >= unitMs) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'always', style: 'short' }).format(-Math.max(0, Math.floor((nowMs - ms) / length)), unit);
}

/** A value with its unit; undefined where there is none. */
export function valueText({ name = '', value }: NamedValue): string | undefined {
  if (value === undefined) return undefined;
  if (value.number !== undefined) return `${number(value.number, 2)}${unitOf(name)}`;
  if (value.money) return money(Number(value.money.minor ?? 0), value.money.currency);
  if (value.truth !== undefined) return value.truth ? t('yes') : t('no');
  return value.texts?.values?.join(', ') ?? value.text;
}

/** Its size for a sparkline; undefined for what is no number. */
export const valueNumber = ({ value }: NamedValue): number | undefined => value?.number ?? (value?.money ? Number(value.money.minor ?? 0) : undefined);

function unitOf(name: string): string {
  const unit = status.value?.units?.[name] ?? (/(^|_)days(_|$)/.test(name) ? 'days' : '');
  return unit === '' ? '' : ` ${unit === 'days' ? t('days') : unit}`;
}
