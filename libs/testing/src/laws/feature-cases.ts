import type { EventCondition, FeatureDeclaration, FeatureKindSpec } from '@attune/kernel/feature-kind';
import fc from 'fast-check';

/** An event as a feature sees it. */
export interface LawEvent {
  readonly name: string;
  readonly timestampMs: number;
  readonly messageId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly items?: readonly string[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const BASE_MS = Date.UTC(2026, 2, 1);
const WINDOWS: Readonly<Record<string, number>> = { '1m': MINUTE_MS, '121m': 121 * MINUTE_MS, '90d': 90 * DAY_MS };

/** Moments that meet: the same ms, the edges of tiles and windows and 1 ms beside them, and any other, over 200 days. */
const moment = fc.oneof(
  fc.integer({ min: 0, max: 200 * DAY_MS }).map((ms) => BASE_MS + ms),
  fc
    .record({
      tile: fc.constantFrom(MINUTE_MS, HOUR_MS, DAY_MS),
      tiles: fc.integer({ min: -2, max: 2 }),
      windowMs: fc.constantFrom(0, ...Object.values(WINDOWS)),
      beside: fc.integer({ min: -1, max: 1 }),
    })
    .map(({ tile, tiles, windowMs, beside }) => BASE_MS + 100 * DAY_MS + tile * tiles + windowMs + beside),
);

/** A moment to read at, near the events. */
export const lawMoment: fc.Arbitrary<number> = moment;

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -100_000, max: 10_000_000 }).map((cents) => cents / 100) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(0.1, 0.2, 1.005, -0, 1e21, 2 ** 53, 'gold', '', '\ud800', true, false, null, undefined, Number.NaN, [1]) },
);

/** More of them than have a bucket of their own, and some that never have one. */
const bucketName = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 29 }).map((i) => `b${i}`) },
  { weight: 1, arbitrary: fc.constantFrom('b1', 'other', '', 'é', '__proto__', 'x'.repeat(65), undefined) },
);

const items = fc.array(fc.constantFrom('10002', '85123A', 'é', '', '\ud800', 'x'.repeat(65)), { maxLength: 4 });

const event: fc.Arbitrary<LawEvent> = fc
  .record({
    name: fc.constantFrom('Bought', 'Bought', 'Bought', 'Other'),
    timestampMs: moment,
    messageId: fc.constantFrom('a', 'b', 'B', 'é', 'ab'),
    value,
    items,
    bucket: bucketName,
    rows: fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.record({ total: value, name: bucketName }).map((row) => ({ ...row })) },
        fc.constantFrom<unknown>(null, 'gold', 7, [1]),
      ),
      {
        maxLength: 4,
      },
    ),
  })
  .map(({ value: total, items: each, bucket: name, rows, ...rest }) => ({
    ...rest,
    fields: { ...(total !== undefined && { total }), ...(name !== undefined && { name, weight: name.length - 1 }), rows },
    items: each,
  }));

/** Histories of the event that the declarations fold, and another one, in any order, with ties in time and id. */
export const lawEvents: fc.Arbitrary<LawEvent[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(event, { maxLength: 25 }) },
  { weight: 1, arbitrary: fc.array(event, { maxLength: 6 }).map((events) => events.map((one) => ({ ...one, timestampMs: BASE_MS + 100 * DAY_MS }))) },
);

/** The same, without totals beside which a double no longer shows a cent. */
export const modestEvents: fc.Arbitrary<LawEvent[]> = lawEvents.map((events) => events.filter(({ fields }) => !(Math.abs(Number(fields['total'])) > 2 ** 40)));

/** Events at a steady pace, each of them as large as an event may be: numbers of every size, long texts of letters that need many bytes, and long ids. */
export const manyEvents = (events: number, everyMs: number): LawEvent[] =>
  Array.from({ length: events }, (_, i) => ({
    name: 'Bought',
    timestampMs: BASE_MS + i * everyMs,
    messageId: `${i}`.padStart(256, '語'),
    fields: {
      total: largeValue(i),
      name: `${i % 97}`.padStart(64, '語'),
      weight: 1e15 / (i + 1),
      rows: [{ total: largeValue(i + 1), name: `${i % 89}`.padStart(64, '語') }],
    },
    items: [0, 1, 2].map((line) => String(10_000 + ((i * 31 + line) % 4_000)).padStart(64, '語')),
  }));

function largeValue(i: number): unknown {
  const size = 10 ** ((i * 7) % 24) * 1e-8;
  if (i % 4 === 0) return `${i}`.padStart([128, 512, 1_024][i % 3] ?? 0, i % 8 === 0 ? '語' : '\u0001');
  return Math.min(1e15, ((i * 7919) % 100_003) * size) * (i % 5 === 0 ? -1 : 1);
}

const overThousand: EventCondition = { source: 'total > 1000', reads: ['total'], holds: ({ total }) => typeof total === 'number' && total > 1_000 };

/** Declarations that a spec allows: each window and all time, each unit, each count, and a condition. */
export function declarationsOf(spec: FeatureKindSpec): FeatureDeclaration[] {
  const plain = { name: 'plain', kind: spec.keyword, event: 'Bought', decimals: 2, purposes: [], ...neededBy(spec) };
  const declarations: FeatureDeclaration[] = [plain];
  for (const { type } of Object.values(spec.options)) {
    if (type === 'window') for (const [name, windowMs] of Object.entries(WINDOWS)) declarations.push({ ...plain, name: `window ${name}`, windowMs });
    if (type === 'unit') declarations.push({ ...plain, name: 'in hours', unitMs: HOUR_MS });
    if (type === 'k') declarations.push({ ...plain, name: 'three of them', k: 3 });
    if (type === 'field') declarations.push({ ...plain, name: 'weighed', weight: 'weight' });
    if (type === 'period') declarations.push({ ...plain, name: 'by week', periodMs: 7 * DAY_MS });
    if (type === 'half_life') declarations.push({ ...plain, name: 'half after an hour', halfLifeMs: HOUR_MS });
    if (type === 'percent') declarations.push({ ...plain, name: 'the 90th', percent: 90 });
    if (type === 'count') declarations.push({ ...plain, name: 'from 4 events', minEvents: 4 });
  }
  if (spec.operand === 'field') declarations.push({ ...plain, name: 'whole numbers', decimals: 0 });
  declarations.push({ ...plain, name: 'where the total is more than 1,000', where: overThousand });
  return declarations;
}

/** What a declaration of the kind must have. */
function neededBy({ operand, options }: FeatureKindSpec): Partial<FeatureDeclaration> {
  const types = new Set(Object.values(options).map(({ type }) => type));
  return {
    ...(operand === 'field' && { field: 'total' }),
    ...(operand === 'event' && types.has('event') && { per: 'Other' }),
    ...(types.has('period') && { periodMs: DAY_MS }),
    ...(types.has('half_life') && options['half_life']?.required === true && { halfLifeMs: 30 * DAY_MS }),
  };
}
