import { seededRandom } from '@attune/kernel/random';
import { sealed } from '@attune/testing/laws/sealed';
import { expect, test } from 'vitest';
import { placeAmongVariants } from '../place-in-holdout.ts';
import { type Comparison, compareShares } from './compare-shares.ts';
import { sampleRatio } from './sample-ratio.ts';
import { chiSquareTail, normalTail } from './tails.ts';

test.each([
  [0, 0.5],
  [1, 0.15865525393145707],
  [1.959963984540054, 0.025],
  [-1.6448536269514722, 0.95],
  [4, 3.167124183311998e-5],
  [9, 0],
])('above %d lies the tail %d of the normal distribution', (x, tail) => {
  expect(Math.abs(normalTail(x) - tail)).toBeLessThan(1e-14);
});

// scipy 1.17: scipy.stats.chi2.sf(x, degrees)
test.each([
  [3.841458820694124, 1, 0.05],
  [10.827566170662733, 1, 0.001],
  [5.991464547107979, 2, 0.05],
  [7.814727903251179, 3, 0.05],
  [9.487729036781154, 4, 0.05],
  [11.070497693516351, 5, 0.05],
  [18.30703805327515, 10, 0.05],
  [0, 3, 1],
])('above %d lies the tail of chi-square with %d degrees', (x, degrees, tail) => {
  expect(chiSquareTail(x, degrees)).toBeCloseTo(tail, 12);
});

test('arms that are filled as their shares say give no alarm, others do', () => {
  expect(
    sampleRatio([
      { assigned: 900, expected: 900 },
      { assigned: 100, expected: 100 },
    ]),
  ).toEqual({ p: 1, alarm: false });
  expect(
    sampleRatio([
      { assigned: 860, expected: 900 },
      { assigned: 140, expected: 100 },
    ]),
  ).toMatchObject({ alarm: true });
  expect(
    sampleRatio([
      { assigned: 880, expected: 900 },
      { assigned: 120, expected: 100 },
    ]),
  ).toMatchObject({ alarm: false });
  // scipy 1.17: scipy.stats.chisquare(assigned, expected)
  const told = [
    {
      arms: [
        { assigned: 880, expected: 900 },
        { assigned: 120, expected: 100 },
      ],
      p: 0.03501498101966245,
    },
    {
      arms: [
        { assigned: 310, expected: 300 },
        { assigned: 400, expected: 350 },
        { assigned: 290, expected: 350 },
      ],
      p: 0.00013901171039274441,
    },
  ];
  for (const { arms, p } of told) expect(sampleRatio(arms)?.p).toBeCloseTo(p, 12);
  expect(sampleRatio([{ assigned: 1_000, expected: 1_000 }])).toBeUndefined();
  expect(
    sampleRatio([
      { assigned: 8, expected: 4.9 },
      { assigned: 2, expected: 5.1 },
    ]),
  ).toBeUndefined();
});

test('a difference is told for one look and for every look, the second wider and later', () => {
  const told = sealed({
    call: compareShares,
    given: () =>
      [
        { settled: 2_000, reached: 300 },
        { settled: 2_000, reached: 240 },
      ] as const satisfies unknown[],
  });
  // scipy 1.17: scipy.stats.chi2_contingency([[300, 1700], [240, 1760]], correction=False)
  expect(told?.p).toBeCloseTo(0.0055003159221, 12);
  expect(told?.lift).toBeCloseTo(0.03, 12);
  expect(told?.anytime?.low).toBeLessThan(told?.low ?? 0);
  expect(told?.anytime?.high).toBeGreaterThan(told?.high ?? 0);
  expect(told?.anytime?.p).toBeGreaterThan(told?.p ?? 1);
  expect(compareShares({ settled: 99, reached: 9 }, { settled: 500, reached: 9 })?.anytime).toBeUndefined();
  expect(compareShares({ settled: 0, reached: 0 }, { settled: 500, reached: 9 })).toBeUndefined();
  expect(compareShares({ settled: 500, reached: 0 }, { settled: 500, reached: 0 })).toMatchObject({ lift: 0, p: 1, anytime: { p: 1 } });
});

interface Counting {
  settled: number;
  reached: number;
}

