import { type FeatureEvent, type FeatureKind, folds, type ItemUse, missing, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 2;
/** The version before: it is still read. */
const LISTED = 1;

/** So many uses are kept: the newest, each item once a moment. */
export const USES_MAX = 512;
/** An item with a longer id, in UTF-16 units, is passed over: it would take the place of many. */
const ID_LENGTH_MAX = 64;

/** What was used at one moment, with its bytes: a history is written at each of its events, of which most are old. */
interface Moment {
  readonly atMs: number;
  /** In order, none twice. */
  readonly items: readonly string[];
  readonly bytes: Uint8Array;
}

/** The newest moment first, none twice; as many uses as are kept. The newest of two such sets together are those of all: so order cannot matter. */
export type RecentItems = readonly Moment[];

/** The items of the event's lines and when they were used, the newest use first; of the 512 newest uses. Missing before the first. */
export const recentItems: FeatureKind<RecentItems> = {
  spec: {
    keyword: 'recent_items',
    operand: 'event',
    options: {},
    result: 'items',
    bytesMax: () => 8 + USES_MAX * (7 + 2 + 3 + 3 * ID_LENGTH_MAX),
    doc: "The items of the event's `lines`, or its `item`, and when; the 512 newest uses count. For recommenders: no condition can name it.",
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? union(state, usesOf(event)) : state),
  merge: union,
  read: (state) => (state.length === 0 ? missing : present(byItem(state))),
  encode(state) {
    const bytes = new Uint8Array(1 + state.reduce((sum, moment) => sum + moment.bytes.length, 0));
    bytes[0] = VERSION;
    let at = 1;
    for (const moment of state) {
      bytes.set(moment.bytes, at);
      at += moment.bytes.length;
    }
    return bytes;
  },
  decode(bytes) {
    if (bytes[0] === LISTED) return listed(bytes);
    const reader = new StateReader(bytes, VERSION);
    const moments: Moment[] = [];
    while (!reader.ended) {
      const from = reader.at;
      const [atMs, items] = [reader.whole(), Array.from({ length: reader.whole() }, () => reader.text())];
      moments.push({ atMs, items, bytes: Uint8Array.prototype.slice.call(bytes, from, reader.at) });
    }
    return moments;
  },
};

/** Each use by itself, as the time before the one above it, and its item. Folds that moved lie in the log in this shape. */
function listed(bytes: Uint8Array): RecentItems {
  const reader = new StateReader(bytes, LISTED);
  const moments = new Map<number, string[]>();
  let atMs = 0;
  for (let left = reader.whole(); left > 0; left--) {
    atMs -= reader.whole();
    const known = moments.get(atMs);
    if (known) known.push(reader.text());
    else moments.set(atMs, [reader.text()]);
  }
  return [...moments].map(([moment, items]) => momentOf(moment, items));
}

function momentOf(atMs: number, items: readonly string[]): Moment {
  const writer = new StateWriter(VERSION).whole(atMs).whole(items.length);
  for (const item of items) writer.text(item);
  return { atMs, items, bytes: writer.done(1) };
}

function usesOf({ timestampMs: atMs, items = [] }: FeatureEvent): RecentItems {
  const ordered = items.filter((item) => item !== '' && item.length <= ID_LENGTH_MAX).toSorted();
  const used = ordered.filter((item, i) => item !== ordered[i - 1]);
  return used.length === 0 ? [] : bounded([momentOf(atMs, used)]);
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Both lists are in order: one walk along them. */
function union(a: RecentItems, b: RecentItems): RecentItems {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const all: Moment[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [left, right] = [a[i], b[j]];
    const isLeft = left !== undefined && (right === undefined || left.atMs >= right.atMs);
    const isRight = right !== undefined && (left === undefined || right.atMs >= left.atMs);
    if (isLeft) i++;
    if (isRight) j++;
    if (isLeft) all.push(isRight ? momentOf(left.atMs, [...new Set([...left.items, ...right.items])].toSorted(inOrder)) : left);
    else if (isRight) all.push(right);
  }
  return bounded(all);
}

/** The newest uses; of the last moment the first items. */
function bounded(moments: readonly Moment[]): RecentItems {
  let left = USES_MAX;
  const kept: Moment[] = [];
  for (const moment of moments) {
    if (left === 0) break;
    kept.push(moment.items.length <= left ? moment : momentOf(moment.atMs, moment.items.slice(0, left)));
    left -= Math.min(left, moment.items.length);
  }
  return kept;
}

function byItem(state: RecentItems): readonly ItemUse[] {
  const uses = new Map<string, number[]>();
  for (const { atMs, items } of state)
    for (const item of items) {
      const known = uses.get(item);
      if (known === undefined) uses.set(item, [atMs]);
      else known.push(atMs);
    }
  return [...uses].map(([item, atMs]) => ({ item, atMs }));
}
