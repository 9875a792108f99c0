import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { overlay } from './overlay.ts';

const document = `
attune: 1 # the language
offers:
  small: { value: 5, cost: 1, prior: { accepted: 1, sent: 10 } }
  large: { who: orders > 3, value: 50 }
campaigns: { welcome: { offers: [small, large], choose: { explore: 0.05 } } }
`;
function after(changes: string): unknown {
  const laid = overlay(document, changes);
  return laid.kind === 'document' ? parse(laid.text) : laid;
}

test('what is changed word by word leaves the rest as it was', () => {
  expect(after('offers: { small: { cost: 2, prior: { sent: 20 } } }\ncampaigns: { welcome: { choose: { explore: 0.2 } } }')).toEqual({
    attune: 1,
    offers: { small: { value: 5, cost: 2, prior: { accepted: 1, sent: 20 } }, large: { who: 'orders > 3', value: 50 } },
    campaigns: { welcome: { offers: ['small', 'large'], choose: { explore: 0.2 } } },
  });
});

test('null takes out, lists are replaced, and what was not there comes in', () => {
  expect(after('offers: { large: { who: null }, new: { value: 1 } }\ncampaigns: { welcome: { offers: [small, new] } }')).toEqual({
    attune: 1,
    offers: { small: { value: 5, cost: 1, prior: { accepted: 1, sent: 10 } }, large: { value: 50 }, new: { value: 1 } },
    campaigns: { welcome: { offers: ['small', 'new'], choose: { explore: 0.05 } } },
  });
});

test('a whole document stands for itself', () => {
  expect(after('attune: 1\noffers: {}')).toEqual({ attune: 1, offers: {} });
});

test.each([
  ['offers: { small', { line: 1 }],
  ['offers:\n  small: [1', { line: 2 }],
  ['- offers', { fault: expect.stringContaining('not a mapping') }],
  ['', { fault: expect.stringContaining('not a mapping') }],
  ['a: &x { b: 1 }\nc: *x', { fault: expect.stringContaining('Aliases') }],
])('what is wrong with the changes is told: %j', (changes, told) => {
  expect(after(changes)).toMatchObject({ kind: 'fault', ...told });
});
