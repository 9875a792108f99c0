import { compileCondition, type KnownNames } from '@attune/configuration/conditions';
import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR } from '../gift-barn.fixture.ts';
import { featureKinds } from './features/index.ts';
import { type RuleValues, segmentsThatHold } from './find-transitions.ts';
import { nextCrossing, type Standstill, type Varying } from './next-crossing.ts';

const NOW = Date.UTC(2026, 4, 5, 6);
const base = { event: 'Bought', field: 'total', decimals: 2, purposes: [] };
const declarations: readonly FeatureDeclaration[] = [
  { ...base, name: 'days', kind: 'time_since', unitMs: DAY },
  { ...base, name: 'hours', kind: 'time_since', unitMs: HOUR },
  { ...base, name: 'often', kind: 'count', windowMs: 5 * DAY },
  { ...base, name: 'spend', kind: 'sum', windowMs: 30 * DAY },
  { ...base, name: 'all', kind: 'count' },
  { ...base, name: 'gap', kind: 'mean_gap', unitMs: DAY, minEvents: 3 },
];
const names: KnownNames = {
  features: new Map(declarations.map(({ name }) => [name, { type: 'number' }])),
  traits: new Map([['age', { type: 'number', sensitive: false }]]),
  segments: new Set(),
};

const bought = fc.record({ agoMs: fc.oneof(fc.nat(40 * 24), fc.nat(3)).map((hours) => hours * HOUR), total: fc.integer({ min: -300, max: 9_000 }) });
const bound = fc.constantFrom(
  '0',
  '1',
  '2.5',
  '3',
  '7',
  '30.0',
  '-1',
  '1e9',
  '0.0 / 0.0',
  'traits.age',
  'gap',
  '1.5 * gap',
  'all',
  'all + traits.age',
  'often',
  'spend / 10.0',
);
const sign = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
const number = fc.constantFrom('days', 'hours', 'often', 'spend', 'all', 'gap');
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(number, sign, bound).map((it) => it.join(' ')),
    fc.tuple(bound, sign, number).map((it) => it.join(' ')),
    fc.tuple(number, fc.constantFrom('-', '+', '*'), number, sign, bound).map((it) => it.join(' ')),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, both, b]) => `(${a}) ${both} (${b})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([on, a, b]) => `(${on}) ? (${a}) : (${b})`),
    tie('condition').map((a) => `!(${a})`),
  ),
}));

interface History {
  readonly events: readonly { readonly agoMs: number; readonly total: number }[];
  readonly age: number | undefined;
  readonly conditions: readonly string[];
}

/** What time moves, what it does not, and the segments of one customer. */
function standing({ events, age, conditions }: History): Standstill {
  const constant: Record<string, unknown> = {};
  const varying = new Map<string, Varying>();
  for (const declaration of declarations) {
    const kind = featureKinds.find(({ spec }) => spec.keyword === declaration.kind);
    if (!kind) throw new Error(declaration.kind);
    const happened = events.map(({ agoMs, total }, i) => ({ name: 'Bought', timestampMs: NOW - agoMs, messageId: `m${i}`, fields: { total: total / 100 } }));
    const state = happened.reduce((before, event) => kind.step(before, event, declaration), kind.init());
    const valueAt = (atMs: number): unknown => {
      const reading = kind.read(state, atMs, declaration);
      return reading.status === 'present' ? reading.value : undefined;
    };
    const side = kind.nextSideMs && ((atMs: number, against: number) => kind.nextSideMs?.(state, atMs, against, declaration));
    if (kind.nextChangeMs?.(state, NOW, declaration) === undefined) constant[declaration.name] = valueAt(NOW);
    else varying.set(declaration.name, { valueAt, nextChangeMs: (atMs) => kind.nextChangeMs?.(state, atMs, declaration), nextSideMs: side });
  }
  const segments = conditions.map((source, i) => {
    const rule = compileCondition(source, names);
    if (rule.kind === 'fault') throw new Error(`${source}: ${rule.fault}`);
    return { name: `s${i}`, rule };
  });
  const still = { segments, nowMs: NOW, traits: { age }, constant, varying };
  return { ...still, holding: holdingAt({ ...still, holding: [] }, NOW) };
}

function holdingAt({ segments, constant, traits, varying }: Standstill, atMs: number): readonly string[] {
  const values: RuleValues = { features: { ...constant, ...Object.fromEntries([...varying].map(([name, { valueAt }]) => [name, valueAt(atMs)])) }, traits };
  return segmentsThatHold(segments, values);
}

const CHANGES_MAX = 600;

/** Every change of every feature, in order, until one changes a segment; undefined when none of so many does. */
function walked(still: Standstill): number | undefined {
  let atMs = still.nowMs;
  for (let looked = 0; looked < CHANGES_MAX; looked++) {
    const next = Math.min(...[...still.varying.values()].map(({ nextChangeMs }) => nextChangeMs(atMs) ?? Number.POSITIVE_INFINITY));
    if (next === Number.POSITIVE_INFINITY) return undefined;
    atMs = next;
    if (holdingAt(still, atMs).join() !== still.holding.join()) return atMs;
  }
  return undefined;
}

/** The same, from one answer to the next. */
function found(still: Standstill): number | undefined {
  for (let nowMs = still.nowMs; nowMs < still.nowMs + 400 * DAY; ) {
    const atMs = nextCrossing({ ...still, nowMs });
    if (atMs === undefined || holdingAt(still, atMs).join() !== still.holding.join()) return atMs;
    if (!(atMs > nowMs)) throw new Error(`the next crossing after ${nowMs} is ${atMs}, which is not later`);
    nowMs = atMs;
  }
  return undefined;
}

test('the next crossing is the one that a walk along every change finds', () => {
  let crossings = 0;
  const history = fc.record({
    events: fc.array(bought, { maxLength: 8 }),
    age: fc.option(fc.constantFrom(0, 3, 7.5), { nil: undefined }),
    conditions: fc.array(condition, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(history, (given) => {
      const still = standing(given);
      const slow = walked(still);
      const fast = found(still);
      if (slow !== undefined) crossings++;
      // The slow walk gives up: what it did not reach lies beyond.
      if (slow !== undefined || fast === undefined) expect(fast).toBe(slow);
      else expect(fast).toBeGreaterThan(NOW + (CHANGES_MAX / 48) * DAY);
    }),
    { numRuns: 300 },
  );
  expect(crossings).toBeGreaterThan(40);
});
