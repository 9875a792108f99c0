import { compileCondition, type KnownNames } from '@attune/configuration/conditions';
import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { declarationsOf, manyEvents } from '@attune/testing/laws/feature-cases';
import { expect, test } from 'vitest';
import { DAY, rules } from '../gift-barn.fixture.ts';
import { featureKinds } from './features/index.ts';
import { segmentTimings } from './segment-timing.ts';

const FAR = Date.UTC(2026, 5, 1);
const compiledWith = (source: string, names: KnownNames) => {
  const rule = compileCondition(source, names);
  if (rule.kind === 'fault') throw new Error(rule.fault);
  return rule;
};
const base = { event: 'Bought', field: 'total', decimals: 2, purposes: [] };
const active = (declaration: FeatureDeclaration) => {
  const kind = featureKinds.find(({ spec }) => spec.keyword === declaration.kind);
  if (!kind) throw new Error(declaration.kind);
  return { declaration, kind, signature: 0, personal: false, ruled: true };
};

test('the segments of the example are moved by events alone, or their crossings are computed', () => {
  const found = segmentTimings(rules).map(({ segment, computed, walked }) => [segment, computed, walked]);
  expect(found).toEqual(
    expect.arrayContaining([
      ['first_timer', [], []],
      ['lapsing', ['days_since_order'], []],
      ['vip', ['spend_90d'], []],
    ]),
  );
});

test('what is no comparison of one number with a bound that stands is walked', () => {
  const features = [
    active({ ...base, name: 'days', kind: 'time_since', unitMs: DAY }),
    active({ ...base, name: 'often', kind: 'count', windowMs: 5 * DAY }),
    active({ ...base, name: 'all', kind: 'count' }),
    active({ ...base, name: 'row', kind: 'streak', periodMs: DAY }),
  ];
  const names: KnownNames = {
    features: new Map(features.map(({ declaration: { name } }) => [name, { type: 'number' }])),
    traits: new Map(),
    segments: new Set(),
  };
  const timing = (source: string) => {
    const [one] = segmentTimings({ features, segments: [{ name: 's', rule: compiledWith(source, names) }] });
    return [one?.computed, one?.walked];
  };
  expect(timing('days > 1.5 * all')).toEqual([['days'], []]);
  expect(timing('days > often')).toEqual([[], ['days', 'often']]);
  expect(timing('days > 3 && often - all > 1')).toEqual([['days'], ['often']]);
  expect(timing('row > 3')).toEqual([[], ['row']]);
  expect(timing('all > 3')).toEqual([[], []]);
});

test('a value that is said to stand still never names a moment at which it changes', () => {
  for (const kind of featureKinds)
    for (const declaration of declarationsOf(kind.spec)) {
      const [timing] = segmentTimings({
        features: [{ ...active(declaration), kind }],
        segments: [
          { name: 's', rule: { reads: { features: [], traits: [] }, evaluate: () => ({ kind: 'holds' }), moves: { atoms: [], others: [declaration.name] } } },
        ],
      });
      if (timing?.walked.length !== 0) continue;
      const state = manyEvents(50, 3_600_000).reduce((before: unknown, event) => kind.step(before, event, declaration), kind.init());
      for (let day = -400; day < 400; day += 20)
        expect([declaration.name, kind.nextChangeMs?.(state, FAR + day * DAY, declaration)]).toEqual([declaration.name, undefined]);
    }
});
