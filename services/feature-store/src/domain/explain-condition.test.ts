import { compileCondition, type KnownNames } from '@attune/configuration/conditions';
import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainCondition, type PartAnswer } from './explain-condition.ts';
import type { RulePart, RuleValues } from './find-transitions.ts';

const names: KnownNames = {
  features: new Map([
    ['orders', { type: 'number' }],
    ['spend', { type: 'number' }],
    ['days', { type: 'number', unitMs: 86_400_000 }],
    ['loyal', { type: 'truth' }],
    ['brands', { type: 'texts' }],
  ]),
  traits: new Map([['country', { type: 'text', sensitive: false }]]),
  segments: new Set(),
};

const leaf = fc.constantFrom(
  'orders >= 3',
  'orders == 1',
  'spend > 10.5',
  '2 * spend < 1.5 * orders',
  '(orders + 1) * 2 != 4.0',
  'days > days(2)',
  'days <= orders',
  'loyal',
  'traits.country == "GB"',
  'traits.country in ["ID", "(GB"]',
  'traits.country.startsWith("G")',
  'size(brands) > 0',
  '"a" in brands',
  'spend / orders > 2.0',
  'true',
  'false',
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, both, b]) => `(${a}) ${both} (${b})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([on, a, b]) => `(${on}) ? (${a}) : (${b})`),
    tie('condition').map((a) => `!(${a})`),
  ),
}));

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const values: fc.Arbitrary<RuleValues> = fc.record({
  features: fc.record({
    orders: maybe(fc.constantFrom(0, 1, 2, 3, 5)),
    spend: maybe(fc.constantFrom(0, 1.5, 10.5, 40)),
    days: maybe(fc.constantFrom(0, 1, 2, 3)),
    loyal: maybe(fc.boolean()),
    brands: maybe(fc.constantFrom([], ['a'], ['b', 'c'])),
  }),
  traits: fc.record({ country: maybe(fc.constantFrom('GB', 'ID', '(GB')) }),
});

function compiled(source: string) {
  const rule = compileCondition(source, names);
  if (rule.kind === 'fault') throw new Error(`${source}: ${rule.fault}`);
  return rule;
}

/** The condition in which one part is written as something else. */
function rewritten(part: RulePart, wanted: RulePart, text: string): string {
  if (part === wanted) return text;
  const [a = '', ...rest] = part.parts.map((below) => `(${rewritten(below, wanted, text)})`);
  if (part.kind === 'leaf') return part.source;
  if (part.kind === 'not') return `!${a}`;
  return part.kind === 'choice' ? `${a} ? ${rest.join(' : ')}` : [a, ...rest].join(part.kind === 'all' ? ' && ' : ' || ');
}

test('the whole answers what the evaluator answers, and so does each part by itself', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(condition, values, (source, known) => {
      const rule = compiled(source);
      const parts = explainCondition(rule.parts(), known);
      expect(parts[0]?.answer).toBe(rule.evaluate(known).kind);
      for (const { part, answer } of parts) expect([part.source, answer]).toEqual([part.source, compiled(part.source).evaluate(known).kind]);
      seen.add(parts[0]?.answer ?? '');
    }),
    { numRuns: 400 },
  );
  expect([...seen].toSorted()).toEqual(['fails', 'holds', 'unknown']);
});

test('a part that is said to decide alone does, and one that is not said to does not', () => {
  const told = { holds: 0, fails: 0, nothing: 0 };
  const turned = (whole: RulePart, { part }: PartAnswer, known: RuleValues, text: 'true' | 'false'): boolean =>
    compiled(rewritten(whole, part, text)).evaluate(known).kind === 'holds';
  fc.assert(
    fc.property(condition, values, (source, known) => {
      const whole = compiled(source).parts();
      const [first, ...below] = explainCondition(whole, known);
      const holds = first?.answer === 'holds';
      expect(first?.turnsIf).toBeUndefined();
      for (const one of below) {
        told[one.turnsIf ?? 'nothing']++;
        if (one.turnsIf) expect(turned(whole, one, known, one.turnsIf === 'holds' ? 'true' : 'false')).toBe(!holds);
        else for (const text of ['true', 'false'] as const) expect(turned(whole, one, known, text)).toBe(holds);
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(...Object.values(told))).toBeGreaterThan(20);
});

test('a comparison misses by as much as its left side lies from where it would hold', () => {
  const missOf = (source: string, features: object): unknown =>
    explainCondition(compiled(source).parts(), { features: { ...features }, traits: {} })[0]?.compared;
  expect(missOf('orders >= 3', { orders: 1 })).toEqual({ sign: '>=', left: 1, right: 3, missesBy: 2 });
  expect(missOf('orders >= 3', { orders: 4 })).toMatchObject({ missesBy: 0 });
  expect(missOf('days < days(2)', { days: 5 })).toEqual({ sign: '<', left: 5, right: 2, missesBy: 3 });
  expect(missOf('days > 1.5 * spend', { days: 1, spend: 2 })).toMatchObject({ right: 3, missesBy: 2 });
  expect(missOf('orders == 1', { orders: 4 })).toMatchObject({ missesBy: 3 });
  expect(missOf('orders != 1', { orders: 1 })).toMatchObject({ missesBy: 0 });
  expect(missOf('orders >= 3', {})).toBeUndefined();
  expect(missOf('loyal', { loyal: true })).toBeUndefined();
});

test('three that are joined by the same word are three parts of one', () => {
  const parts = explainCondition(compiled('orders >= 3 && days > days(2) && !(loyal || spend > 1.0)').parts(), { features: {}, traits: {} });
  expect(parts.map(({ part, depth }) => `${depth} ${part.kind} ${part.source}`)).toEqual([
    '0 all orders >= 3 && days > days(2) && !(loyal || spend > 1.0)',
    '1 leaf orders >= 3',
    '1 leaf days > days(2)',
    '1 not !(loyal || spend > 1.0)',
    '2 any loyal || spend > 1.0',
    '3 leaf loyal',
    '3 leaf spend > 1.0',
  ]);
});

test('the explanation is a pure function', () => {
  const { features, traits } = { features: { orders: 1 }, traits: {} };
  const whole = compiled('orders >= 3 || loyal').parts();
  const parts = sealed({ call: (known: RuleValues) => explainCondition(whole, known).map(({ answer }) => answer), given: () => [{ features, traits }] });
  expect(parts).toEqual(['unknown', 'fails', 'unknown']);
});
