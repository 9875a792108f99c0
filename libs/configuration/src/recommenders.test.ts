import { expect, test } from 'vitest';
import { checkConfiguration, type Fault } from './check.ts';
import { testKinds } from './test-kinds.fixture.ts';

const DAY_MS = 86_400_000;
const text = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes:
  personalise: { basis: legitimate_interest, keep: 2y, tell: { en: choose } }
events: { Order Completed: { role: purchase, item: product_id, fields: { product_id: { type: string, open: true } } } }
features:
  bought: { recent_items: Order Completed }
recommenders:
  carts: { kind: stan, neighbours: 100 }
  again: { kind: repeat_purchase, history: bought }
  rising: { kind: trending, half_life: 2d }
  mixed: { kind: blend, of: { carts: 1, again: 0.5 }, history: bought, placements: [home] }
  all: { kind: blend, of: { mixed: 1, rising: 0.1 }, history: bought, placements: [default, cart] }
`;
const checked = (document: string) => checkConfiguration({ text: document, file: 'attune.yaml', kinds: testKinds });
const faultsOf = (document: string): readonly Fault[] => {
  const result = checked(document);
  return result.kind === 'faults' ? result.faults : [];
};

test('recommenders are compiled with the numbers of their kind, as written or as usual, and blends with their parts', () => {
  const result = checked(text);
  const compiled = result.kind === 'ok' ? result.configuration.recommenders : [];
  expect(compiled.map(({ name }) => name)).toEqual(['again', 'all', 'carts', 'mixed', 'rising']);
  expect(compiled.find(({ name }) => name === 'carts')?.numbers).toEqual({
    sessions_max: 1_000,
    neighbours: 100,
    place_scale: 10,
    day_scale: 60,
    near_scale: 10,
  });
  expect(compiled.find(({ name }) => name === 'rising')?.numbers).toEqual({ half_life: 2 * DAY_MS });
  expect(compiled.find(({ name }) => name === 'all')).toMatchObject({
    of: [
      { name: 'mixed', weight: 1 },
      { name: 'rising', weight: 0.1 },
    ],
    placements: ['default', 'cart'],
  });
});

/** Right text, wrong text, the line on which the fault stands, and what it says. */
const mistakes: readonly (readonly [right: string, wrong: string, line: number, says: RegExp])[] = [
  ['kind: stan', 'kind: stann', 9, /recommenders\.carts\.kind: stann is not a word known here\. → Did you mean stan\?/],
  [
    'neighbours: 100',
    'half_life: 3d',
    9,
    /recommenders\.carts\.half_life: half_life says nothing to a recommender of kind stan\. → Remove it; this kind takes sessions_max, neighbours/,
  ],
  ['neighbours: 100', 'neighbours: 0', 9, /recommenders\.carts\.neighbours: This is less than 1/],
  ['neighbours: 100', 'neighbors: 100', 9, /recommenders\.carts\.neighbors: .* → Did you mean neighbours\?/],
  ['neighbours: 100', 'of: { rising: 1 }', 9, /recommenders\.carts\.of: A recommender of kind stan has no parts/],
  ['half_life: 2d', 'half_life: soon', 11, /recommenders\.rising\.half_life: soon is not a duration/],
  ['again: 0.5', 'agian: 0.5', 12, /recommenders\.mixed\.of\.agian: There is no recommender agian\. → Did you mean again\?/],
  ['again: 0.5', 'again: 0', 12, /recommenders\.mixed\.of\.again: This is/],
  ['again: 0.5', 'again: often', 12, /recommenders\.mixed\.of\.again: This is not a number/],
  ['of: { carts: 1, again: 0.5 }, ', '', 12, /recommenders\.mixed: This blend has no parts/],
  ['again: 0.5 }', 'mixed: 0.5 }', 12, /recommenders\.mixed\.of\.mixed: There is no recommender mixed/],
  ['again: 0.5 }', 'all: 0.5 }', 12, /recommenders\.mixed\.of: This blend is a part of itself: mixed, all, mixed\. → Take one/],
  ['again: 0.5 }, history: bought', 'again: 0.5 }', 12, /recommenders\.mixed\.kind: Its part again ranks what the customer bought/],
  ['repeat_purchase, history: bought', 'repeat_purchase', 10, /recommenders\.again\.kind: This recommender ranks what the customer bought/],
  ['placements: [home]', 'placements: [cart]', 13, /recommenders\.all\.placements\.1: The placement cart belongs to mixed already/],
  ['neighbours: 100', 'over: sessions', 9, /recommenders\.carts\.over: There is nothing to learn from: no event with role: view/],
  [
    'history: bought }\n  rising',
    'history: bought, over: sessions }\n  rising',
    10,
    /recommenders\.again\.over: A recommender of kind repeat_purchase is not counted/,
  ],
  ['rising: { ', 'rising: { exclude: [seen_within_3d], ', 11, /recommenders\.rising\.exclude: Nobody says what was seen\. → Add viewed/],
  [
    'rising: { ',
    'rising: { less_of: boght, ',
    11,
    /recommenders\.rising\.less_of: There is no feature of kind recent_items named boght\. → Did you mean bought\?/,
  ],
  ['rising: { ', 'rising: { boosts: [{ tag: new }], ', 11, /recommenders\.rising\.boosts\.0\.times: /],
  ['rising: { ', 'rising: { boosts: [{ sellr: acme, times: 2 }], ', 11, /recommenders\.rising\.boosts\.0\.sellr: .* → Did you mean seller\?/],
  ['rising: { ', 'rising: { diversity: { relevance: 2 }, ', 11, /recommenders\.rising\.diversity\.relevance: This is more than 1/],
  ['placements: [home]', 'placements: [The Cart]', 12, /recommenders\.mixed\.placements\.0: /],
];

test.each(mistakes)('%s → %s is told with its line and what to do', (right, wrong, line, says) => {
  const changed = text.replace(right, wrong);
  expect(changed).not.toBe(text);
  const faults = faultsOf(changed);
  const found = faults.find(({ path, fault, fix }) => says.test(`${path}: ${fault} → ${fix}`));
  expect(found, JSON.stringify(faults)).toBeDefined();
  expect(found?.line).toBe(line);
  expect(found?.fix).not.toBe('');
});

test('a part at the end of two ways is no cycle', () => {
  expect(checked(text.replace('rising: 0.1 }', 'rising: 0.1, carts: 2 }')).kind).toBe('ok');
});
