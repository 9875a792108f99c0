import { DecisionOutcome, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionsEmission, movedDecisions } from '../../flows/move-decisions.ts';
import { campaignOf, inputsWith, smallPolicy } from '../../flows/shops.fixture.ts';
import { answerChange, type CampaignLedger, countMoved, settle } from '../answer-change.ts';
import { addCounts, noCounts } from '../campaign-counts.ts';
import type { Policy } from '../campaign-rules.ts';
import { installDecisions } from '../move-memory.ts';
import { newMemory, type ProfileMemory, settlePast } from '../profile-memory.ts';
import type { ArmCounts } from './customer-counts.ts';
import { experimentResult } from './experiment-result.ts';

const DAY = 86_400_000;
const { worth, offers, explore, exploration, ...choice } = { ...campaignOf('choice'), expiresMs: 1_000 * DAY };
const variants = ['a', 'b'].map((name) => ({ name, share: 0.5, worth, offers, explore, exploration }));
const policy: Policy = { ...smallPolicy, campaigns: [{ ...choice, worth, offers, explore, exploration, holdout: 0.2, variants }] };

/** Profiles, each with a ledger of its own, as if all lay in partitions apart. */
function shop() {
  const profiles = new Map<string, { readonly memory: ProfileMemory; readonly ledger: CampaignLedger }>();
  let offset = 0;
  const of = (id: string) => {
    const known = profiles.get(id) ?? { memory: newMemory(), ledger: { logTimeMs: 0, campaigns: {} } };
    profiles.set(id, known);
    return known;
  };
  const tell = (profileId: string, fields: Partial<ProfileChange>) => {
    const position = { topic: 't', partition: 0, offset: BigInt(offset++) };
    const change = ProfileChange.fromPartial({ id: `c${offset}`, profileId, position, ...fields });
    const seal = () => ({ keyId: 'k', nonce: new Uint8Array(), ciphertext: new Uint8Array() });
    const given = { tenant: 'default', change, policy, rewarded: () => undefined, open: () => inputsWith({ orders: 3 }, { segments: ['regular'] }), seal };
    const decisions = answerChange({ ...given, ...of(profileId), hash: (text) => `${offset}${text.length}`.padEnd(22, '_') });
    return { change, decisions };
  };
  const enter = (id: string, atMs: number) =>
    tell(id, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, segment: 'regular', atMs: BigInt(atMs) }).decisions;
  const buy = (id: string, atMs: number) =>
    tell(id, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Bought', eventTimeMs: BigInt(atMs), atMs: BigInt(atMs) });
  const merge = (from: string, to: string, atMs: number) => {
    const { change } = tell(from, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: to, atMs: BigInt(atMs) });
    for (const { value } of decisionsEmission('default', change, of(from))) {
      const { settled, joined } = installDecisions(of(to).memory, movedDecisions(value));
      countMoved(of(to).ledger, joined, 1);
      settle(of(to).ledger, settled);
    }
  };
  const past = (atMs: number) => {
    for (const { memory, ledger } of profiles.values()) settle(ledger, settlePast(memory, atMs));
  };
  const counts = () => [...profiles.values()].reduce((sum, { ledger }) => addCounts(sum, ledger.campaigns['choice'] ?? noCounts), noCounts);
  const sumOf = (name: keyof ArmCounts) => Object.values(counts().customers ?? {}).reduce((sum, arm) => sum + arm[name], 0);
  return { enter, buy, merge, past, counts, sumOf };
}

test('a customer whom a campaign decides about again and again is counted once, by the first decision', () => {
  const { enter, buy, past, counts, sumOf } = shop();
  for (const day of [0, 20, 40]) enter('p_1', day * DAY);
  buy('p_1', 41 * DAY);
  past(100 * DAY);
  expect(counts()).toMatchObject({ entered: 3 });
  expect([sumOf('assigned'), sumOf('expected'), sumOf('settled'), sumOf('reached')]).toEqual([1, expect.closeTo(1, 12), 1, 0]);
});

test('a goal whose record comes late counts once, and nothing counts without consent', () => {
  const { enter, buy, past, sumOf } = shop();
  enter('p_1', 0);
  past(10 * DAY);
  expect([sumOf('settled'), sumOf('reached')]).toEqual([1, 0]);
  buy('p_1', 3 * DAY);
  buy('p_1', 4 * DAY);
  expect([sumOf('settled'), sumOf('reached')]).toEqual([1, 1]);
});

test('whatever becomes of visitors, each customer is counted at most once, and once everybody’s time is over exactly once', () => {
  const act = fc.record({ kind: fc.constantFrom('enter', 'buy', 'merge', 'past'), who: fc.nat(3), after: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const { enter, buy, merge, past, sumOf } = shop();
      const became = new Map<string, string>();
      const customers = new Set<string>();
      let day = 0;
      for (const { kind, who, after } of acts) {
        day += after;
        const id = `p_${who}`;
        const now = became.get(id) ?? id;
        if (kind === 'enter' && enter(now, day * DAY).length > 0) customers.add(now);
        if (kind === 'buy') buy(now, day * DAY);
        if (kind === 'past') past(day * DAY);
        if (kind === 'merge' && who !== 0 && !became.has(id)) {
          merge(id, 'p_0', day * DAY);
          became.set(id, 'p_0');
          if (customers.delete(id)) customers.add('p_0');
        }
        expect(sumOf('settled')).toBeLessThanOrEqual(customers.size);
        expect(sumOf('reached')).toBeLessThanOrEqual(sumOf('settled'));
      }
      past((day + 100) * DAY);
      expect(sumOf('settled')).toBe(customers.size);
    }),
    { numRuns: 150 },
  );
});

test('the arms of many customers are as their shares say, and are told with held out first', () => {
  const { enter, counts } = shop();
  const arms = new Map<string, number>();
  for (let i = 0; i < 1_500; i++) {
    const [decision] = enter(`p_${i}`, DAY);
    const arm = decision?.outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT ? 'held_out' : (decision?.variant ?? '');
    arms.set(arm, (arms.get(arm) ?? 0) + 1);
  }
  const { arms: told, ratio, comparisons } = experimentResult(counts().customers ?? {}, ['b', 'a']);
  expect(told.map(({ arm }) => arm)).toEqual(['held_out', 'b', 'a']);
  for (const { arm, assigned } of told) expect(assigned).toBe(arms.get(arm));
  expect(told.map(({ expected }) => expected)).toEqual([expect.closeTo(300, 6), expect.closeTo(600, 6), expect.closeTo(600, 6)]);
  expect(ratio?.alarm).toBe(false);
  expect(comparisons).toEqual([]);
});

test('each arm is compared with held out, and each variant with the first', () => {
  const arm = (reached: number) => ({ assigned: 500, expected: 500, settled: 400, reached });
  const { comparisons } = experimentResult({ a: arm(60), b: arm(80), held_out: arm(40) }, ['a', 'b']);
  expect(comparisons.map(({ arm: one, baseline, lift }) => [one, baseline, Math.round(lift * 1_000)])).toEqual([
    ['a', 'held_out', 50],
    ['b', 'held_out', 100],
    ['b', 'a', 50],
  ]);
});
