import { seededRandom } from '@attune/kernel/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleValues } from '../campaign-rules.ts';
import { learntModel, priorAlone } from '../model-in-use.ts';
import { contextBytes, contextOf, contextVector, contextWidth } from './context-vector.ts';
import { addDecision, noSums, type OfferSums } from './offer-sums.ts';
import { posteriorOf } from './posterior.ts';

const WIDTH = 6;
const PRIOR = { accepted: 2, sent: 20 };

/** Contexts with rewards that come by weights; the first number is 1. */
function seen(count: number, seed: string): { x: Float64Array; reward: number }[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const x = Float64Array.from({ length: WIDTH }, (_, i) => (i === 0 ? 1 : random() - 0.3));
    return { x, reward: random() < 0.1 + 0.5 * (x[1] ?? 0) ? 1 : 0 };
  });
}
const sumsOf = (decisions: readonly { x: Float64Array; reward: number }[]): OfferSums =>
  decisions.reduce((sums, { x, reward }) => addDecision(sums, x, reward), noSums(WIDTH));

/** Gauss-Jordan with pivots, of the normal equations. */
function plainly(decisions: readonly { x: Float64Array; reward: number }[], x: Float64Array): { mean: number; variance: number } {
  const rows = Array.from({ length: WIDTH }, (_, i) =>
    Array.from({ length: WIDTH + 2 }, (_, j) => (j < WIDTH ? (i === j ? PRIOR.sent : 0) : j === WIDTH ? (i === 0 ? PRIOR.accepted : 0) : (x[i] ?? 0))),
  );
  for (const one of decisions)
    for (let i = 0; i < WIDTH; i++) {
      const row = rows[i] as number[];
      for (let j = 0; j < WIDTH; j++) row[j] = (row[j] ?? 0) + (one.x[i] ?? 0) * (one.x[j] ?? 0);
      row[WIDTH] = (row[WIDTH] ?? 0) + (one.x[i] ?? 0) * one.reward;
    }
  for (let i = 0; i < WIDTH; i++) {
    const pivot = rows.slice(i).toSorted((a, b) => Math.abs(b[i] ?? 0) - Math.abs(a[i] ?? 0))[0] as number[];
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(
      i,
      0,
      pivot.map((value) => value / (pivot[i] ?? 1)),
    );
    for (let k = 0; k < WIDTH; k++)
      if (k !== i) rows[k] = (rows[k] as number[]).map((value, j) => value - ((rows[k] as number[])[i] ?? 0) * ((rows[i] as number[])[j] ?? 0));
  }
  const dot = (column: number): number => rows.reduce((sum, row, i) => sum + (row[column] ?? 0) * (x[i] ?? 0), 0);
  return { mean: dot(WIDTH), variance: dot(WIDTH + 1) };
}

test('a prediction is the least squares of prior and decisions, and its variance is that of the weights', () => {
  const decisions = seen(400, 'one');
  const posterior = posteriorOf(sumsOf(decisions), PRIOR, WIDTH);
  const [share, noise] = [(decisions.filter(({ reward }) => reward === 1).length + 2) / 420, (s: number) => s * (1 - s)];
  for (const { x } of seen(20, 'other')) {
    const [mine, plain] = [posterior(x), plainly(decisions, x)];
    expect(mine.mean).toBeCloseTo(Math.min(1, Math.max(0, plain.mean)), 10);
    expect(mine.deviation).toBeCloseTo(Math.sqrt(noise(share) * plain.variance), 10);
  }
});

test('before anything is learnt an average customer accepts by the prior, and what is learnt makes it surer', () => {
  const x = Float64Array.from({ length: WIDTH }, (_, i) => (i === 0 ? 1 : 0.2));
  const [before, model] = [priorAlone.predict({ name: 'a', prior: PRIOR }, x), learntModel('m#1', () => sumsOf(seen(500, 'more')))];
  expect(before).toEqual({ mean: 0.1, deviation: expect.closeTo(posteriorOf(undefined, PRIOR, WIDTH)(x).deviation, 12) });
  expect(model.predict({ name: 'a', prior: PRIOR }, x).deviation).toBeLessThan(before.deviation / 3);
  const narrower = Float64Array.from([1, 2]);
  expect(model.predict({ name: 'a', prior: PRIOR }, narrower)).toEqual(priorAlone.predict({ name: 'a', prior: PRIOR }, narrower));
});

test('what two parts have learnt adds up to the whole', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), (a, b) => {
      const all = [...seen(a, 'a'), ...seen(b, 'b')];
      const [whole, first, second] = [sumsOf(all), sumsOf(all.slice(0, a)), sumsOf(all.slice(a))];
      expect(first.decisions + second.decisions).toBe(whole.decisions);
      for (const [i, product] of whole.products.entries()) expect((first.products[i] ?? 0) + (second.products[i] ?? 0)).toBeCloseTo(product, 9);
    }),
    { numRuns: 20 },
  );
});

const inputs = [
  { name: 'spend', type: 'number' },
  { name: 'by_place.home', type: 'number' },
  { name: 'traits.country', type: 'text' },
  { name: 'traits.member', type: 'truth' },
] as const;
const values = (features: RuleValues['features'], traits: RuleValues['traits'] = {}): RuleValues => ({ features, traits });

test('a context is of the same width for all, nothing where a value is missing, and comes back from its bytes', () => {
  const known = contextVector(inputs, values({ spend: 120.5, by_place: { home: 3 } }, { country: 'GB', member: true }));
  expect(known.length).toBe(contextWidth(inputs));
  expect([...known].filter((one) => one !== 0)).toHaveLength(5);
  expect([...contextVector(inputs, values({ spend: Number.NaN, by_place: 7 }, { country: 3 }))]).toEqual([1, ...Array.from({ length: 11 }, () => 0)]);
  expect(contextOf(contextBytes(known), known.length)).toEqual(known);
  expect(contextOf(contextBytes(known), known.length + 1)).toBeUndefined();
});
