import { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';
import { SequenceRules } from '@attune/scoring/recommenders/sequence-rules';
import { inOrder } from './read-rows.ts';
import type { Session } from './session-sets.ts';

/** What a model that goes on learning reaches beside one that does not. */
export interface StreamQuality {
  readonly hit: number;
  readonly mrr: number;
}

const TOP = 20;
const STEPS = 3;

/** The protocol: all clicks in the order of time and session; before each that has a predecessor it is foretold, then learnt from where `learning`. Items are those of both parts. */
export function streamQuality(before: readonly Session[], after: readonly Session[], learning: boolean): StreamQuality {
  const items = inOrder([...before, ...after].flatMap((session) => session.items));
  const numbers = new Map(items.map((item, number) => [item, number]));
  const rules = new SequenceRules({ itemCount: items.length, steps: STEPS, anyOrder: false, halfLife: 0 });
  for (const session of before) rules.learn(session.items.map((item) => numbers.get(item) ?? 0));
  const clicks = after.flatMap((session, order) =>
    session.items.map((item, place) => ({ order, place, item: numbers.get(item) ?? 0, atMs: session.atMs[place] ?? 0 })),
  );
  const open = new Map<number, number[]>();
  const sheet = new ScoreSheet(items.length);
  const sums = { asked: 0, hit: 0, mrr: 0 };
  for (const { order, item, atMs } of clicks.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order || a.place - b.place)) {
    const own = open.get(order) ?? [];
    open.set(order, own);
    if (own.length > 0) {
      sheet.clear();
      rules.score({ items: own, atMs: [], nowMs: atMs }, sheet);
      const rank = sheet.best(TOP).findIndex((one) => one.item === item);
      sums.asked++;
      sums.hit += rank >= 0 ? 1 : 0;
      sums.mrr += rank >= 0 ? 1 / (rank + 1) : 0;
      if (learning) rules.advance(own, item);
    }
    own.push(item);
  }
  return { hit: sums.hit / sums.asked, mrr: sums.mrr / sums.asked };
}
