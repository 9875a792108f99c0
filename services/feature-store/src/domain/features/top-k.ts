import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { leftAfter, stepOf } from './decay.ts';
import { type FeatureEvent, type FeatureKind, folds, NUMBER_MAX, present } from './feature-kind.ts';
import { K_DEFAULT, LISTED_TEXT_MAX } from './listed-values.ts';
import { inWindow } from './recent-values.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;
/** So many uses count: the newest. */
export const USES_MAX = 256;

interface Use {
  readonly atMs: number;
  readonly value: string;
  readonly weight: number;
}

/** Newest first, of one moment by value, then the heavier: the newest of two such lists together are those of all, so order cannot matter. */
export type TopK = readonly Use[];

/**
 * The values of a field with the greatest weight together, the heaviest first, of one weight by name. An event weighs 1, or what the field `weight` says; one
 * that weighs no more than 0 does not count. Exact over the 256 newest uses: a sketch that keeps heavy values instead would depend on the order of events.
 * With a half-life a use weighs half after each; all of them move in the same steps, so time alone never changes their order.
 */
export const topK: FeatureKind<TopK> = {
  spec: {
    keyword: 'top_k',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      k: { type: 'k', required: true, doc: 'How many.' },
      weight: {
        type: 'field',
        required: false,
        doc: 'The field that says how much an event weighs, such as `quantity`; 1 when absent. What is not more than 0 does not count.',
      },
      half_life: { type: 'half_life', required: false, doc: 'After so long an event weighs half; from 1h to a year. Absent = it weighs the same for ever.' },
      window: { type: 'window', required: false, doc: 'Only events that are not older than this count, to the millisecond; all time when absent.' },
    },
    result: 'texts',
    bytesMax: () => 8 + USES_MAX * (7 + 8 + 3 * LISTED_TEXT_MAX + 2),
    doc: 'The `k` values of a field that weigh most together, the heaviest first; of the 256 newest events that carry it.',
  },
  init: () => [],
  step(state, event, declaration) {
    const use = folds(declaration, event) ? useOf(event, declaration) : undefined;
    return use === undefined ? state : joined(state, [use]);
  },
  merge: joined,
  read: (state, nowMs, declaration) => present(topOf(within(state, nowMs, declaration), declaration)),
  nextChangeMs(state, nowMs, declaration) {
    const { windowMs } = declaration;
    if (windowMs === undefined) return undefined;
    const uses = within(state, nowMs, declaration);
    const now = JSON.stringify(topOf(uses, declaration));
    for (let left = uses.length; left > 0; ) {
      const leaving = uses[left - 1]?.atMs ?? 0;
      while (left > 0 && uses[left - 1]?.atMs === leaving) left--;
      if (JSON.stringify(topOf(uses.slice(0, left), declaration)) !== now) return leaving + windowMs + 1;
    }
    return undefined;
  },
  encode(state) {
    const writer = new StateWriter(VERSION).whole(state.length);
    state.forEach(({ atMs, value, weight }, i) => {
      writer
        .whole((state[i - 1]?.atMs ?? 0) - atMs)
        .text(value)
        .double(weight);
    });
    return writer.done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    let atMs = 0;
    return Array.from({ length: reader.whole() }, () => {
      atMs -= reader.whole();
      return { atMs, value: reader.text(), weight: reader.double() };
    });
  },
};

function useOf({ timestampMs: atMs, fields }: FeatureEvent, { field = '', weight: weighedBy }: FeatureDeclaration): Use | undefined {
  const value = fields[field];
  const weight = weighedBy === undefined ? 1 : fields[weighedBy];
  if (typeof weight !== 'number' || !(weight > 0) || weight > NUMBER_MAX) return undefined;
  if (typeof value === 'number' && Math.abs(value) <= NUMBER_MAX) return { atMs, value: String(value), weight };
  return typeof value === 'string' && value.length <= LISTED_TEXT_MAX ? { atMs, value, weight } : undefined;
}

const newestFirst = (a: Use, b: Use): number => b.atMs - a.atMs || (a.value < b.value ? -1 : a.value > b.value ? 1 : b.weight - a.weight);

function joined(a: TopK, b: TopK): TopK {
  return [...a, ...b].toSorted(newestFirst).slice(0, USES_MAX);
}

const within = (state: TopK, nowMs: number, { windowMs }: FeatureDeclaration): TopK => (windowMs === undefined ? state : inWindow(state, nowMs, windowMs));

function topOf(uses: TopK, { k = K_DEFAULT, halfLifeMs }: FeatureDeclaration): readonly string[] {
  const newest = stepOf(uses[0]?.atMs ?? 0, halfLifeMs);
  const weights = new Map<string, number>();
  for (const { atMs, value, weight } of uses) {
    const left = halfLifeMs === undefined ? 1 : leftAfter(newest - stepOf(atMs, halfLifeMs));
    weights.set(value, (weights.get(value) ?? 0) + weight * left);
  }
  return [...weights].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).flatMap(([value], i) => (i < k ? [value] : []));
}
