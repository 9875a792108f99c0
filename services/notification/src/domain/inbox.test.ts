import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as inboxes from './inbox.ts';
import {
  addItem,
  expireItems,
  INBOX_BYTES_MAX,
  INBOX_ITEM_BYTES_MAX,
  INBOX_ITEMS_MAX,
  INBOX_KEEP_MS,
  type Inbox,
  installItems,
  markRead,
  unreadOf,
} from './inbox.ts';

const item = (id: string, sentAtMs = 1, bytes = 10): inboxes.InboxItem => ({
  id,
  decisionId: `d_${id}`,
  campaign: 'c',
  offer: '',
  language: 'en',
  promotional: true,
  sentAtMs,
  readAtMs: 0,
  content: new Uint8Array(bytes),
});
const of = (items: readonly inboxes.InboxItem[]): Inbox => {
  const inbox: Inbox = new Map();
  for (const one of items) addItem(inbox, one);
  return inbox;
};
const id = fc.integer({ min: 0, max: 120 }).map(String);
const arrivals = fc.array(fc.tuple(id, fc.integer({ min: 1, max: INBOX_ITEM_BYTES_MAX + 2_000 })), { maxLength: 200 });

test('an inbox stays within its bounds, and holds the newest of what got in', () => {
  fc.assert(
    fc.property(arrivals, (given) => {
      const inbox = of(given.map(([name, bytes], at) => item(name, at + 1, bytes)));
      const bytes = [...inbox.values()].reduce((sum, { content }) => sum + content.length, 0);
      expect(inbox.size).toBeLessThanOrEqual(INBOX_ITEMS_MAX);
      expect(bytes).toBeLessThanOrEqual(INBOX_BYTES_MAX);
      const times = [...inbox.values()].map(({ sentAtMs }) => sentAtMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const fitting = given.flatMap(([name, size], at) => (size <= INBOX_ITEM_BYTES_MAX ? [{ name, at: at + 1 }] : []));
      if (fitting.length > 0) expect(inbox.has(fitting.at(-1)?.name ?? '')).toBe(true);
    }),
  );
});

test('a message that comes twice is one message, and stays read', () => {
  const inbox = of([item('a')]);
  markRead(inbox, ['a'], 5);
  addItem(inbox, item('a', 9));
  expect([...inbox.values()]).toEqual([{ ...item('a'), readAtMs: 5 }]);
});

test('which messages are read does not depend on the order or the number of marks', () => {
  const marks = fc.array(fc.array(id, { maxLength: 8 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 40 }), marks, fc.integer(), (names, given, seed) => {
      const [once, shuffled] = [of(names.map((name) => item(name))), of(names.map((name) => item(name)))];
      for (const ids of given) markRead(once, ids, 7);
      const turned = seed % 2 === 0 ? given.toReversed() : [...given, ...given];
      for (const ids of turned) markRead(shuffled, ids, 7);
      expect(shuffled).toEqual(once);
      expect(unreadOf(once)).toBe(names.filter((name) => !given.flat().includes(name)).length);
    }),
  );
});

test('the time of the first reading holds, and an unknown id changes nothing', () => {
  const inbox = of([item('a')]);
  markRead(inbox, ['a', 'b'], 5);
  markRead(inbox, ['a'], 9);
  expect([...inbox].map(([name, { readAtMs }]) => [name, readAtMs])).toEqual([['a', 5]]);
});

test('a message goes after its time, to the millisecond', () => {
  const inbox = of([item('a', 1), item('b', 2)]);
  expect(inboxes.nextExpiryMs(inbox)).toBe(INBOX_KEEP_MS + 1);
  sealed({ call: expireItems, given: () => [inbox, INBOX_KEEP_MS] as const, mayEdit: 0 });
  expect([...inbox.keys()]).toEqual(['a', 'b']);
  expireItems(inbox, INBOX_KEEP_MS + 1);
  expect([...inbox.keys()]).toEqual(['b']);
});

test('what lay in a visitor’s inbox gets its place in time, once, within the same bounds; what was read stays read', () => {
  const times = fc.array(fc.tuple(id, fc.integer({ min: 1, max: 50 }), fc.boolean()), { maxLength: 60 });
  const itemsOf = (given: readonly (readonly [string, number, boolean])[]) =>
    [...new Map(given.map(([name, at, read]) => [name, { ...item(name, at, 2_000), readAtMs: read ? 99 : 0 }])).values()].toSorted(
      (a, b) => a.sentAtMs - b.sentAtMs,
    );
  fc.assert(
    fc.property(times, times, (own, moved) => {
      const inbox = of(itemsOf(own));
      const items = itemsOf(moved);
      const all = new Set([...inbox.keys(), ...items.map((one) => one.id)]);
      const read = new Set([...inbox.values(), ...items].flatMap((one) => (one.readAtMs > 0 ? [one.id] : [])));
      installItems(inbox, items);
      const order = [...inbox.values()].map(({ sentAtMs }) => sentAtMs);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect([...inbox.values()].reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(INBOX_BYTES_MAX);
      if (all.size * 2_000 <= INBOX_BYTES_MAX) expect(new Set(inbox.keys())).toEqual(all);
      expect(unreadOf(inbox)).toBe([...inbox.keys()].filter((name) => !read.has(name)).length);
      const once = [...inbox];
      if (all.size * 2_000 <= INBOX_BYTES_MAX) installItems(inbox, items);
      expect([...inbox]).toEqual(once);
    }),
  );
});
