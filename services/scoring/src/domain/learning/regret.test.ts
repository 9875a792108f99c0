import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { explore } from '../explore.ts';
import { learntModel } from '../model-in-use.ts';
import { addDecision, noSums, type OfferSums } from './offer-sums.ts';
import { thompson } from './thompson.ts';

const OFFERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const [CUSTOMERS, WIDTH, LEARN_EVERY] = [4_000, 4, 20];
const prior = { accepted: 2, sent: 20 };

/** What the chance of each offer is for a customer. */
type World = (offer: number, x: Float64Array) => number;

/** Each offer has its own friends. */
function worldOf(seed: string): World {
  const random = seededRandom(seed);
  const weights = OFFERS.map(() => Float64Array.from({ length: WIDTH }, (_, i) => (i === 0 ? 0.05 + 0.1 * random() : 0.5 * random() - 0.25)));
  return (offer, x) =>
    Math.min(
      1,
      Math.max(
        0,
        x.reduce((sum, one, i) => sum + one * (weights[offer]?.[i] ?? 0), 0),
      ),
    );
}

/** The mean loss a decision against whoever knows the world; offers are worth 100 and cost nothing. */
function regretOf(world: World, policy: 'thompson' | number, seed: string): { regret: number; shares: readonly number[] } {
  const random = seededRandom(`${seed} customers`);
  const sums = new Map<string, OfferSums>();
  let [model, regret] = [learntModel('', () => undefined), 0];
  const shares = OFFERS.map(() => 0);
  for (let i = 0; i < CUSTOMERS; i++) {
    const x = Float64Array.from({ length: WIDTH }, (_, place) => (place === 0 ? 1 : random() < 0.5 ? 0 : 1));
    if (i % LEARN_EVERY === 0) model = learntModel(`#${i}`, snapshot(sums));
    const offers = OFFERS.map((name) => ({ name, ...model.predict({ name, prior }, x) }));
    const drawn = draw(offers, policy, `${seed} ${i}`);
    const chosen = OFFERS.indexOf(drawn ?? '');
    const chances = OFFERS.map((_, offer) => world(offer, x));
    const got = chosen < 0 ? 0 : (chances[chosen] ?? 0);
    regret += (Math.max(...chances) - got) / CUSTOMERS;
    const happened = random();
    if (drawn === undefined) continue;
    shares[chosen] = (shares[chosen] ?? 0) + 1 / CUSTOMERS;
    sums.set(drawn, addDecision(sums.get(drawn) ?? noSums(WIDTH), x, happened < got ? 1 : 0));
  }
  return { regret, shares };
}

/** States are immutable: what is learnt later does not change them. */
function snapshot(sums: ReadonlyMap<string, OfferSums>): (offer: string) => OfferSums | undefined {
  const copy = structuredClone(sums);
  return (offer) => copy.get(offer);
}

function draw(offers: readonly { name: string; mean: number; deviation: number }[], policy: 'thompson' | number, seed: string): string | undefined {
  const eligible = offers.map(({ name, mean, deviation }) => ({ name, score: 100 * mean, spread: 100 * deviation }));
  if (policy === 'thompson') return thompson({ eligible, rate: 0.01, seed }).offer;
  const best = eligible.reduce((a, b) => (b.score > a.score ? b : a));
  return explore({ eligible: OFFERS, best: best.name, rate: policy, seed }).offer;
}

test('in simulated worlds Thompson sampling loses less than any rate of exploring by chance', () => {
  const worlds = ['north', 'south', 'east'].map((seed) => ({ seed, world: worldOf(seed) }));
  const mean = (policy: 'thompson' | number): number => worlds.reduce((sum, { seed, world }) => sum + regretOf(world, policy, seed).regret / worlds.length, 0);
  const sampled = mean('thompson');
  for (const rate of [0.02, 0.05, 0.1, 0.2]) expect(sampled, `epsilon ${rate}`).toBeLessThan(mean(rate));
});

test('where no offer is better than another, none is taken for better: over many runs each gets its share', () => {
  const runs = Array.from({ length: 12 }, (_, i) => regretOf(() => 0.15, 'thompson', `alike ${i}`).shares);
  for (const [offer, name] of OFFERS.entries()) {
    const mean = runs.reduce((sum, shares) => sum + (shares[offer] ?? 0) / runs.length, 0);
    expect(mean, name).toBeGreaterThan(0.08);
    expect(mean, name).toBeLessThan(0.3);
  }
});
