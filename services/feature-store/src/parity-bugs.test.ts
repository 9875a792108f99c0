import { Activity, Decision, type DecisionInputs, DecisionInputs as Inputs } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { Processor } from '@attune/processor/processor';
import { until } from '@attune/processor/processor-world';
import { nextOffsetIn } from '@attune/processor/watermark';
import { systemStopwatch } from '@attune/runtime/world';
import { subjectKey } from '@attune/sealing/port';
import type { Slot, StateStore } from '@attune/state-store/port';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answersOf, findDecisions, parityOf, parityRequests, profilesDefinition, type ServedAnswer, storedFeatures } from './container.ts';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configuration, configurations, DAY, HOUR } from './gift-barn.fixture.ts';
import type { ProfilesState } from './ports.ts';

const [TENANT, ACTIVITY, PARTITIONS] = ['default', 'attune.activity.v1', 4];
const order = (total: number, agoMs = 0) => ({ name: 'Order Completed', fields: { total, order_id: 'o' }, agoMs });

let world: FeatureStoreWorld;
let endings: (() => Promise<void>)[];
beforeEach(async () => {
  endings = [];
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(async () => {
  for (const end of endings) await end();
  await world.end();
});

type Fold = ProcessorDefinition<ProfilesState>['fold'];

/** A feature store whose fold has a bug, over the same log; it announces nothing. Answers what it serves of a customer now. */
async function buggy(plant: (fold: Fold) => Fold): Promise<(user: string) => Promise<readonly ServedAnswer[]>> {
  const name = `buggy${endings.length}`;
  const store = new SqliteStateStore(':memory:');
  const right = profilesDefinition(world.ring, configurations);
  const wrong = plant(right.fold);
  const { dueRecord: _, ...definition } = right;
  const fold: Fold = (state, record, companion) => {
    wrong(state, record, companion);
    return { emissions: [] };
  };
  // A group of its own: the right one goes on beside it.
  const processor = new Processor({ ...definition, name, fold }, { log: world.log, store, clock: world.clock, stopwatch: systemStopwatch });
  await processor.start();
  endings.push(async () => {
    await processor.stop(1_000);
    await store.close();
  });
  const slots = { read: (slot: Slot, keys: readonly string[]) => store.read({ ...slot, processor: name }, keys) };
  const ask = storedFeatures({
    store: Object.assign(Object.create(store), slots) as StateStore,
    ring: world.ring,
    configurations,
    configuration,
    partitions: PARTITIONS,
    clock: world.clock,
    stopwatch: systemStopwatch,
  });
  const caughtUp = async (): Promise<boolean> => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { watermark } = await store.read({ processor: name, partition, partitions: PARTITIONS }, []);
      if (nextOffsetIn(watermark) < (await world.log.bounds(ACTIVITY, partition)).endOffset) return false;
    }
    return true;
  };
  return async (user) => {
    await until(caughtUp);
    const [request] = parityRequests(configuration, 'personalise', [`p_${user}`]);
    return request === undefined ? [] : answersOf(await ask(TENANT, request), 'personalise');
  };
}

/** What the gate says of answers: features, and the first record that tells. */
async function caught(answers: readonly ServedAnswer[]) {
  const { mismatches } = await parityOf({ log: world.log, ring: world.ring, configurations }, { tenant: TENANT, answers, decisions: [] });
  return mismatches.map(
    ({ feature, answer, differs }) => `${feature} of ${answer.profileId} in ${answer.source}: ${differs?.how} ${differs?.what} at ${differs?.offset}`,
  );
}

const profileOf = (userId: string) => world.call('features.v1.FeatureStoreService/GetProfile', { subject: { userId }, purpose: 'service' });
const folded = (user: string, events: number) => until(async () => (await profileOf(user))['events'] === String(events));
const eventIn = ({ value }: LogRecord) => {
  const { record } = Activity.decode(value);
  return record?.$case === 'event' ? record.value : undefined;
};

test('what is served rightly passes', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  const answers = await (await buggy((fold) => fold))('ann');
  expect(answers[0]?.values.map(({ name, value }) => `${name} ${value?.kind?.value}`)).toContain('spend_90d 10');
  expect(await caught(answers)).toEqual([]);
});

test('a window off by one millisecond is caught, by feature, profile and record', async () => {
  const served = await buggy((fold) => (state, record, companion) => {
    const activity = Activity.decode(record.value);
    if (activity.record?.$case === 'event') activity.record.value.timestampMs += 1n;
    return fold(state, { ...record, value: Activity.encode(activity).finish() }, companion);
  });
  await world.happens('ann', order(10));
  world.pass(90 * DAY + 1);
  const found = await caught(await served('ann'));
  expect(found).toContainEqual(expect.stringMatching(/^orders_90d of p_ann in features: other event Order Completed at \d+$/));
  expect(found).toContainEqual(expect.stringMatching(/^spend_90d of p_ann in view buying_habit: other event Order Completed at \d+$/));
  expect(found).not.toContainEqual(expect.stringMatching(/traits/));
});

