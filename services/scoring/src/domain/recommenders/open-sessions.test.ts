import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { type Look, OpenSessions, PAUSE_MS } from './open-sessions.ts';

const look = (visitor: string, item: number, atMs: number, more: Partial<Look> = {}): Look => ({
  ...{ visitor, item, atMs, heardMs: atMs, partition: 0, offset: atMs + item },
  ...more,
});
const itemsOf = (sessions: OpenSessions): readonly (readonly number[])[] => sessions.newest().map(({ items }) => items);
const taken = (...looks: readonly Look[]): OpenSessions => {
  const sessions = new OpenSessions(100);
  for (const one of looks) sessions.take(one);
  return sessions;
};

test('looks of one visitor are one session, again and again the same item too, until a pause', () => {
  expect(itemsOf(taken(look('ann', 1, 0), look('bob', 9, 5), look('ann', 2, 10), look('ann', 1, PAUSE_MS)))).toEqual([[1, 2, 1], [9]]);
  expect(itemsOf(taken(look('ann', 1, 0), look('ann', 2, PAUSE_MS + 1)))).toEqual([[2], [1]]);
});

test('what is brought in later all at once is parted by when it happened', () => {
  const heardMs = 9 * PAUSE_MS;
  expect(itemsOf(taken(look('ann', 1, 0, { heardMs }), look('ann', 2, 3 * PAUSE_MS, { heardMs })))).toEqual([[2], [1]]);
});

test('whose a session was is forgotten once its partition went on for the length of a pause', () => {
  const sessions = taken(look('ann', 1, 0), look('bob', 2, 1, { partition: 1 }), look('cem', 3, PAUSE_MS + 1));
  expect(sessions.newest()).toHaveLength(3);
  expect(sessions.openCount).toBe(2);
  expect(JSON.stringify(sessions.newest())).not.toContain('ann');
});

test('in whatever steps a log is read it gives the same sessions, cut to the newest', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(`sessions ${seed}`);
    const below = (count: number): number => Math.floor(random() * count);
    let heardMs = 0;
    const looks = Array.from({ length: 60 }, (_, offset): Look => {
      heardMs += below(20) === 0 ? 2 * PAUSE_MS : below(PAUSE_MS / 2) - PAUSE_MS / 8;
      const visitor = below(6);
      // One record in five comes late: it was heard of before those above it.
      const late = below(5) === 0 ? 1.5 * PAUSE_MS : 0;
      return { visitor: `v${visitor}`, item: below(9), atMs: (below(40) * PAUSE_MS) / 20, heardMs: heardMs - late, partition: visitor % 2, offset };
    });
    const [whole, stepwise, turned] = [new OpenSessions(12), new OpenSessions(12), new OpenSessions(12)];
    for (const one of looks) whole.take(one);
    for (const one of looks) {
      stepwise.take(one);
      if (below(4) === 0) stepwise.newest();
    }
    for (const partition of [1, 0]) for (const one of looks) if (one.partition === partition) turned.take(one);
    expect(stepwise.newest()).toEqual(whole.newest());
    expect(turned.newest()).toEqual(whole.newest());
  }
});
