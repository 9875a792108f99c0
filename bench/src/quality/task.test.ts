import { expect, test } from 'vitest';
import { type Question, qualityOf } from './task.ts';

const nothing = { items: [], atMs: [], nowMs: 0 };
/** Item n scores 10 - n, so the list is 0, 1, 2 and so on. */
const falling = {
  score: (_: unknown, sheet: { add(item: number, amount: number): void }) => [0, 1, 2, 3, 4].forEach((item) => void sheet.add(item, 10 - item)),
};
const asked = (question: Partial<Question>) =>
  qualityOf({ itemCount: 5, top: 3, questions: [{ seen: nothing, allows: () => true, right: [], rightCount: 1, ...question }] }, falling);

test('NDCG is over the best that a list of that length could have', () => {
  const { ndcg, recall, hit, mrr } = asked({ right: [1, 4], rightCount: 2 });
  expect(ndcg).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
  expect([recall, hit, mrr]).toEqual([0.5, 1, 0.5]);
});

test('what is in no catalogue counts as missed', () => {
  const { ndcg, recall } = asked({ right: [0], rightCount: 4 });
  expect(ndcg).toBeCloseTo(1 / (1 + 1 / Math.log2(3) + 0.5), 12);
  expect(recall).toBe(0.25);
});

test('what is not allowed takes no place', () => {
  expect(asked({ right: [3], allows: (item) => item > 1 }).mrr).toBe(0.5);
});

test('figures of a group are of its persons alone', () => {
  const questions = [
    { right: [0], groups: ['F'] },
    { right: [4], groups: ['M'] },
  ].map((one): Question => ({ seen: nothing, allows: () => true, rightCount: 1, ...one }));
  const { groups, ndcg } = qualityOf({ itemCount: 5, top: 3, questions }, falling);
  expect([groups.get('F'), groups.get('M'), ndcg]).toEqual([1, 0, 0.5]);
});
