import { readFileSync } from 'node:fs';
import { seededRandom } from '@attune/kernel/random';
import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePolicies, estimatePolicy, type JudgedChoice, METHODS, supportOf } from './estimate-policy.ts';

interface Answers {
  readonly answers: Readonly<Record<(typeof METHODS)[number], { readonly value: number; readonly low: number; readonly high: number }>>;
  readonly effective: number;
}
interface OpenBandit extends Answers {
  readonly items: readonly number[];
  readonly places: readonly number[];
  readonly clicked: readonly number[];
  readonly chances: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
}
interface MadeUp extends Answers {
  readonly action: readonly number[];
  readonly reward: readonly number[];
  readonly logged: readonly (readonly number[])[];
  readonly target: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
}
const read = <Case>(name: string): Case =>
  JSON.parse(readFileSync(new URL(`../../../../../testdata/off-policy/${name}.json`, import.meta.url), 'utf8')) as Case;

const openBandit = read<OpenBandit>('open-bandit');
const madeUp = read<MadeUp>('made-up');

function choicesOfOpenBandit({ items, places, clicked, chances, expected }: OpenBandit): readonly JudgedChoice[] {
  const clicks = new Set(clicked);
  const at = (table: readonly (readonly number[])[], item: number, place: number): number => table[item]?.[place] ?? Number.NaN;
  const expectedAt = [0, 1, 2].map((place) => chances.reduce((sum, of, item) => sum + (of[place] ?? 0) * at(expected, item, place), 0));
  return items.map((item, i) => {
    const place = places[i] ?? 0;
    const told = { target: at(chances, item, place), expected: at(expected, item, place), expectedOfTarget: expectedAt[place] ?? 0 };
    return { unit: String(i), reward: clicks.has(i) ? 1 : 0, logged: 1 / chances.length, uncovered: 0, ...told };
  });
}

const choicesMadeUp = ({ action, reward, logged, target, expected }: MadeUp): readonly JudgedChoice[] =>
  action.map((made, i) => {
    const [q, chances] = [expected[i] ?? [], target[i] ?? []];
    return {
      unit: String(i),
      reward: reward[i] ?? 0,
      logged: (logged[i]?.[made] ?? 0) / 4096,
      target: (chances[made] ?? 0) / 4096,
      uncovered: 0,
      expected: q[made] ?? 0,
      expectedOfTarget: chances.reduce((sum, whole, at) => sum + (whole / 4096) * (q[at] ?? 0), 0),
    };
  });

test.each([
  { name: 'Open Bandit', choices: choicesOfOpenBandit(openBandit), told: openBandit },
  { name: 'choices whose chances differ', choices: choicesMadeUp(madeUp), told: madeUp },
])('$name: values are those of obp, and intervals near its bootstrap', ({ choices, told }) => {
  const value = sealed({ call: estimatePolicy, given: () => [choices, 1] as [readonly JudgedChoice[], number] });
  if (value.kind === 'refused') throw new Error(value.reason);
  expect(Math.abs(value.effective - told.effective)).toBeLessThan(1e-9 * told.effective);
  for (const method of METHODS) {
    const [ours, theirs] = [value.by[method], told.answers[method]];
    expect(Math.abs(ours.value - theirs.value), method).toBeLessThan(1e-9);
    if (method !== 'snips') expect(Math.abs((ours.high - ours.low) / (theirs.high - theirs.low) - 1), method).toBeLessThan(0.06);
  }
});

const choice = (more: Partial<JudgedChoice> = {}): JudgedChoice => ({
  unit: 'p_1',
  reward: 1,
  logged: 0.5,
  target: 0.5,
  uncovered: 0,
  expected: 0.5,
  expectedOfTarget: 0.5,
  ...more,
});
const many = (count: number, more: (i: number) => Partial<JudgedChoice>): readonly JudgedChoice[] =>
  Array.from({ length: count }, (_, i) => choice({ unit: `p_${i}`, ...more(i) }));

