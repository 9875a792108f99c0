/** How a number changed over time, exactly: the sums of its changes by spans of whole days. The order in which changes come does not matter. */
export interface SizeHistory {
  /** Days in a span. */
  readonly days: number;
  /** By number of the span since 1970, what was added in it. */
  readonly added: Readonly<Record<number, number>>;
}

/** Spans that are kept; beyond it each is twice as long, so that nothing is forgotten but the day. */
export const SPANS_MAX = 128;

const DAY_MS = 86_400_000;

/** Before the first change. */
export const noHistory: SizeHistory = { days: 1, added: {} };

/** The history with a change at a moment in ms since 1970. */
export function withChange({ days, added }: SizeHistory, atMs: number, change: number): SizeHistory {
  const span = Math.floor(atMs / DAY_MS / days);
  return shortened({ days, added: { ...added, [span]: (added[span] ?? 0) + change } });
}

/** Both together. */
export function addHistories(a: SizeHistory, b: SizeHistory): SizeHistory {
  const days = Math.max(a.days, b.days);
  const added: Record<number, number> = { ...widened(a, days).added };
  for (const [span, change] of Object.entries(widened(b, days).added)) added[Number(span)] = (added[Number(span)] ?? 0) + change;
  return shortened({ days, added });
}

/** The sizes at the ends of the spans in which it changed, by time. */
export function sizesOf({ days, added }: SizeHistory): readonly { readonly fromMs: number; readonly size: number }[] {
  let size = 0;
  return spansOf(added).map((span) => {
    size += added[span] ?? 0;
    return { fromMs: span * days * DAY_MS, size };
  });
}

const spansOf = (added: SizeHistory['added']): readonly number[] =>
  Object.keys(added)
    .map(Number)
    .toSorted((a, b) => a - b);

const shortened = (history: SizeHistory): SizeHistory =>
  Object.keys(history.added).length > SPANS_MAX ? shortened(widened(history, 2 * history.days)) : history;

/** `days` is a power of two times what it was. */
function widened({ days: before, added }: SizeHistory, days: number): SizeHistory {
  if (days === before) return { days, added };
  const wide: Record<number, number> = {};
  for (const [span, change] of Object.entries(added)) {
    const into = Math.floor((Number(span) * before) / days);
    wide[into] = (wide[into] ?? 0) + change;
  }
  return { days, added: wide };
}
