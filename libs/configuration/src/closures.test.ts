import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { celEvaluator } from './cel-evaluator.ts';
import { closureOf, isUnknown } from './closures.ts';
import { compileCondition, environmentOf, type KnownNames, truthOf, type Values } from './conditions.ts';

const names: KnownNames = {
  features: new Map([
    ['orders', { type: 'number' }],
    ['spend', { type: 'number' }],
    ['topic', { type: 'text' }],
    ['opened', { type: 'truth' }],
  ]),
  traits: new Map([
    ['country', { type: 'text', sensitive: false }],
    ['age', { type: 'number', sensitive: false }],
  ]),
  segments: new Set(['vip', 'lapsing']),
};

const { truth } = fc.letrec<{ number: string; text: string; truth: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('orders', 'spend', 'traits.age', '0', '1', '2', '-1', '-0', '0.0', '1.5', '30.0'),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(tie('truth'), tie('number'), tie('number')).map(([on, a, b]) => `(${on} ? ${a} : ${b})`),
    tie('number').map((a) => `-(${a})`),
  ),
  text: fc.constantFrom('topic', 'traits.country', '"GB"', '"vip"', '""'),
  truth: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom('opened', 'true', 'false'),
    fc.tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(tie('text'), fc.constantFrom('<', '==', '!='), tie('text')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    tie('number').map((a) => `(${a} in [1, 2, 3])`),
    tie('number').map((a) => `(${a} in [0.0, 1.5])`),
    tie('text').map((a) => `(${a} in ["GB", "ID"])`),
    tie('text').map((a) => `(${a} in segments)`),
    fc.tuple(tie('truth'), fc.constantFrom('&&', '||', '=='), tie('truth')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(tie('truth'), tie('truth'), tie('truth')).map(([on, a, b]) => `(${on} ? ${a} : ${b})`),
    tie('truth').map((a) => `!(${a})`),
  ),
}));

const anything = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 1.5, -1, 30, 'GB', 'vip', true, false) },
  fc.constantFrom(undefined, null, Number.NaN, Number.POSITIVE_INFINITY, {}, []),
);
const numeric = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, -0, 1, 2, 1.5, -1, 30) }, anything);
const values: fc.Arbitrary<Values> = fc.record(
  {
    features: fc.record({ orders: numeric, spend: numeric, topic: anything, opened: fc.oneof(fc.boolean(), anything) }, { requiredKeys: [] }),
    traits: fc.record({ country: anything, age: numeric }, { requiredKeys: [] }),
    segments: fc.subarray(['vip', 'lapsing']),
  },
  { requiredKeys: ['features', 'traits'] },
);

/** What the library answers, however many closures there are. */
function asked(source: string, given: Values) {
  const program = environmentOf(names).parse(source);
  expect(program.check().error).toBeUndefined();
  return celEvaluator({ program, reads: { features: [...names.features.keys()], traits: [...names.traits.keys()], segments: [] } }, truthOf)(given);
}

test('a condition that became a closure answers what the library answers, whatever is missing', () => {
  let closures = 0;
  fc.assert(
    fc.property(truth, fc.array(values, { minLength: 4, maxLength: 4 }), (source, several) => {
      const compiled = compileCondition(source, names);
      fc.pre(compiled.kind === 'compiled');
      const closure = closureOf(environmentOf(names).parse(source).ast, names);
      if (closure) closures++;
      for (const given of several) {
        const answer = closure ? closure.run(given) : undefined;
        const said = answer === undefined || isUnknown(answer) ? answer : truthOf(answer);
        if (closure) expect(said).toEqual(asked(source, given));
        expect(compiled.evaluate(given)).toEqual(asked(source, given));
      }
    }),
    { numRuns: 1_500 },
  );
  expect(closures).toBeGreaterThan(300);
});

test('conditions of the usual kind are closures, and what is left to the library still has atoms', () => {
  const closed = (source: string) => closureOf(new Environment({ unlistedVariablesAreDyn: true }).parse(source).ast, names) !== undefined;
  expect(['orders >= 3 && spend > 1.5 * orders', '"vip" in segments', 'orders in [1, 2]', '!(traits.country == "GB")'].map(closed)).toEqual(
    Array(4).fill(true),
  );
  expect(['topic.startsWith("r")', '1 + 2 == 3', 'size(segments) == 1'].map(closed)).toEqual(Array(3).fill(false));
  const compiled = compileCondition('topic.startsWith("r") && 2.0 * orders < spend && spend - orders > 1', names);
  if (compiled.kind === 'fault') throw new Error(compiled.fault);
  const { atoms, others } = compiled.moves;
  expect(atoms.map(({ feature, boundReads }) => [feature, ...boundReads])).toEqual([['spend', 'orders']]);
  expect(others).toEqual(['orders', 'spend', 'topic']);
  expect(atoms[0]?.bound({ features: { orders: 4 }, traits: {} })).toBe(8);
  expect(atoms[0]?.bound({ features: {}, traits: {} })).toBeUndefined();
});
