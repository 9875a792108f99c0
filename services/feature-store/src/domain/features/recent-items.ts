import { type FeatureEvent, type FeatureKind, folds, type ItemUse, missing, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;

/** So many uses are kept: the newest, each item once a moment. */
export const USES_MAX = 512;
/** An item with a longer id, in UTF-16 units, is passed over: it would take the place of many. */
const ID_LENGTH_MAX = 64;

interface Use {
  readonly atMs: number;
  readonly item: string;
}

/** The newest uses first, ties by item, none twice. The newest of two such sets together are those of all: so order cannot matter. */
export type RecentItems = readonly Use[];

/** The items of the event's lines and when they were used, the newest use first; of the 512 newest uses. Missing before the first. */
export const recentItems: FeatureKind<RecentItems> = {
  spec: {
    keyword: 'recent_items',
    operand: 'event',
    options: {},
    result: 'items',
    bytesMax: () => 8 + USES_MAX * (7 + 3 + 3 * ID_LENGTH_MAX),
    doc: "The items of the event's `lines`, or its `item`, and when; the 512 newest uses count. For recommenders: no condition can name it.",
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? union(state, usesOf(event)) : state),
  merge: union,
  read: (state) => (state.length === 0 ? missing : present(byItem(state))),
  encode(state) {
    const writer = new StateWriter(VERSION).whole(state.length);
    let after = 0;
    for (const { atMs, item } of state) {
      writer.whole(after - atMs).text(item);
      after = atMs;
    }
    return writer.done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    let after = 0;
    return Array.from({ length: reader.whole() }, () => {
      after -= reader.whole();
      return { atMs: after, item: reader.text() };
    });
  },
};

function usesOf({ timestampMs: atMs, lines = [] }: FeatureEvent): RecentItems {
  const items = new Set(lines.map(({ item }) => item).filter((item) => item !== '' && item.length <= ID_LENGTH_MAX));
  return [...items].map((item) => ({ atMs, item })).toSorted(newestFirst);
}

const newestFirst = (a: Use, b: Use): number => b.atMs - a.atMs || (a.item < b.item ? -1 : a.item > b.item ? 1 : 0);

/** Both lists are in order: one walk along them. */
function union(a: RecentItems, b: RecentItems): RecentItems {
  if (a.length === 0 || b.length === 0) return (a.length === 0 ? b : a).slice(0, USES_MAX);
  const all: Use[] = [];
  for (let i = 0, j = 0; all.length < USES_MAX && (i < a.length || j < b.length); ) {
    const [left, right] = [a[i], b[j]];
    const order = left === undefined ? 1 : right === undefined ? -1 : newestFirst(left, right);
    if (order <= 0) i++;
    if (order >= 0) j++;
    const next = order <= 0 ? left : right;
    if (next !== undefined) all.push(next);
  }
  return all;
}

function byItem(state: RecentItems): readonly ItemUse[] {
  const uses = new Map<string, number[]>();
  for (const { item, atMs } of state) {
    const known = uses.get(item);
    if (known === undefined) uses.set(item, [atMs]);
    else known.push(atMs);
  }
  return [...uses].map(([item, atMs]) => ({ item, atMs }));
}
