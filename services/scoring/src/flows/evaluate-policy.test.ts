import { ConfigurationActivated, Decision, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { EventLog } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { seededRandom } from '@attune/kernel/random';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DecisionQuestion, decisionRecord } from '../domain/decision-record.ts';
import { type CampaignEvaluation, evaluatePolicy } from './evaluate-policy.ts';
import { policyOf } from './policy-of.ts';
import { DECISIONS, PROFILES, recordHeaders } from './records.ts';
import { idHash, sealInputs } from './seal-inputs.ts';
import { campaignOf, configurations, inputsWith, smallShop } from './shops.fixture.ts';

const [tenant, DAY] = ['default', 86_400_000];
const START = 1_700_000_000_000;
const policy = policyOf(configurations.of(smallShop));
const stopwatch = { elapsedMs: () => 0, sleep: async () => {} };

let log: EventLog;
let keys: SqliteKeyStore;
let ring: KeyRing;
beforeEach(async () => {
  log = new SqliteEventLog({ path: ':memory:', clock: { nowMs: () => START }, stopwatch });
  keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  ring = new KeyRing(keys, stopwatch);
  await log.ensureTopics([PROFILES, DECISIONS].map((topic) => ({ topic, partitions: 2 })));
  const value = ConfigurationActivated.encode({ version: policy.version, document: smallShop, receivedAtMs: BigInt(START) }).finish();
  await log.append(tenant, PROFILES, [{ key: 'configuration', value, partition: 0, headers: recordHeaders('ConfigurationActivated') }]);
});
afterEach(() => Promise.all([log.close(), keys.close()]));

/** How often each offer brings the goal, and nothing. */
const rates = new Map([
  ['', 0.1],
  ['for_all', 0.5],
  ['for_regulars', 0.25],
]);
const regular = (i: number): boolean => i % 2 === 0;
const inputsOf = (i: number) => inputsWith({ orders: 5 }, { segments: regular(i) ? ['regular'] : [] });

function decisionOf(i: number, profileId: string, more: Partial<DecisionQuestion> = {}): Decision {
  const asked = { tenant, profileId, campaign: campaignOf('choice'), policy, cause: `${profileId}/${i}`, nowMs: START + i, inputs: inputsOf(i), hops: 0 };
  const seal = sealInputs(ring, { tenant, profileId });
  return decisionRecord({ ...asked, position: undefined, tallyOf: () => ({ sent: 0, accepted: 0 }), seal, hash: idHash, ...more });
}

const decided = async (decisions: readonly Decision[]) =>
  void (await log.append(
    tenant,
    DECISIONS,
    decisions.map((decision) => ({ key: decision.profileId, value: Decision.encode(decision).finish(), headers: recordHeaders('Decision') })),
  ));

const changed = async (changes: readonly Partial<ProfileChange>[]) =>
  void (await log.append(
    tenant,
    PROFILES,
    changes.map((change) => ({
      key: change.profileId ?? '',
      value: ProfileChange.encode(ProfileChange.fromPartial(change)).finish(),
      headers: recordHeaders('ProfileChange'),
    })),
  ));
const bought = (profileId: string, atMs: number): Partial<ProfileChange> => ({
  kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT,
  profileId,
  event: 'Bought',
  eventTimeMs: BigInt(atMs),
  atMs: BigInt(atMs),
});
const later = () => changed([bought('p_late', START + 30 * DAY)]);

/** So many customers decided about, each reaching the goal as often as the rates say. */
async function shopOf(customers: number, seed: string, more: Partial<DecisionQuestion> = {}): Promise<void> {
  const random = seededRandom(seed);
  const ids = Array.from({ length: customers }, (_, i) => `p_${i}`);
  await ring.ensure(tenant, ids.map(subjectKey));
  const decisions = ids.map((id, i) => decisionOf(i, id, more));
  await decided(decisions);
  await changed(decisions.flatMap(({ profileId, offer, nowMs }) => (random() < (rates.get(offer) ?? 0) ? [bought(profileId, Number(nowMs) + DAY)] : [])));
  await later();
}

async function judged(change: (document: string) => string, effectiveMin = 100): Promise<CampaignEvaluation> {
  const request = { tenant, campaign: 'choice', document: change, effectiveMin };
  const [evaluation] = await evaluatePolicy({ log, ring, configurationOf: (document) => configurations.of(document) }, request);
  if (evaluation === undefined) throw new Error('nothing was judged');
  return evaluation;
}
const exploring = (rate: number) => (document: string) => document.replace('explore: 0.25', `explore: ${rate}`);

function within(evaluation: CampaignEvaluation, truth: number): void {
  const { after } = evaluation.reached;
  if (after.kind === 'refused') throw new Error(after.reason);
  for (const method of ['ips', 'snips', 'dr'] as const) {
    const { value, low, high } = after.by[method];
    expect([low < truth && truth < high, high - low < 0.2], `${method} says ${value} [${low}, ${high}], the truth is ${truth}`).toEqual([true, true]);
  }
}

