import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { basketTask } from './basket-sets.ts';
import { type Rating, ratingParts, ratingTask } from './rating-sets.ts';
import { readSessions, sessionTask } from './session-sets.ts';
import { streamQuality } from './stream-quality.ts';

const folder = mkdtempSync(join(tmpdir(), 'quality-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(`${lines.join('\n')}\n`) : `${lines.join('\n')}\n`);
  return file;
}

const rating = (user: string, item: string, value: number, atMs: number): Rating => ({ user, item, rating: value, atMs });
const plain = { ratingsMin: 1, groupsOf: () => [] };

test('a film that was rated before is no candidate, also where it was not liked', () => {
  const before = [rating('1', '5', 2, 1), rating('1', '9', 4, 2), rating('2', '10', 5, 1)];
  const task = ratingTask(before, [rating('1', '10', 4, 3), rating('1', '77', 5, 4), rating('1', '5', 3, 5)], plain);
  expect(task.items).toEqual(['5', '9', '10']);
  const [question] = task.questions;
  expect(task.questions).toHaveLength(1);
  expect(question?.seen.items).toEqual([1]);
  expect([0, 1, 2].map((item) => question?.allows(item))).toEqual([false, false, true]);
  expect([question?.right, question?.rightCount]).toEqual([[2], 2]);
});

test('who liked nothing before or nothing after is not asked', () => {
  const before = [rating('1', '1', 3, 1), rating('2', '2', 5, 1)];
  expect(ratingTask(before, [rating('1', '2', 5, 2), rating('2', '1', 3, 2)], plain).questions).toEqual([]);
});

test('a film that is rarely rated is left out of all parts', () => {
  const before = [rating('1', '1', 5, 1), rating('2', '1', 5, 1), rating('2', '2', 5, 1)];
  const task = ratingTask(before, [rating('1', '2', 5, 2), rating('1', '3', 5, 2)], { ...plain, ratingsMin: 2 });
  expect([task.items, task.questions]).toEqual([['1'], []]);
});

test('without a test part the validation part is foretold, and the last of each person tuned on', () => {
  const train = fileOf('train.csv', 'user,item,rating,ts', ...[3, 1, 2].map((ts) => `7,${ts},4.0,${ts}`), '8,1,4,9');
  const valid = fileOf('valid.csv.gz', 'user,item,rating,ts', '7,4,5,4');
  const parts = ratingParts({ train, valid });
  expect(parts.fit.map(({ item }) => item)).toEqual(['1', '2']);
  expect(parts.tune.map(({ user, item }) => [user, item])).toEqual([
    ['7', '3'],
    ['8', '1'],
  ]);
  expect(parts.test.map(({ atMs }) => atMs)).toEqual([4_000]);
  expect(ratingParts({ train, valid, test: valid }).fit).toHaveLength(4);
});

test('sessions are sorted by id, time and place in the file, and every next click is asked', () => {
  const file = fileOf('clicks.tsv', 'SessionId\tItemId\tTime', '10\t5\t3', '9\t7\t2.5', '9\t6\t2.5', '9\t5\t1');
  const sessions = readSessions(file);
  expect(sessions.map(({ id, items }) => [id, items])).toEqual([
    ['9', ['5', '7', '6']],
    ['10', ['5']],
  ]);
  const task = sessionTask([{ id: '1', items: ['5', '6'], atMs: [0, 0] }], sessions);
  expect(task.questions.map(({ seen, right }) => [seen.items, right])).toEqual([
    [[0], []],
    [[0, 2], [1]],
  ]);
});

test('a model that learns in the stream foretells what it has just seen', () => {
  const before = [{ id: '0', items: ['1', '2'], atMs: [0, 1] }];
  const after = ['a', 'b'].map((id, at) => ({ id, items: ['3', '4'], atMs: [10 + at * 10, 11 + at * 10] }));
  expect(streamQuality(before, after, false)).toEqual({ hit: 0, mrr: 0 });
  expect(streamQuality(before, after, true)).toEqual({ hit: 0.5, mrr: 0.5 });
});

test('of customers with four baskets the last is foretold, from what lay before its day', () => {
  const baskets = [1, 2, 3, 4].map((day) => ({ atMs: day, items: [`sku${day}`] }));
  const task = basketTask(
    new Map([
      ['c', baskets],
      ['d', baskets.slice(1)],
    ]),
    4,
  );
  expect(task.questions.map(({ seen, right }) => [seen.items, seen.nowMs, right])).toEqual([[[0, 1, 2], 3, [3]]]);
  expect(basketTask(new Map([['c', baskets]]), 5).questions).toEqual([]);
  expect(basketTask(new Map([['c', [...baskets, { atMs: 9, items: ['later'] }]]]), 4, 9).questions[0]?.right).toHaveLength(1);
});
