import type { CampaignEvaluation, Estimate, PolicyValue } from '@attune/scoring/composition';
import { expect, test } from 'vitest';
import { tellEvaluation } from './tell-evaluation.ts';

const support = { choices: 1_210, units: 1_014, effective: 812.4, largestWeight: 4.21, uncovered: 0 };
const about = (value: number, half: number): Estimate => ({ value, low: value - half, high: value + half });
function estimated(value: number): PolicyValue {
  const one = about(value, 0.02);
  return { kind: 'estimated', by: { dr: one, ips: about(value + 0.01, 0.03), snips: one, dm: one }, ...support };
}
const judgement = (more: Estimate) => ({ before: estimated(0.12), after: estimated(0.12 + more.value), more });
function evaluation(changes: Partial<CampaignEvaluation> = {}): CampaignEvaluation {
  return {
    campaign: 'welcome_back',
    goal: { event: 'Order Completed', withinMs: 1 },
    currency: 'GBP',
    reached: judgement(about(0.03, 0.01)),
    worth: judgement(about(0.5, 0.7)),
    uncovered: [],
    changed: 300,
    tooYoung: 84,
    erased: 0,
    untold: 0,
    fromMs: Date.UTC(2026, 0, 2),
    toMs: Date.UTC(2026, 5, 30),
    ...changes,
  };
}
const refused = (reason: (PolicyValue & { kind: 'refused' })['reason']) => ({
  before: estimated(0.1),
  after: { kind: 'refused' as const, reason, ...support },
});

test('what a policy would have brought is told as a table and a sentence', () => {
  expect(tellEvaluation(evaluation()).join('\n')).toBe(
    `
welcome_back: 1,210 decisions about 1,014 customers, 2026-01-02 to 2026-06-30; left out: 84 whose time for the goal is not over
                               policy that decided      this policy              difference
  reached Order Completed      12.0 % [10.0 %, 14.0 %]  15.0 % [13.0 %, 17.0 %]  +3.0 points [+2.0 points, +4.0 points]
  value less cost, a decision  £0.12 [£0.10, £0.14]     £0.62 [£0.60, £0.64]     +£0.50 [-£0.20, +£1.20]
  share by method
  doubly robust          15.0 % [13.0 %, 17.0 %]
  weights                16.0 % [13.0 %, 19.0 %]
  weights that make one  15.0 % [13.0 %, 17.0 %]
  means by offer alone   15.0 % [13.0 %, 17.0 %]
  effective sample: 812 of 1,014 customers; largest weight 4.2
  This policy would have reached Order Completed in 15.0 % of decisions instead of 12.0 %, and drawn otherwise in 300 decisions. That is more than chance explains.
`.trim(),
  );
});

test.each([
  [about(0.01, 0.02), 'may be chance'],
  [about(-0.03, 0.01), 'That is less, and chance does not explain it.'],
])('a difference of %j is put in words', (more, words) => {
  expect(tellEvaluation(evaluation({ reached: judgement(more) })).at(-1)).toContain(words);
});

test('a policy that draws as before is said to do so', () => {
  expect(tellEvaluation(evaluation({ changed: 0 })).at(-1)).toContain('would have drawn as the policy that decided did');
});

test.each([
  ['NO_CHOICES', {}, 'no decision of this campaign'],
  [
    'NOT_COVERED',
    {
      uncovered: [
        { offer: 'big', share: 0.25 },
        { offer: '', share: 1e-5 },
      ],
    },
    'big (25.0 % of what this policy draws), nothing (less than 0.1 %',
  ],
  ['CHANCES_DOUBTFUL', {}, 'the weights do not make one'],
  ['SAMPLE_TOO_SMALL', {}, '812 effective of 1,014 customers'],
] as const)('a refusal by %s says why, and no number of the policy', (reason, changes, words) => {
  const lines = tellEvaluation(evaluation({ ...changes, reached: refused(reason) }));
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`${reason}: `);
  expect(lines[1]).toContain(words);
});