test('a late event that is counted before it came is caught, and named', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  world.pass(DAY);
  const right = await (await buggy((fold) => fold))('ann');
  // It happened before the answer was given and came after it.
  await world.happens('ann', order(5, HOUR));
  await folded('ann', 2);
  const early = await (await buggy((fold) => fold))('ann');
  const place = { offset: right[0]?.offset ?? 0, atMs: right[0]?.atMs ?? 0 };
  const found = await caught(early.map((answer) => ({ ...answer, ...place })));
  expect(found).toContainEqual(`orders of p_ann in features: early event Order Completed at ${place.offset + 1}`);
  expect(await caught(right)).toEqual([]);
});

test('a merge that was forgotten is caught: the record that brought the folds is named', async () => {
  const served = await buggy(
    (fold) => (state, record, companion) => (Activity.decode(record.value).record?.$case === 'foldMoved' ? { emissions: [] } : fold(state, record, companion)),
  );
  await world.happens('tab', order(10));
  await folded('tab', 1);
  await world.happens('ann', order(1));
  await folded('ann', 1);
  await world.becomes('tab', 'ann');
  await folded('ann', 2);
  const found = await caught(await served('ann'));
  expect(found).toContainEqual(expect.stringMatching(/^orders of p_ann in features: missed foldMoved at \d+$/));
});

test('a record that was folded twice, and one that was lost, are caught and named', async () => {
  const isSecond = (record: LogRecord): boolean => eventIn(record)?.messageId === 'm1';
  const twice = await buggy((fold) => (state, record, companion) => {
    fold(state, record, companion);
    const again = Activity.decode(record.value);
    again.acceptedOffset = -1n;
    return isSecond(record) ? fold(state, { ...record, value: Activity.encode(again).finish() }, companion) : { emissions: [] };
  });
  const lost = await buggy((fold) => (state, record, companion) => (isSecond(record) ? { emissions: [] } : fold(state, record, companion)));
  for (const total of [1, 2, 3]) await world.happens('ann', order(total));
  expect(await caught(await twice('ann'))).toContainEqual(expect.stringMatching(/^orders of p_ann in features: /));
  expect(await caught(await lost('ann'))).toContainEqual(expect.stringMatching(/^spend_90d of p_ann in features: other event Order Completed at \d+$/));
});

test('what a transition handed to a decision is compared, and a decision without its cause is caught', async () => {
  await world.log.ensureTopics([{ topic: 'attune.decisions.v1', partitions: PARTITIONS }]);
  await world.happens('ann', { fields: { country: 'GB' } });
  await world.happens('ann', order(10));
  await until(async () => (await world.changes('ann')).some(({ inputs }) => inputs !== undefined));
  const [begun] = (await world.changes('ann')).filter(({ inputs }) => inputs !== undefined);
  if (begun?.inputs === undefined) throw new Error('nothing began');
  const decide = async (id: string, cause: string, inputs: DecisionInputs): Promise<void> => {
    const { profileId, atMs: nowMs, position: profilePosition } = begun.change;
    const sealed = world.ring.seal(subjectKey(profileId), { tenant: TENANT, subject: profileId, id }, Inputs.encode(inputs).finish());
    const decision = Decision.fromPartial({ id, profileId, cause, nowMs, ...(profilePosition && { profilePosition }), purpose: 'marketing', inputs: sealed });
    await world.log.append(TENANT, 'attune.decisions.v1', [{ key: profileId, value: Decision.encode(decision).finish() }]);
  };
  const check = async () => {
    const decisions = await findDecisions(world.log, () => true);
    const { mismatches, decisions: count } = await parityOf({ log: world.log, ring: world.ring, configurations }, { tenant: TENANT, answers: [], decisions });
    return { count, found: mismatches.map(({ feature, answer }) => `${feature} in ${answer.source}`) };
  };
  await decide('d_right', begun.change.id, begun.inputs);
  expect(await check()).toEqual({ count: 1, found: [] });
  const values = begun.inputs.values.map((value) => (value.name === 'orders' ? { ...value, value: { kind: { $case: 'number' as const, value: 2 } } } : value));
  await decide('d_wrong', begun.change.id, { ...begun.inputs, values });
  await decide('d_lost', 'nothing', begun.inputs);
  const { count, found } = await check();
  expect([count, found.toSorted()]).toEqual([3, ['* in decision d_lost', 'orders in decision d_wrong']]);
});