test('a log without choices, one that never did what the policy does, and one that hardly did it are refused', () => {
  expect(estimatePolicy([])).toMatchObject({ kind: 'refused', reason: 'NO_CHOICES', effective: 0 });
  const uncovered = many(500, (i) => ({ uncovered: i === 7 ? 1e-3 : 0 }));
  expect(estimatePolicy(uncovered)).toMatchObject({ kind: 'refused', reason: 'NOT_COVERED', uncovered: 1e-3 / 500 });
  const few = many(500, (i) => (i % 10 === 0 ? { logged: 0.1, target: 1 } : { logged: 0.9, target: 0 }));
  expect(estimatePolicy(few)).toMatchObject({ kind: 'refused', reason: 'SAMPLE_TOO_SMALL', effective: 50, largestWeight: 10 });
  expect(estimatePolicy(few, 50)).toMatchObject({ kind: 'estimated' });
});

test('chances that cannot have been those are refused', () => {
  const twiceTooSmall = many(1_000, (i) => (i % 2 === 0 ? { logged: 0.25, target: 1 } : { logged: 0.75, target: 0 }));
  expect(estimatePolicy(twiceTooSmall)).toMatchObject({ kind: 'refused', reason: 'CHANCES_DOUBTFUL' });
});

test('the policy that made the choices brings what they brought, whatever the method but the model alone', () => {
  const reward = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.record({ reward, expected: reward, logged: fc.double({ min: 0.01, max: 1, noNaN: true }) }), { minLength: 2, maxLength: 40 }),
      (made) => {
        const choices = made.map((one, i) => choice({ ...one, unit: `p_${i}`, target: one.logged, expectedOfTarget: one.expected }));
        const value = estimatePolicy(choices, 1);
        if (value.kind === 'refused') throw new Error(value.reason);
        const mean = made.reduce((sum, one) => sum + one.reward, 0) / made.length;
        for (const method of ['ips', 'snips', 'dr'] as const) expect(value.by[method].value).toBeCloseTo(mean, 9);
        const difference = comparePolicies(choices, choices, 'dr');
        expect([difference.value, difference.low, difference.high].every((number) => Math.abs(number) < 1e-12)).toBe(true);
      },
    ),
  );
});

test('choices that are told twice of the same customers make nothing surer', () => {
  const once = many(400, (i) => ({ reward: i % 3 === 0 ? 1 : 0 }));
  const [one, two] = [estimatePolicy(once), estimatePolicy([...once, ...once])];
  if (one.kind === 'refused' || two.kind === 'refused') throw new Error('refused');
  for (const method of METHODS) {
    expect(two.by[method].value).toBeCloseTo(one.by[method].value, 12);
    expect(two.by[method].low).toBeCloseTo(one.by[method].low, 12);
  }
  expect(supportOf([...once, ...once])).toMatchObject({ choices: 800, units: 400, effective: 400 });
});

/** Two offers; the first is taken by 0.6, the second by 0.2, and half of the time customers decide twice. The log draws the first with 0.3, the policy with 0.8. */
function simulated(seed: string, customers: number): readonly JudgedChoice[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, (_, i) => {
    const mood = random() < 0.5 ? 0.15 : -0.15;
    return Array.from({ length: random() < 0.5 ? 2 : 1 }, () => {
      const first = random() < 0.3;
      const reward = random() < (first ? 0.6 : 0.2) + mood ? 1 : 0;
      return choice({
        unit: `p_${i}`,
        reward,
        logged: first ? 0.3 : 0.7,
        target: first ? 0.8 : 0.2,
        expected: first ? 0.5 : 0.25,
        expectedOfTarget: 0.45,
      });
    });
  }).flat();
}

test('ninety-five of a hundred intervals hold what the policy really brings', () => {
  const truth = 0.8 * 0.6 + 0.2 * 0.2;
  const runs = Array.from({ length: 300 }, (_, i) => estimatePolicy(simulated(`intervals/${i}`, 250)));
  for (const method of ['ips', 'snips', 'dr'] as const) {
    const held = runs.filter((run) => run.kind === 'estimated' && run.by[method].low <= truth && truth <= run.by[method].high).length;
    expect(held / runs.length, method).toBeGreaterThan(0.91);
    expect(held / runs.length, method).toBeLessThan(0.985);
  }
});
