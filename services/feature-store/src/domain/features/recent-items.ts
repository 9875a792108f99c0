import { type FeatureEvent, type FeatureKind, folds, type ItemUse, missing, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 2;
/** The version before: it is still read. */
const LISTED = 1;

/** So many uses are kept: the newest, each item once a moment. */
export const USES_MAX = 512;
/** An item with a longer id, in UTF-16 units, is passed over: it would take the place of many. */
const ID_LENGTH_MAX = 64;

/** What was used at one moment. */
interface Moment {
  readonly atMs: number;
  /** In order, none twice. */
  readonly items: readonly string[];
}

/**
 * Moments in bytes, the newest first, none twice; of more uses than are kept the newest. The newest of two such sets together are those of all: so order cannot
 * matter. A history is written at each of its events, of which all but the newest are old, and nothing of it is read meanwhile: so it lies as it is written.
 */
export interface RecentItems {
  /** As `encode` answers them; never edited. */
  readonly bytes: Uint8Array;
  readonly uses: number;
  /** The newest moment; none is earlier than all. */
  readonly newestMs: number;
}

const none: RecentItems = { bytes: Uint8Array.of(VERSION), uses: 0, newestMs: Number.NEGATIVE_INFINITY };

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
  init: () => none,
  step: (state, event, declaration) => (folds(declaration, event) ? withUses(state, event) : state),
  merge(a, b) {
    if (a.uses === 0 || b.uses === 0) return a.uses === 0 ? b : a;
    return written(union(momentsOf(a), momentsOf(b)));
  },
  read: (state) => (state.uses === 0 ? missing : present(byItem(momentsOf(state)))),
  encode: ({ bytes }) => bytes,
  decode(bytes) {
    if (bytes[0] === LISTED) return written(listed(bytes));
    const reader = new StateReader(bytes, VERSION);
    let uses = 0;
    let newestMs = none.newestMs;
    while (!reader.ended) {
      newestMs = Math.max(newestMs, reader.whole());
      const items = reader.whole();
      reader.pastTexts(items);
      uses += items;
    }
    return { bytes: new Uint8Array(bytes), uses, newestMs };
  },
};

/** Each use by itself, as the time before the one above it, and its item. Folds that moved lie in the log in this shape. */
function listed(bytes: Uint8Array): readonly Moment[] {
  const reader = new StateReader(bytes, LISTED);
  const moments = new Map<number, string[]>();
  let atMs = 0;
  for (let left = reader.whole(); left > 0; left--) {
    atMs -= reader.whole();
    const known = moments.get(atMs);
    if (known) known.push(reader.text());
    else moments.set(atMs, [reader.text()]);
  }
  return [...moments].map(([moment, items]) => ({ atMs: moment, items }));
}

/** What happens after all else stands before it, unread; what does not finds its place. */
function withUses(state: RecentItems, { timestampMs: atMs, items = [] }: FeatureEvent): RecentItems {
  const ordered = items.filter((item) => item !== '' && item.length <= ID_LENGTH_MAX).toSorted();
  const used = ordered.filter((item, i) => item !== ordered[i - 1]).slice(0, USES_MAX);
  if (used.length === 0) return state;
  if (atMs <= state.newestMs) return written(union([{ atMs, items: used }], momentsOf(state)));
  const writer = writeMoment(new StateWriter(VERSION), { atMs, items: used });
  const kept = Math.min(state.uses, USES_MAX - used.length);
  writeNewest(writer, state, kept);
  return { bytes: writer.done(), uses: used.length + kept, newestMs: atMs };
}

function writeMoment(writer: StateWriter, { atMs, items }: Moment): StateWriter {
  writer.whole(atMs).whole(items.length);
  for (const item of items) writer.text(item);
  return writer;
}

/** Appends so many of the newest uses; of the last moment the first items. */
function writeNewest(writer: StateWriter, { bytes, uses }: RecentItems, kept: number): void {
  if (kept === uses) {
    writer.raw(bytes.subarray(1));
    return;
  }
  const reader = new StateReader(bytes, VERSION);
  for (let left = kept; left > 0; ) {
    const from = reader.at;
    const [atMs, items] = [reader.whole(), reader.whole()];
    const texts = reader.at;
    reader.pastTexts(Math.min(items, left));
    if (items <= left) writer.raw(bytes.subarray(from, reader.at));
    else writer.whole(atMs).whole(left).raw(bytes.subarray(texts, reader.at));
    left -= Math.min(items, left);
  }
}

function written(moments: readonly Moment[]): RecentItems {
  const writer = new StateWriter(VERSION);
  let uses = 0;
  for (const { atMs, items } of moments) {
    if (uses === USES_MAX) break;
    const kept = items.length <= USES_MAX - uses ? items : items.slice(0, USES_MAX - uses);
    writeMoment(writer, { atMs, items: kept });
    uses += kept.length;
  }
  return { bytes: writer.done(), uses, newestMs: moments[0]?.atMs ?? none.newestMs };
}

function momentsOf({ bytes }: RecentItems): readonly Moment[] {
  const reader = new StateReader(bytes, VERSION);
  const moments: Moment[] = [];
  while (!reader.ended) moments.push({ atMs: reader.whole(), items: Array.from({ length: reader.whole() }, () => reader.text()) });
  return moments;
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Both lists are in order: one walk along them. */
function union(a: readonly Moment[], b: readonly Moment[]): readonly Moment[] {
  const all: Moment[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [left, right] = [a[i], b[j]];
    const isLeft = left !== undefined && (right === undefined || left.atMs >= right.atMs);
    const isRight = right !== undefined && (left === undefined || right.atMs >= left.atMs);
    if (isLeft) i++;
    if (isRight) j++;
    if (isLeft) all.push(isRight ? { atMs: left.atMs, items: [...new Set([...left.items, ...right.items])].toSorted(inOrder) } : left);
    else if (isRight) all.push(right);
  }
  return all;
}

function byItem(moments: readonly Moment[]): readonly ItemUse[] {
  const uses = new Map<string, number[]>();
  for (const { atMs, items } of moments)
    for (const item of items) {
      const known = uses.get(item);
      if (known === undefined) uses.set(item, [atMs]);
      else known.push(atMs);
    }
  return [...uses].map(([item, atMs]) => ({ item, atMs }));
}
