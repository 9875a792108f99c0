import type { FeatureDeclaration, FeatureKindSpec } from '@attune/kernel/feature-kind';
import { featureLaws, type Oracle } from '@attune/testing/laws/feature-laws';
import { describe, expect, test } from 'vitest';
import { bucketed, keywordBy } from './bucketed.ts';
import { eachEntry } from './each-entry.ts';
import type { FeatureEvent, FeatureKind } from './feature-kind.ts';
import { lastK } from './last-k.ts';
import { oracles } from './oracles.fixture.ts';
import { percentile } from './percentile.ts';
import { rate } from './rate.ts';
import { sum } from './sum.ts';
import { timeSince } from './time-since.ts';
import { uniqueCount } from './unique-count.ts';

const [HOUR, DAY] = [3_600_000, 86_400_000] as const;
const T = Date.UTC(2026, 4, 5);
const plain: FeatureDeclaration = { name: 'plain', kind: '', event: 'Bought', field: 'total', decimals: 2, purposes: [] };
const overHundred = {
  source: 'total > 100',
  reads: ['total'],
  holds: ({ total }: Readonly<Record<string, unknown>>) => typeof total === 'number' && total > 100,
};

/** The entries as events of their own. */
const entriesOf = (events: readonly FeatureEvent[]): readonly FeatureEvent[] =>
  events.flatMap((event) =>
    [event.fields['rows']].flat().flatMap((row: unknown) => {
      if (row === null || row === undefined || Array.isArray(row)) return [];
      return [{ ...event, fields: { ...event.fields, ...(typeof row === 'object' ? row : { rows: row }) } }];
    }),
  );

const isPresent = (answer: unknown): answer is { readonly value: unknown } => typeof answer === 'object' && answer !== null && 'value' in answer;

/** Which names have a bucket is told from all names at once. */
const byOracle =
  (inner: Oracle | undefined): Oracle =>
  (events, nowMs, declaration) => {
    const named = events.flatMap((event) => {
      const { name } = event.fields;
      return typeof name === 'string' ? [{ event, name: name.length > 64 || name === '__proto__' ? 'other' : name }] : [];
    });
    const names = [...new Set(named.map(({ name }) => name))].filter((name) => name !== 'other').toSorted();
    const buckets = Map.groupBy(named, ({ name }) => (names.slice(0, 20).includes(name) ? name : 'other'));
    const answers = [...buckets].map(
      ([name, of]) =>
        [
          name,
          inner?.(
            of.map(({ event }) => event),
            nowMs,
            declaration,
          ),
        ] as const,
    );
    return { status: 'present', value: Object.fromEntries(answers.flatMap(([name, answer]) => (isPresent(answer) ? [[name, answer.value]] : []))) };
  };

const eachOracle =
  (inner: Oracle | undefined): Oracle =>
  (events, nowMs, declaration) =>
    inner?.(
      entriesOf(events).filter(({ fields }) => declaration.where?.holds(fields) ?? true),
      nowMs,
      declaration,
    );

describe('by', () => {
  const kinds: readonly FeatureKind<unknown>[] = [sum, uniqueCount, timeSince, lastK, rate];
  const declared = ({ keyword, options }: FeatureKindSpec): FeatureDeclaration[] => [
    { ...plain, by: 'name', ...(options['per'] && { per: 'Other' }) },
    // What `unique_count` keeps of a window is too large for it.
    ...(keyword !== keywordBy('unique_count')
      ? [{ ...plain, name: 'in a window', by: 'name', windowMs: 90 * DAY, ...(options['per'] && { per: 'Other' }) }]
      : []),
    { ...plain, name: 'with a condition', by: 'name', where: overHundred },
  ];
  featureLaws(kinds.map(bucketed), Object.fromEntries(kinds.map(({ spec: { keyword } }) => [keywordBy(keyword), byOracle(oracles[keyword])])), declared);
});

describe('each', () => {
  const declared = (): FeatureDeclaration[] => [
    { ...plain, each: 'rows' },
    { ...plain, name: 'in a window with a condition', each: 'rows', windowMs: 90 * DAY, where: overHundred },
  ];
  const kinds: readonly FeatureKind<unknown>[] = [sum, percentile];
  featureLaws(kinds.map(eachEntry), { sum: eachOracle(oracles['sum']), percentile: eachOracle(oracles['percentile']) }, declared);
  const both = { [keywordBy('sum')]: eachOracle(byOracle(oracles['sum'])) };
  featureLaws([eachEntry<unknown>(bucketed(sum))], both, () => [{ ...plain, name: 'and by', each: 'rows', by: 'name' }]);
});

const bought = (fields: Readonly<Record<string, unknown>>, timestampMs = T): FeatureEvent => ({ name: 'Bought', timestampMs, messageId: 'm', fields });

function valueAfter(kind: FeatureKind<unknown>, events: readonly FeatureEvent[], declaration: FeatureDeclaration): unknown {
  return kind.read(
    events.reduce((state, event) => kind.step(state, event, declaration), kind.init()),
    T,
    declaration,
  );
}

test('an entry has the fields of its event, and its own before them', () => {
  const where = { source: '', reads: ['currency'], holds: ({ currency }: Readonly<Record<string, unknown>>) => currency === 'GBP' };
  const lines = [{ category: 'Mugs', total: 3 }, { category: 'Mugs', total: 4, currency: 'EUR' }, { category: 'Lamps' }, 'Mugs', null];
  const events = [bought({ total: 10, currency: 'GBP', lines })];
  expect(valueAfter(eachEntry<unknown>(bucketed(sum)), events, { ...plain, each: 'lines', by: 'category', where })).toEqual({
    status: 'present',
    value: { Mugs: 3, Lamps: 10 },
  });
});

test('an entry that is a plain value stands under the name of the list', () => {
  const events = [bought({ tags: ['a', 'b', 'a'] }), bought({ tags: ['b', 'c'] }), bought({ tags: 'd' })];
  expect(valueAfter(eachEntry<unknown>(uniqueCount), events, { ...plain, field: 'tags', each: 'tags' })).toEqual({ status: 'present', value: 3 });
});

test('of more names than there are buckets the first by name stand apart, and nothing of the others is lost', () => {
  const names = Array.from({ length: 30 }, (_, i) => `n${String(29 - i).padStart(2, '0')}`);
  const events = names.map((name) => bought({ name, total: 2 }));
  const own = names.toSorted().slice(0, 20);
  expect(valueAfter(bucketed<unknown>(sum), events, { ...plain, by: 'name' })).toEqual({
    status: 'present',
    value: { ...Object.fromEntries(own.map((name) => [name, 2])), other: 20 },
  });
});

test('the next change is the first of any bucket', () => {
  const kind = bucketed<unknown>(sum);
  const declaration = { ...plain, by: 'name', windowMs: HOUR };
  const events = [bought({ name: 'b', total: 1 }, T + 120_000), bought({ name: 'a', total: 1 }, T)];
  const state = events.reduce((s, event) => kind.step(s, event, declaration), kind.init());
  expect(kind.nextChangeMs?.(state, T, declaration)).toBe(T + 60_000 + HOUR);
});
