import { expect, test } from 'vitest';
import { basketIndex } from '../basket-index.ts';
import type { ShopItem } from '../item-filter.ts';
import { Vocabulary } from '../vocabulary.ts';
import { type ScoreChanges, timesOf } from './boosts.ts';
import type { Diversity } from './diverse-list.ts';
import { type RankingWishes, rankItems } from './rank-items.ts';
import type { ServedModel } from './served-model.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const SCORES = { mug: 10, cup: 9, pot: 8, lamp: 7, bulb: 6, soap: 1 };
const shop: Readonly<Record<string, ShopItem>> = Object.fromEntries(
  Object.entries({ mug: 'Kitchen/Mugs', cup: 'Kitchen/Mugs', pot: 'Kitchen/Mugs', lamp: 'Living/Lamps', bulb: 'Living/Bulbs', soap: '' }).map(([id, path]) => {
    const category = path === '' ? [] : path.split('/');
    return [id, { title: id, category, available: true, seller: id === 'bulb' ? 'acme' : '', tags: id === 'soap' ? ['new'] : [] }];
  }),
);
const itemOf = (id: string): ShopItem | undefined => shop[id];

const vocabulary = new Vocabulary();
const ids = Object.keys(SCORES);
for (const id of [...ids, 'fan', 'tray']) vocabulary.numberOf(id);
const baskets = [['fan'], ['fan'], ['fan', 'tray'], ['mug', 'cup'], ['pot'], ['lamp'], ['bulb'], ['soap']];
const index = basketIndex(
  baskets.map((items, offset) => ({ atMs: NOW_MS, partition: 0, offset, items: items.map((id) => vocabulary.numberOf(id)) })),
  NOW_MS,
  vocabulary,
);
const model: ServedModel = {
  silent: [],
  score: (_asked, sheet) => {
    for (const [id, score] of Object.entries(SCORES)) sheet.add(vocabulary.numberOf(id), score);
  },
  reasonFor: () => ({ reason: 'described_alike' }),
};
const ranked = (wishes: Partial<RankingWishes> = {}): readonly string[] =>
  rankItems(index, model, { history: [], context: [], nowMs: NOW_MS }, { count: 6, allows: () => true, popularToo: false, ...wishes }).map(({ id }) => id);
const changed = (more: Partial<ScoreChanges>) => timesOf({ boosts: [], lessOf: [], itemOf, index, ...more });
const diverse = (more: Partial<Diversity>): Diversity => ({ categoryOf: (id) => itemOf(id)?.category ?? [], ...more });

test('without wishes the scores rank', () => {
  expect(ranked()).toEqual(ids);
  expect(ranked({ count: 2, diversity: diverse({}) })).toEqual(['mug', 'cup']);
});

test('what is pinned comes first in its order, once, and only where it is allowed', () => {
  expect(ranked({ pins: ['soap', 'nobody knows', 'pot'], count: 4, allows: (id) => id !== 'pot' })).toEqual(['soap', 'nobody knows', 'mug', 'cup']);
  expect(ranked({ pins: ids, count: 2 })).toEqual(['mug', 'cup']);
});

test('boosts of a category, a seller and a tag count, several together, and 0 takes out', () => {
  const boosts = [
    { category: ['Living'], times: 2 },
    { seller: 'acme', times: 3 },
    { tag: 'new', times: 0 },
  ];
  expect(ranked({ timesOf: changed({ boosts }) })).toEqual(['bulb', 'lamp', 'mug', 'cup', 'pot']);
  expect(ranked({ timesOf: changed({ boosts: [{ category: ['Living'], seller: 'acme', times: 2 }] }) })[0]).toBe('bulb');
});

test('what is like something of which less is wanted counts down to a quarter: by its category, or as it is bought with it', () => {
  expect(ranked({ timesOf: changed({ lessOf: ['pot'] }) })).toEqual(['lamp', 'bulb', 'mug', 'cup', 'pot', 'soap']);
  const byBaskets = timesOf({ boosts: [], lessOf: ['cup'], itemOf: () => undefined, index });
  expect([byBaskets?.('mug'), byBaskets?.('lamp')]).toEqual([expect.closeTo(0.25, 12), 1]);
});

test('a category has at most so many items, also among what fills up and what is pinned', () => {
  expect(ranked({ diversity: diverse({ perCategory: 1 }) })).toEqual(['mug', 'lamp', 'bulb', 'soap']);
  expect(ranked({ diversity: diverse({ perCategory: 1 }), pins: ['pot'] })).toEqual(['pot', 'lamp', 'bulb', 'soap']);
  expect(ranked({ diversity: diverse({ perCategory: 1 }), popularToo: true, count: 5 })).toEqual(['mug', 'lamp', 'bulb', 'soap', 'fan']);
});

test('the less the score counts, the more unlike the items of an answer are', () => {
  expect(ranked({ diversity: diverse({ relevance: 1 }) })).toEqual(ids);
  expect(ranked({ diversity: diverse({ relevance: 0.7 }), count: 3 })).toEqual(['mug', 'lamp', 'cup']);
  expect(ranked({ diversity: diverse({ relevance: 0 }), count: 3 })).toEqual(['mug', 'lamp', 'soap']);
});

test('what fills up stands behind all that was ranked, and what is like something of which less is wanted last', () => {
  const answer = rankItems(index, model, { history: [], context: [], nowMs: NOW_MS }, { count: 8, allows: () => true, popularToo: true });
  expect(answer.map(({ id }) => id)).toEqual([...ids, 'fan', 'tray']);
  expect(answer.map(({ score }) => score)).toEqual(answer.map(({ score }) => score).toSorted((a, b) => b - a));
  const silent: ServedModel = { ...model, score: () => undefined };
  const less = { count: 8, allows: (id: string) => id !== 'tray', popularToo: true, timesOf: changed({ lessOf: ['tray'] }) };
  expect(rankItems(index, silent, { history: [], context: [], nowMs: NOW_MS }, less).at(-1)?.id).toBe('fan');
});
