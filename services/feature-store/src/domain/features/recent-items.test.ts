import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeatureEvent, ItemUse } from './feature-kind.ts';
import { present } from './feature-kind.ts';
import { recentItems, USES_MAX } from './recent-items.ts';

const declaration = { name: 'bought', kind: 'recent_items', event: 'Bought', decimals: 0, purposes: [] };
const event: fc.Arbitrary<FeatureEvent> = fc
  .record({ atMs: fc.integer({ min: -3, max: 40 }), items: fc.array(fc.nat(300).map(String), { minLength: 1, maxLength: 120, size: 'max' }) })
  .map(({ atMs, items }) => ({ name: 'Bought', timestampMs: atMs * 1_000, messageId: '', fields: {}, items }));
const history = fc.array(event, { minLength: 1, maxLength: 24, size: 'max' });

/** The newest uses of all, by their definition. */
function newestUses(events: readonly FeatureEvent[]): readonly ItemUse[] {
  const uses = new Map(events.flatMap(({ timestampMs: atMs, items = [] }) => items.map((item) => [`${atMs}/${item}`, { atMs, item }] as const)));
  const kept = [...uses.values()].toSorted((a, b) => b.atMs - a.atMs || (a.item < b.item ? -1 : 1)).slice(0, USES_MAX);
  const items = new Set(kept.map(({ item }) => item));
  return [...items].map((item) => ({ item, atMs: kept.filter((use) => use.item === item).map(({ atMs }) => atMs) }));
}

const stepped = (events: readonly FeatureEvent[]) => events.reduce((state, one) => recentItems.step(state, one, declaration), recentItems.init());

test('the newest uses are kept, in whatever order they come, and are read from the bytes as they were', () => {
  fc.assert(
    fc.property(history, (events) => {
      const state = stepped(events);
      const bytes = recentItems.encode(state);
      expect(recentItems.read(state, 0, declaration)).toEqual(present(newestUses(events)));
      expect(recentItems.decode(bytes)).toEqual(state);
      // In order each moment goes before what stands there unread.
      expect(recentItems.encode(stepped(events.toSorted((a, b) => a.timestampMs - b.timestampMs)))).toEqual(bytes);
    }),
    { numRuns: 60 },
  );
});
