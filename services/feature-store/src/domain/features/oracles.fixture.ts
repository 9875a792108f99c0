import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { FeatureEvent } from './feature-kind.ts';

type Oracle = (events: readonly FeatureEvent[], nowMs: number, declaration: FeatureDeclaration) => unknown;

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000] as const;

const present = (value: unknown) => ({ status: 'present', value });
const missing = { status: 'missing' };
const times = (events: readonly FeatureEvent[]) => events.map((event) => event.timestampMs);

/** The events since the start of the tile in which the window begins. */
function inWindow(events: readonly FeatureEvent[], nowMs: number, windowMs: number | undefined): readonly FeatureEvent[] {
  if (windowMs === undefined) return events;
  const tile = windowMs > 7 * DAY ? DAY : windowMs > 2 * HOUR ? HOUR : MINUTE;
  const begin = Math.max(nowMs, ...times(events).map((t) => t - DAY)) - windowMs;
  return events.filter((event) => event.timestampMs >= begin - (begin % tile));
}

/** Decimal digits, cut by hand: the sum of the field in units of 10^-decimals. */
function unitsOf(total: unknown, decimals: number): bigint {
  if (typeof total !== 'number' || !Number.isFinite(total)) return 0n;
  const [whole = '', fraction = ''] = total >= 1e21 ? [String(BigInt(total))] : total.toFixed(decimals).split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

const isNumber = (total: unknown): total is number => typeof total === 'number' && Math.abs(total) <= 1e15;
const withNumber = (events: readonly FeatureEvent[]) => events.filter(({ fields }) => isNumber(fields.total));
const withValue = (events: readonly FeatureEvent[]) =>
  events.filter(({ fields: { total } }) => ['string', 'boolean'].includes(typeof total) || isNumber(total));
const numbers = (events: readonly FeatureEvent[]) => events.map(({ fields }) => Number(fields.total) || 0);
const presentOrMissing = (value: unknown) => (value === undefined ? missing : present(value));
const valueOfEvent = (event: FeatureEvent | undefined) =>
  event === undefined ? undefined : typeof event.fields.total === 'number' ? numbers([event])[0] : event.fields.total;

/** By the squares of the differences of all pairs, in whole units. */
function naiveVariance(events: readonly FeatureEvent[], decimals: number): number | undefined {
  if (events.length === 0) return undefined;
  const units = events.map(({ fields }) => unitsOf(fields.total, decimals));
  const pairs = units.flatMap((a) => units.map((b) => (a - b) ** 2n)).reduce((a, b) => a + b, 0n) / 2n;
  return Number(`${(pairs * 10n ** 60n) / BigInt(units.length) ** 2n}e-${60 + 2 * decimals}`);
}

const byNewest = (a: FeatureEvent, b: FeatureEvent): number =>
  b.timestampMs - a.timestampMs ||
  (a.messageId < b.messageId ? 1 : a.messageId > b.messageId ? -1 : JSON.stringify(a.fields.total) < JSON.stringify(b.fields.total) ? 1 : -1);

type Listing = readonly [atMs: number, value: string | number, weight: number];

/** Texts and numbers, newest first, of one moment the greater, numbers before texts. */
function listed(
  events: readonly FeatureEvent[],
  nowMs: number,
  { windowMs = Number.POSITIVE_INFINITY, by }: { windowMs?: number | undefined; by?: string | undefined },
): Listing[] {
  const found = events.flatMap(({ timestampMs, fields }): Listing[] => {
    const { total } = fields;
    if ((typeof total !== 'string' || total.length > 64) && !isNumber(total)) return [];
    return timestampMs >= nowMs - windowMs ? [[timestampMs, total || (total === '' ? '' : 0), by === undefined ? 1 : Number(fields[by] ?? 0)]] : [];
  });
  return found.toSorted(([t, a, v], [u, b, w]) => u - t || (typeof a !== typeof b ? (typeof a === 'number' ? -1 : 1) : a === b ? w - v : a > b ? -1 : 1));
}

/** The plain answer of each kind, from all events. Test only. */
export const oracles: Record<string, Oracle> = {
  count: (events, nowMs, { windowMs }) => present(inWindow(events, nowMs, windowMs).length),
  sum(events, nowMs, { windowMs, decimals }) {
    const units = inWindow(withNumber(events), nowMs, windowMs).reduce((total, event) => total + unitsOf(event.fields.total, decimals), 0n);
    return present(Number(`${units}e-${decimals}`));
  },
  mean(events, nowMs, { windowMs, decimals }) {
    const within = inWindow(withNumber(events), nowMs, windowMs);
    const units = within.reduce((total, event) => total + unitsOf(event.fields.total, decimals), 0n);
    return within.length === 0 ? missing : present(Number(`${units}e-${decimals}`) / within.length);
  },
  min: (events, nowMs, { windowMs }) => presentOrMissing(numbers(inWindow(withNumber(events), nowMs, windowMs)).toSorted((a, b) => a - b)[0]),
  max: (events, nowMs, { windowMs }) => presentOrMissing(numbers(inWindow(withNumber(events), nowMs, windowMs)).toSorted((a, b) => b - a)[0]),
  percentile(events, nowMs, { windowMs = Number.POSITIVE_INFINITY, percent = 50 }) {
    const sorted = numbers(withNumber(events).filter(({ timestampMs }) => timestampMs >= nowMs - windowMs)).toSorted((a, b) => a - b);
    return presentOrMissing(sorted.find((_, i) => 100 * (i + 1) >= percent * sorted.length));
  },
  unique_count(events, nowMs, { windowMs = Number.POSITIVE_INFINITY }) {
    const within = withValue(events).filter(({ timestampMs }) => timestampMs >= nowMs - windowMs);
    return present(new Set(within.map(({ fields }) => fields.total || (fields.total === 0 ? 0 : fields.total))).size);
  },
  variance: (events, nowMs, declaration) => presentOrMissing(naiveVariance(inWindow(withNumber(events), nowMs, declaration.windowMs), declaration.decimals)),
  std_dev(events, nowMs, { windowMs, decimals }) {
    const found = naiveVariance(inWindow(withNumber(events), nowMs, windowMs), decimals);
    return presentOrMissing(found === undefined ? undefined : Math.sqrt(found));
  },
  last_k: (events, nowMs, { windowMs, k = 10 }) =>
    present(
      listed(events, nowMs, { windowMs })
        .map(([, value]) => value)
        .slice(0, k),
    ),
  first_k: (events, nowMs, { k = 10 }) =>
    present(
      listed(events, nowMs, {})
        .map(([, value]) => value)
        .toReversed()
        .slice(0, k),
    ),
  session_last_k(events, nowMs, { k = 10, windowMs = 30 * MINUTE }) {
    const seen = listed(events, nowMs, {});
    const moments = [...new Set(seen.map(([t]) => t)), Math.max(nowMs, ...seen.map(([t]) => t))].toSorted((a, b) => a - b);
    const broken = moments.filter((t, i) => (moments[i + 1] ?? t) - t > windowMs).at(-1) ?? Number.NEGATIVE_INFINITY;
    return present(
      seen
        .filter(([t]) => t > broken)
        .map(([, value]) => value)
        .slice(0, k),
    );
  },
  // Which are kept is decided before the window is looked at: what lies in the window is newer than what does not.
  set: (events, nowMs, { windowMs, k = 10 }) => present([...new Set(listed(events, nowMs, { windowMs }).map(([, value]) => value))].slice(0, k)),
  top_k(events, nowMs, { windowMs, k = 10, weight: by, halfLifeMs = Number.POSITIVE_INFINITY }) {
    const uses = listed(events, nowMs, { windowMs, by }).filter(([, , weight]) => weight > 0);
    const newest = Math.floor(((uses[0]?.[0] ?? 0) * 16) / halfLifeMs);
    const weightOf = ([atMs, , weight]: Listing) => weight * 0.5 ** ((newest - Math.floor((atMs * 16) / halfLifeMs)) / 16);
    const values = [...new Set(uses.map(([, value]) => String(value)))];
    const total = (value: string) => uses.filter(([, other]) => String(other) === value).reduce((sum, use) => sum + weightOf(use), 0);
    return present(values.toSorted((a, b) => total(b) - total(a) || (a < b ? -1 : 1)).slice(0, k));
  },
  happened: (events, nowMs, { windowMs }) => present(inWindow(events, nowMs, windowMs).length > 0),
  rate(events, nowMs, { event, per, windowMs }) {
    const [hits, all] = [event, per].map((wanted) => inWindow(events, nowMs, windowMs).filter(({ name }) => name === wanted).length);
    return all ? present((hits ?? 0) / all) : missing;
  },
  decayed_count(events, nowMs, { halfLifeMs = DAY }) {
    const stepAt = (ms: number) => Math.floor((ms * 16) / halfLifeMs);
    const now = Math.max(stepAt(nowMs), ...times(events).map((t) => stepAt(t) - stepAt(DAY) - 1));
    const ages = times(events).map((t) => Math.max(0, now - stepAt(t)));
    const left = ages.filter((age) => age <= 256).map((age) => 0.5 ** (age / 16));
    return present(Math.round(left.reduce((a, b) => a + b, 0) * 1e9) / 1e9);
  },
  decayed_sum(events, nowMs, { halfLifeMs = DAY, decimals }) {
    const stepAt = (ms: number) => Math.floor((ms * 16) / halfLifeMs);
    const now = Math.max(stepAt(nowMs), ...times(withNumber(events)).map((t) => stepAt(t) - stepAt(DAY) - 1));
    const left = (event: FeatureEvent) => Math.max(0, now - stepAt(event.timestampMs));
    const counted = withNumber(events).filter((event) => left(event) <= 256);
    const parts = counted.map((event) => unitsOf(event.fields.total, decimals) * BigInt(Math.round(0.5 ** (left(event) / 16) * 2 ** 40)));
    return present(Number(`${(parts.reduce((a, b) => a + b, 0n) * 10_000n) / 2n ** 40n}e-${decimals + 4}`));
  },
  streak(events, nowMs, { periodMs = DAY }) {
    const shift = periodMs === DAY ? 0 : 3 * DAY;
    const periods = new Set(times(events).map((t) => Math.floor((t + shift) / periodMs)));
    const newest = Math.max(...periods);
    if (Math.floor((nowMs + shift) / periodMs) > newest + 1) return present(0);
    let length = 0;
    while (periods.has(newest - length)) length++;
    return present(Math.min(366, length));
  },
  first: (events) => presentOrMissing(valueOfEvent(withValue(events).toSorted(byNewest).at(-1))),
  last: (events) => presentOrMissing(valueOfEvent(withValue(events).toSorted(byNewest)[0])),
  time_since(events, nowMs, { unitMs = DAY }) {
    return events.length === 0 ? missing : present(Math.floor(Math.max(0, nowMs - Math.max(...times(events))) / unitMs));
  },
  recent_items(events) {
    const uses = new Set(events.flatMap(({ timestampMs, items = [] }) => items.map((item) => JSON.stringify([timestampMs, item]))));
    const kept = [...uses].map((use): [number, string] => JSON.parse(use)).filter(([, item]) => item !== '' && item.length <= 64);
    const newest = kept.toSorted(([a, x], [b, y]) => b - a || (x < y ? -1 : 1)).slice(0, 512);
    if (newest.length === 0) return missing;
    const items = [...new Set(newest.map(([, item]) => item))];
    return present(items.map((item) => ({ item, atMs: newest.filter(([, other]) => other === item).map(([atMs]) => atMs) })));
  },
  mean_gap(events, _nowMs, { unitMs = DAY, minEvents = 2 }) {
    const sorted = times(events).toSorted((a, b) => a - b);
    const gaps = sorted.slice(1).map((t, i) => t - (sorted[i] ?? t));
    return events.length < minEvents ? missing : present(gaps.reduce((a, b) => a + b, 0) / gaps.length / unitMs);
  },
};
