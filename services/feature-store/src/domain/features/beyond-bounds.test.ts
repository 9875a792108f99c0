import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { seededRandom } from '@attune/kernel/random';
import { declarationsOf } from '@attune/testing/laws/feature-cases';
import { describe, expect, test } from 'vitest';
import { bucketed } from './bucketed.ts';
import type { FeatureEvent, FeatureKind } from './feature-kind.ts';
import { featureKinds } from './index.ts';
import { last } from './last.ts';
import { sum } from './sum.ts';
import { topK, USES_MAX } from './top-k.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 4, 5);

/** More events, values, items and names than any kind keeps, over 200 days. */
function manyEvents(): readonly FeatureEvent[] {
  const next = seededRandom('beyond the bounds');
  const below = (max: number) => Math.floor(next() * max);
  return Array.from({ length: 1_500 }, (_, i) => ({
    name: i % 5 === 0 ? 'Other' : 'Bought',
    timestampMs: START + below(200) * DAY + below(DAY),
    messageId: `m${i}`,
    fields: { total: i % 7 === 0 ? `text ${below(900)}` : (next() - 0.2) * 10 ** below(9), name: `b${below(60)}`, weight: 1 + below(4) },
    items: [`i${below(2_000)}`],
  }));
}

const events = manyEvents();
const next = seededRandom('another order');
const shuffled = events
  .map((event) => ({ event, place: next() }))
  .toSorted((a, b) => a.place - b.place)
  .map(({ event }) => event);

const folded = (kind: FeatureKind<unknown>, some: readonly FeatureEvent[], declaration: FeatureDeclaration): unknown =>
  some.reduce((state, event) => kind.step(state, event, declaration), kind.init());

describe('beyond what it keeps, a history in another order, or merged from parts, gives the same bytes', () => {
  const byName: readonly FeatureKind<unknown>[] = [bucketed(sum), bucketed(last)];
  const cases = [
    ...featureKinds.flatMap((kind) => declarationsOf(kind.spec).map((declaration) => ({ kind, declaration }))),
    ...byName.map((kind) => ({ kind, declaration: { name: 'by', kind: '', event: 'Bought', field: 'total', decimals: 2, purposes: [], by: 'name' } })),
  ];
  test.each(cases.map(({ kind, declaration }) => [kind.spec.keyword, declaration.name, kind, declaration] as const))(
    '%s %s',
    (_keyword, _name, kind, declaration) => {
      const bytes = kind.encode(folded(kind, events, declaration));
      expect(kind.encode(folded(kind, shuffled, declaration))).toEqual(bytes);
      const parts = [0, 500, 1_000].map((from) => folded(kind, shuffled.slice(from, from + 500), declaration));
      expect(kind.encode(parts.toReversed().reduce((a, b) => kind.merge(a, b, declaration)))).toEqual(bytes);
    },
  );
});

test('of more uses than are kept, the newest decide what weighs most', () => {
  const declaration: FeatureDeclaration = { name: 'f', kind: 'top_k', event: 'Bought', field: 'total', decimals: 2, purposes: [], k: 2 };
  const used = (total: string, i: number): FeatureEvent => ({ name: 'Bought', timestampMs: START + i, messageId: 'm', fields: { total } });
  const old = Array.from({ length: USES_MAX }, (_, i) => used('old', i));
  const newer = Array.from({ length: USES_MAX - 1 }, (_, i) => used(i % 3 === 0 ? 'rare' : 'often', USES_MAX + i));
  const read = (some: readonly FeatureEvent[]) =>
    topK.read(
      some.reduce((state, event) => topK.step(state, event, declaration), topK.init()),
      START,
      declaration,
    );
  expect(read([...old, ...newer])).toEqual({ status: 'present', value: ['often', 'rare'] });
  expect(read([...newer, ...old.slice(0, 3)])).toEqual({ status: 'present', value: ['often', 'rare'] });
  expect(read(old)).toEqual({ status: 'present', value: ['old'] });
});