/** Customers come one by one into two arms by the hash that assigns variants; the looks that were taken. */
function looksOf(
  seed: string,
  customers: number,
  { share, rates }: { readonly share: number; readonly rates: readonly [number, number] },
): readonly Comparison[] {
  const random = seededRandom(seed);
  const arms: readonly [Counting, Counting] = [
    { settled: 0, reached: 0 },
    { settled: 0, reached: 0 },
  ];
  const looks: Comparison[] = [];
  for (let i = 1; i <= customers; i++) {
    const place = placeAmongVariants({ tenant: 'default', campaign: seed, profileId: `p_${i}` });
    const one = place < share ? 0 : 1;
    arms[one].settled++;
    if (random() < rates[one]) arms[one].reached++;
    const look = i % LOOK_EVERY === 0 ? compareShares(arms[0], arms[1]) : undefined;
    if (look !== undefined) looks.push(look);
  }
  return looks;
}
const LOOK_EVERY = 50;
const RUNS = 300;
const shareOf = (runs: readonly boolean[]): number => runs.filter(Boolean).length / runs.length;
/** Three standard errors above 5 %. */
const NOT_ABOVE = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS);

test.each([
  { share: 0.5, rate: 0.3 },
  { share: 0.9, rate: 0.12 },
  { share: 0.9, rate: 0.03 },
])(
  'where both arms are alike ($share of customers in one, $rate reach the goal), a look at each fifty customers finds a difference in at most one of twenty runs',
  ({ share, rate }) => {
    const runs = Array.from({ length: RUNS }, (_, i) => looksOf(`a/a ${share} ${rate} ${i}`, 4_000, { share, rates: [rate, rate] }));
    const ever = shareOf(runs.map((looks) => looks.some(({ anytime }) => anytime !== undefined && anytime.p < 0.05)));
    const outside = shareOf(runs.map((looks) => looks.some(({ anytime }) => anytime !== undefined && (anytime.low > 0 || anytime.high < 0))));
    const atTheEnd = shareOf(runs.map((looks) => (looks.at(-1)?.p ?? 1) < 0.05));
    const seen = `seeds "a/a ${share} ${rate} 0" to ${RUNS - 1}: ever ${ever}, at the end ${atTheEnd}`;
    expect(ever, seen).toBe(outside);
    expect(ever, seen).toBeLessThanOrEqual(0.05);
    expect(atTheEnd, seen).toBeLessThan(NOT_ABOVE);
    const peeking = shareOf(runs.map((looks) => looks.some(({ p }) => p < 0.05)));
    expect(peeking, 'what is for one look does not hold at every look').toBeGreaterThan(0.15);
  },
);

test('a difference that is there is found, by stopping early too', () => {
  const runs = Array.from({ length: RUNS }, (_, i) => looksOf(`a/b ${i}`, 4_000, { share: 0.5, rates: [0.36, 0.3] }));
  expect(shareOf(runs.map((looks) => looks.some(({ anytime }) => anytime !== undefined && anytime.low > 0)))).toBeGreaterThan(0.8);
  const holds = shareOf(runs.map((looks) => looks.every(({ anytime }) => anytime === undefined || (anytime.low <= 0.06 && 0.06 <= anytime.high))));
  expect(holds).toBeGreaterThanOrEqual(0.95);
});

test('an alarm of the sample ratio comes by chance in about one of a thousand, and almost always where three of ten are lost', () => {
  const ratioOf = (seed: string, lost: number) => {
    const random = seededRandom(seed);
    let [treated, held] = [0, 0];
    for (let i = 0; i < 2_000; i++) {
      const heldOut = random() < 0.2;
      if (heldOut) held++;
      else if (random() >= lost) treated++;
    }
    const all = treated + held;
    return sampleRatio([
      { assigned: treated, expected: 0.8 * all },
      { assigned: held, expected: 0.2 * all },
    ]);
  };
  const alarms = (lost: number, runs: number) => Array.from({ length: runs }, (_, i) => ratioOf(`ratio ${lost} ${i}`, lost)?.alarm === true);
  expect(alarms(0, 1_000).filter(Boolean).length, 'seeds "ratio 0 0" to 999').toBeLessThanOrEqual(5);
  expect(shareOf(alarms(0.3, 100))).toBeGreaterThan(0.95);
});
