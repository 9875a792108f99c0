import { type ModelState, RewardOutcome } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TAUGHT_MAX } from './domain/learning/await-reward.ts';
import { stateName } from './flows/learn.ts';
import { LearningWorld } from './learning-world.fixture.ts';

const DAY = 86_400_000;
let world: LearningWorld;
beforeEach(async () => {
  world = new LearningWorld();
  await world.open();
});
afterEach(() => world.close());

const kept = (count: number) =>
  until(async () => (await world.log.bounds('attune.decisions.v1', 0)).endOffset + (await world.log.bounds('attune.decisions.v1', 1)).endOffset >= count);
const outcomes = async () => (await world.rewards()).map(({ outcome, decisionId, reward }) => ({ outcome, decisionId, reward }));
const learntSoFar = async () => (await world.rewards()).filter(({ outcome }) => outcome === RewardOutcome.REWARD_OUTCOME_LEARNT).length;
const learnt = (count: number) => until(async () => (await learntSoFar()) >= count);

/** One decision for each of so many customers, of whom every second clicks; learnt from. */
async function taught(customers: number, name = 'p'): Promise<number> {
  const before = await learntSoFar();
  const ids = Array.from({ length: customers }, (_, i) => `${name}_${i}`);
  const decisions = await Promise.all(ids.map((id) => world.decide(id)));
  const offers = decisions.filter(({ offer }) => offer !== '');
  await kept(decisions.length);
  await world.settled();
  for (const [i, { profileId, id }] of offers.entries()) if (i % 2 === 0) await world.click(profileId, id);
  await world.settled();
  clockOn(DAY + 1);
  await learnt(before + offers.length);
  await world.settled();
  return offers.length;
}
const clockOn = (ms: number): void => world.clock.pass(ms);

/** The newest state, once it holds all that was learnt. */
async function newestState() {
  clockOn(1_001);
  await until(async () => Number((await world.states()).at(-1)?.rewards ?? 0) === (await learntSoFar()));
  const newest = (await world.states()).at(-1);
  if (newest === undefined) throw new Error('no state');
  return newest;
}

test('what decisions brought becomes a named state that decisions use from then on, and each comes out the same from its record', async () => {
  const before = await world.decide('p_first');
  expect(before).toMatchObject({ exploration: 'thompson', modelState: '' });
  const count = await taught(40);
  const newest = await newestState();
  expect(newest.name).toBe(stateName(newest));
  expect(newest.offers.reduce((sum, { rewards }) => sum + rewards, 0)).toBe(Math.ceil(count / 2));
  expect(newest.offers.reduce((sum, { decisions }) => sum + Number(decisions), 0)).toBe(count + (before.offer === '' ? 0 : 1));
  await world.services[0]?.modelStates.look();
  await world.settled();
  const after = await world.decide('p_first', { requestId: 'r1' });
  expect(after.modelState).toBe(newest.name);
  const likely = (decision: typeof after) => decision.candidates.find(({ offer }) => offer === newest.offers[0]?.offer);
  expect(likely(after)?.deviation).toBeLessThan(likely(before)?.deviation ?? 0);
  const explained = await world.services[0]?.explain('default', { decisionId: after.id });
  expect(explained?.identical).toBe(true);
  expect(after.candidates.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1 + 1e-12);
});

test('a reward of an unknown decision, a late one, a second one and one of somebody else are told apart, and nothing is learnt from them', async () => {
  const decision = await world.decide('p_ann');
  await kept(1);
  await world.settled();
  await world.click('p_ann', 'd_nobody');
  await world.click('p_bea', decision.id);
  await world.click('p_ann', decision.id);
  await world.click('p_ann', decision.id);
  await world.settled();
  clockOn(DAY + 1);
  await learnt(1);
  await world.click('p_ann', decision.id);
  await world.settled();
  const { REWARD_OUTCOME_UNKNOWN_DECISION, REWARD_OUTCOME_DUPLICATE, REWARD_OUTCOME_EXPIRED, REWARD_OUTCOME_LEARNT } = RewardOutcome;
  const told = await outcomes();
  expect(told.toSorted((a, b) => a.outcome - b.outcome || (a.decisionId < b.decisionId ? -1 : 1))).toEqual(
    [
      { outcome: REWARD_OUTCOME_LEARNT, decisionId: decision.id, reward: 1 },
      { outcome: REWARD_OUTCOME_UNKNOWN_DECISION, decisionId: decision.id, reward: 0 },
      { outcome: REWARD_OUTCOME_UNKNOWN_DECISION, decisionId: 'd_nobody', reward: 0 },
      { outcome: REWARD_OUTCOME_EXPIRED, decisionId: decision.id, reward: 0 },
      { outcome: REWARD_OUTCOME_DUPLICATE, decisionId: decision.id, reward: 0 },
    ].toSorted((a, b) => a.outcome - b.outcome || (a.decisionId < b.decisionId ? -1 : 1)),
  );
});

test('a flood from one client teaches no more than a few decisions a day', async () => {
  for (let i = 0; i < 20; i++) {
    const { id, offer } = await world.decide('p_flood', { requestId: `r${i}` });
    await world.settled();
    if (offer !== '') await world.click('p_flood', id);
  }
  await world.settled();
  clockOn(DAY + 1);
  await until(async () => (await world.rewards()).length >= 15);
  await world.settled();
  const counts = Map.groupBy(await outcomes(), ({ outcome }) => outcome);
  expect(counts.get(RewardOutcome.REWARD_OUTCOME_LEARNT)).toHaveLength(TAUGHT_MAX);
  expect(counts.get(RewardOutcome.REWARD_OUTCOME_OVER_BOUND)?.length).toBeGreaterThan(5);
});

test('another process answers alike, and one that begins with an empty store comes to the same states', async () => {
  await taught(20);
  await newestState();
  await world.services[0]?.modelStates.look();
  await world.settled();
  const other = await world.start();
  await until(() => world.services.every(({ processors }) => processors.every(({ standing }) => standing().joined)));
  const [mine, theirs] = [await world.decide('p_x'), await world.decide('p_x', { service: other })];
  expect(mine.modelState).not.toBe('');
  expect(theirs.modelState).toBe(mine.modelState);
  const chances = ({ candidates }: typeof mine) => candidates.map(({ propensity, deviation }) => ({ propensity, deviation }));
  expect(chances(theirs)).toEqual(chances(mine));
});

test('the learner comes to the same sums when it begins anew, and tells no other states', async () => {
  await taught(24);
  await newestState();
  const before = await world.states();
  for (const service of world.services.splice(0)) await service.stop(1_000);
  const empty = new SqliteStateStore(':memory:');
  await world.start(empty);
  await world.settled();
  const byName = (states: readonly ModelState[]) => new Map(states.map((state) => [state.name, state])); // one may come twice: it is the same
  expect(byName(await world.states())).toEqual(byName(before));
  await taught(24, 'q');
  const after = await newestState();
  expect(after.number).toBeGreaterThan(before.at(-1)?.number ?? 0n);
  expect(after.offers.reduce((sum, { decisions }) => sum + Number(decisions), 0)).toBe(Number(after.rewards));
});
