import { seededRandom } from '@attune/kernel/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalQuantiles, quantile } from './normal-quantiles.ts';
import { thompson, type UncertainOffer } from './thompson.ts';

const offers = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 0, maxLength: 5 })
  .chain((names) =>
    fc.tuple(
      ...names
        .toSorted()
        .map((name) =>
          fc.record({ name: fc.constant(name), score: fc.double({ min: -50, max: 200, noNaN: true }), spread: fc.double({ min: 0, max: 90, noNaN: true }) }),
        ),
    ),
  );
const rate = fc.double({ min: 0, max: 1, noNaN: true });

test('the chances of all offers and of nothing make one, each offer has at least the floor, and what was drawn was possible', () => {
  fc.assert(
    fc.property(offers, rate, fc.string(), (eligible, floor, seed) => {
      const drawn = thompson({ eligible, rate: floor, seed });
      const chances = eligible.map(({ name }) => drawn.probabilityOf(name));
      expect(chances.reduce((sum, one) => sum + one, drawn.probabilityOfNothing)).toBeCloseTo(1, 12);
      for (const chance of chances) expect(chance).toBeGreaterThanOrEqual(floor / eligible.length);
      expect(drawn.offer === undefined ? drawn.probabilityOfNothing : drawn.probabilityOf(drawn.offer)).toBeGreaterThan(0);
      expect(drawn.probabilityOf('nobody')).toBe(0);
    }),
  );
});

test('the same question has the same draw and the same chances, bit for bit', () => {
  fc.assert(
    fc.property(offers, rate, fc.string(), (eligible, floor, seed) => {
      const [one, other] = [thompson({ eligible, rate: floor, seed }), thompson({ eligible: eligible.map((offer) => ({ ...offer })), rate: floor, seed })];
      expect(other.offer).toBe(one.offer);
      for (const { name } of eligible) expect(Object.is(other.probabilityOf(name), one.probabilityOf(name))).toBe(true);
    }),
  );
});

test('over many decisions each offer is drawn as often as the recorded chances say on the whole, in each part of them too', () => {
  const eligible: UncertainOffer[] = [
    { name: 'dear', score: -20, spread: 30 },
    { name: 'good', score: 40, spread: 25 },
    { name: 'new', score: 30, spread: 60 },
  ];
  const draws = Array.from({ length: 20_000 }, (_, i) => thompson({ eligible, rate: 0.05, seed: `d_${i}` }));
  for (const name of ['dear', 'good', 'new', ''] as const) {
    const chanceIn = (drawn: (typeof draws)[number]): number => (name === '' ? drawn.probabilityOfNothing : drawn.probabilityOf(name));
    const byChance = draws.toSorted((a, b) => chanceIn(a) - chanceIn(b));
    for (const part of [byChance.slice(0, 10_000), byChance.slice(10_000)]) {
      const [expected, drawn] = [part.reduce((sum, one) => sum + chanceIn(one), 0), part.filter(({ offer = '' }) => offer === name).length];
      const error = Math.sqrt(part.reduce((sum, one) => sum + chanceIn(one) * (1 - chanceIn(one)), 0));
      expect(Math.abs(drawn - expected), `${name || 'nothing'}: ${drawn} of ${expected}`).toBeLessThan(4.5 * error);
    }
  }
});

test('an offer that may be the best by its uncertainty is drawn, and one that is surely worse only by the floor', () => {
  const eligible = [
    { name: 'sure', score: 40, spread: 0 },
    { name: 'unsure', score: 20, spread: 60 },
    { name: 'worse', score: 10, spread: 1 },
  ];
  const drawn = thompson({ eligible, rate: 0.03, seed: 'd_1' });
  expect(drawn.probabilityOf('unsure')).toBeGreaterThan(0.2);
  expect(drawn.probabilityOf('worse')).toBeCloseTo(0.01, 12);
  expect(thompson({ eligible: [], rate: 0.5, seed: 'd_2' })).toMatchObject({ explored: false, probabilityOfNothing: 1 });
});

test('draws are those of the normal distribution', () => {
  expect([quantile(0.975), quantile(0.5), quantile(1e-9)]).toEqual([expect.closeTo(1.959963984540054, 12), 0, expect.closeTo(-5.997807015007687, 10)]);
  const variance = normalQuantiles.reduce((sum, z) => sum + z * z, 0) / normalQuantiles.length;
  expect(normalQuantiles.reduce((sum, z) => sum + z, 0)).toBeCloseTo(0, 9);
  expect(variance).toBeGreaterThan(0.998);
  expect(variance).toBeLessThan(1);
  const random = seededRandom('far from where it matters');
  expect(quantile(random())).not.toBeNaN();
});