test('what a policy would have brought is found from the decisions of another one', async () => {
  await shopOf(1_500, 'what-if/1');
  const more = await judged(exploring(1));
  within(more, (0.5 * (0.25 + 0.5)) / 2 + 0.5 / 2);
  expect(more).toMatchObject({ campaign: 'choice', goal: { event: 'Bought' }, tooYoung: 0, erased: 0, untold: 0, uncovered: [], currency: 'GBP' });
  expect(more.reached.after).toMatchObject({ choices: 1_500, units: 1_500 });
  expect(more.reached.more?.low).toBeGreaterThan(0);
  expect(more.changed).toBe(750);
  const same = await judged(exploring(0.25));
  within(same, 0.875 * 0.125 + 0.125 * 0.25 + 0.5 / 2);
  expect(same).toMatchObject({ changed: 0, reached: { more: { value: 0, low: 0, high: 0 } } });
});

test('decisions that were drawn by Thompson sampling judge other policies, and themselves as they were', async () => {
  const learning = smallShop.replace('choose: { explore: 0.25 }', 'choose: { explore: 0.1, exploration: thompson }');
  const sampled = policyOf(configurations.of(learning));
  await shopOf(1_500, 'what-if/5', { policy: sampled, campaign: { ...campaignOf('choice', sampled), holdout: 0 } });
  const same = await judged(() => learning);
  expect(same).toMatchObject({ changed: 0, untold: 0, reached: { more: { value: expect.closeTo(0, 12) } } });
  within(await judged(exploring(1)), (0.5 * (0.25 + 0.5)) / 2 + 0.5 / 2);
});

test('the holdout tells what nothing would have brought, and without it nothing is known of it', async () => {
  const dear = (document: string) => document.replace('cost: 1,', 'cost: 9,').replace('explore: 0.25', 'explore: 0');
  await shopOf(1_500, 'what-if/2');
  const nothing = await judged(dear);
  within(nothing, 0.1 / 2 + 0.25 / 2);
  expect(nothing.worth.more?.value).toBeLessThan(0);
});

test('without a holdout nothing is known of doing nothing', async () => {
  await shopOf(60, 'what-if/4', { campaign: { ...campaignOf('choice'), holdout: 0 } });
  const { reached, uncovered } = await judged((document) => document.replace('cost: 1,', 'cost: 9,').replace('explore: 0.25', 'explore: 0'), 1);
  expect(reached.after).toMatchObject({ kind: 'refused', reason: 'NOT_COVERED' });
  expect(uncovered).toEqual([{ offer: '', share: expect.closeTo(0.5, 9) }]);
});

test('a policy that draws what could never be drawn is refused, and what that is, is named', async () => {
  await shopOf(200, 'what-if/3');
  const wider = await judged((document) => document.replace(`who: '"regular" in segments', message: regulars`, 'message: regulars'));
  expect(wider.reached.after).toMatchObject({ kind: 'refused', reason: 'NOT_COVERED' });
  expect(wider.uncovered).toEqual([{ offer: 'for_regulars', share: expect.closeTo(0.5 * 0.875, 9) }]);
  expect(wider.reached.more).toBeUndefined();
});

test('what is too young for the goal, erased or told twice does not count, and a visitor’s goal is the customer’s', async () => {
  const ids = ['p_a', 'p_b', 'p_c', 'p_visitor'];
  await ring.ensure(tenant, ids.map(subjectKey));
  const free = { campaign: { ...campaignOf('choice'), holdout: 0 } };
  const [a, b, c, visitor] = ids.map((id, i) => decisionOf(i, id, free));
  const young = decisionOf(9, 'p_a', { ...free, nowMs: START + 29 * DAY });
  if (a === undefined || b === undefined || c === undefined || visitor === undefined) throw new Error('no decisions');
  await decided([a, b, c, visitor, a, young]);
  await changed([{ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, profileId: 'p_visitor', mergedInto: 'p_b', atMs: BigInt(START) }]);
  await changed([bought('p_b', START + DAY), bought('p_c', START + 8 * DAY)]);
  await later();
  await keys.destroy(tenant, [subjectKey('p_a')]);
  ring = new KeyRing(keys, stopwatch);
  const { reached, ...rest } = await judged(exploring(0.25), 1);
  expect(rest).toMatchObject({ tooYoung: 1, erased: 1, untold: 0, fromMs: START + 1 });
  expect(reached.after).toMatchObject({ kind: 'estimated', choices: 3, units: 2, by: { ips: { value: expect.closeTo(2 / 3, 9) } } });
});

test('a log without decisions, and a campaign that cannot be judged, say so', async () => {
  expect((await judged(exploring(1))).reached.after).toMatchObject({ kind: 'refused', reason: 'NO_CHOICES' });
  const ask = (campaign: string) =>
    evaluatePolicy({ log, ring, configurationOf: (text) => configurations.of(text) }, { tenant, campaign, document: (text) => text });
  await expect(ask('chioce')).rejects.toThrow('Did you mean choice?');
  await expect(ask('sorry')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});
