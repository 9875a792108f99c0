import { setImmediate as nextTurn } from 'node:timers/promises';
import { GetFeaturesResponse, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { ConfigurationActivated, Decision, DecisionInputs, DecisionOutcome, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { speakPlainly } from '@attune/grpc/http-errors';
import { partitionOf } from '@attune/kernel/hash';
import { HeldClock, until } from '@attune/processor/processor-world';
import { newContainer, value } from '@attune/runtime/di';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLOCK, EVENT_LOG, GENERATIONS, ITEMS, type Scoring, STATE_STORE, STOPWATCH, scoringOn } from './container.ts';
import { placeInHoldout } from './domain/place-in-holdout.ts';
import { DECISIONS, PROFILES, recordHeaders } from './flows/records.ts';
import { configurations, giftBarn, inputsWith } from './flows/shops.fixture.ts';

const DAY = 86_400_000;
const PARTITIONS = 4;
const configuration = configurations.of(giftBarn);
const stopwatch = { elapsedMs: () => performance.now(), sleep: () => nextTurn() };
const heldOut = (profileId: string): boolean => placeInHoldout({ tenant: 'default', campaign: 'welcome_back', profileId }) < 0.1;
const ids = Array.from({ length: 2_000 }, (_, i) => `p_${i}`).filter((id) => partitionOf(id, PARTITIONS) === 1);
const [ann = '', bea = '', cem = ''] = ids.filter((id) => !heldOut(id));
const [out = ''] = ids.filter(heldOut);
const elsewhere = Array.from({ length: 2_000 }, (_, i) => `p_${i}`).find((id) => partitionOf(id, PARTITIONS) === 2 && !heldOut(id)) ?? '';

let [active, erased] = [configuration, ''];
let clock: HeldClock;
let log: SqliteEventLog;
let keys: SqliteKeyStore;
let ring: KeyRing;
let app: FastifyInstance;
let scoring: Scoring;
let offset = 0n;
let close: () => Promise<void>;

beforeEach(async () => {
  [active, merged, erased] = [configuration, [], ''];
  clock = new HeldClock();
  log = new SqliteEventLog({ path: ':memory:', clock, stopwatch });
  const store = new SqliteStateStore(':memory:');
  keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  ring = new KeyRing(keys, { ...stopwatch, elapsedMs: () => clock.nowMs() });
  app = fastify();
  speakPlainly(app);
  const c = newContainer();
  value(c, CLOCK, clock);
  value(c, EVENT_LOG, log);
  value(c, STATE_STORE, store);
  value(c, STOPWATCH, stopwatch);
  await log.ensureTopics([PROFILES, DECISIONS].map((topic) => ({ topic, partitions: PARTITIONS })));
  await log.ensureTopics([ITEMS, GENERATIONS, 'attune.activity.v1'].map((topic) => ({ topic, partitions: 1 })));
  await activate(giftBarn, configuration.version);
  scoring = await scoringOn(app, c, {
    tenant: 'default',
    ring,
    isErased: async (_, profileId) => profileId === erased,
    configurations,
    configuration: () => active,
    getProfile,
    getFeatures,
    processing: { tendEveryMs: 1 },
  });
  close = async () => {
    await app.close();
    await scoring.stop(1_000);
    await Promise.all([log.close(), store.close(), keys.close()]);
  };
});
afterEach(() => close());

async function activate(document: string, version: string): Promise<void> {
  const activated = ConfigurationActivated.encode({ version, document, receivedAtMs: BigInt(clock.nowMs()) }).finish();
  for (let partition = 0; partition < PARTITIONS; partition++)
    await log.append('default', PROFILES, [{ key: 'configuration', value: activated, partition, headers: recordHeaders('ConfigurationActivated') }]);
}

let merged: string[] = [];
const getProfile = async (_tenant: string, { subject }: { subject?: { id?: { value: string } | undefined } | undefined }) => {
  const { values, segments, consent } = firstTimer;
  const position = { topic: 'attune.activity.v1', partition: 1, offset: 9n };
  return GetProfileResponse.fromPartial({
    profileId: subject?.id?.value ?? '',
    mergedProfileIds: merged,
    features: values,
    segments,
    consent,
    position,
    nowMs: BigInt(clock.nowMs()),
  });
};

const getFeatures = async () => GetFeaturesResponse.fromPartial({ rows: [{}] });

const firstTimer = inputsWith({ orders: 1, spend_90d: 30, days_since_order: 2 }, { segments: ['first_timer'] });

async function change(profileId: string, fields: Partial<ProfileChange>, inputs?: DecisionInputs): Promise<Uint8Array> {
  const id = `${profileId}/1/${offset}`;
  await ring.ensure('default', [subjectKey(profileId)]);
  const sealed = inputs && ring.seal(subjectKey(profileId), { tenant: 'default', subject: profileId, id }, DecisionInputs.encode(inputs).finish());
  const position = { topic: 'attune.activity.v1', partition: 1, offset: offset++ };
  const bytes = ProfileChange.encode(ProfileChange.fromPartial({ id, profileId, position, atMs: BigInt(clock.nowMs()), inputs: sealed, ...fields })).finish();
  await append(profileId, bytes);
  return bytes;
}
const append = (key: string, bytes: Uint8Array) => log.append('default', PROFILES, [{ key, value: bytes, headers: recordHeaders('ProfileChange') }]);
const enter = (profileId: string, inputs = firstTimer) =>
  change(profileId, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, segment: 'first_timer' }, inputs);
const order = (profileId: string) =>
  change(profileId, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Order Completed', eventTimeMs: BigInt(clock.nowMs()) });

const decisions = async () => (await log.read(DECISIONS, 1, 0, 1_000)).map((record) => ({ record, decision: Decision.decode(record.value) }));
async function settled(): Promise<void> {
  await until(async () => {
    for (const { topic, status } of scoring.processors) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const reached = status().find((one) => one.partition === partition)?.publishedUpTo ?? 0;
        if (reached < (await log.bounds(topic, partition)).endOffset) return false;
      }
    }
    return true;
  });
}
async function decided(profileId: string): Promise<Decision> {
  await settled();
  await settled(); // what the first wait let through
  const found = (await decisions()).findLast(({ decision }) => decision.profileId === profileId);
  if (found === undefined) throw new Error('no decision');
  return found.decision;
}
const welcomeBack = async () => {
  await settled();
  return (await scoring.campaignResults('default')).campaigns.find(({ campaign }) => campaign === 'welcome_back');
};

test('a profile that enters a segment gets one decision, keyed by profile, with its inputs sealed', async () => {
  await enter(ann);
  const decision = await decided(ann);
  expect(decision).toMatchObject({
    campaign: 'welcome_back',
    cause: `${ann}/1/${offset - 1n}`,
    values: [],
    segments: [],
    promotional: true,
    channels: ['email', 'inbox'],
    hops: 1,
  });
  expect(decision.expiresAtMs).toBe(BigInt(clock.nowMs() + 3 * DAY));
  const [first, ...more] = await decisions();
  expect(more).toEqual([]);
  expect(first?.record).toMatchObject({ key: ann, headers: { id: decision.id, type: 'attune.log.v1.Decision', after: expect.stringMatching(/^1\/\d+$/) } });
});

test('a repeat of a record changes nothing', async () => {
  const bytes = await enter(ann);
  await order(ann);
  await settled();
  const before = [await welcomeBack(), await decisions()];
  await append(ann, bytes);
  await settled();
  expect([await welcomeBack(), await decisions()]).toEqual(before);
  expect((await welcomeBack())?.entered).toBe(1n);
});

test('what was decided about a visitor is reached by the customer’s order, in another partition too, and once', async () => {
  const merge = { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: elsewhere };
  await enter(ann);
  await decided(ann);
  const merged = await change(ann, merge);
  await settled();
  await order(elsewhere);
  await append(ann, merged);
  await settled();
  expect(await welcomeBack()).toMatchObject({ entered: 1n, treatedReached: 1n, treatedSettled: 1n });
  clock.pass(30 * DAY);
  await enter(bea);
  await enter(elsewhere);
  await settled();
  expect(await welcomeBack()).toMatchObject({ entered: 3n, treatedReached: 1n, treatedSettled: 1n });
});

test('an order after an offer counts as accepted and raises the chance in the next decision', async () => {
  const chance = (decision: Decision) => decision.candidates.find(({ offer }) => offer === 'second_order_10')?.propensity;
  const spender = inputsWith({ orders: 1 }, { segments: ['first_timer'] });
  await enter(ann, spender);
  const first = await decided(ann);
  expect(chance(first)).toBe(6 / 40);
  const lapsing = inputsWith({ orders: 3 }, { segments: ['lapsing'] });
  await enter(bea, lapsing);
  const second = await decided(bea);
  expect(second).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_OFFER, offer: 'we_miss_you_15' });
  await order(bea);
  await enter(cem, lapsing);
  const third = await decided(cem);
  expect(third.counts.find(({ offer }) => offer === 'we_miss_you_15')).toMatchObject({ sent: 1n, accepted: 1n });
  expect(third.candidates.find(({ offer }) => offer === 'we_miss_you_15')?.propensity).toBe(9 / 41);
});

test('a held-out profile is counted on its own side, reached or not, also when nothing more is heard of it', async () => {
  await enter(out);
  await enter(ann);
  expect((await decided(out)).outcome).toBe(DecisionOutcome.DECISION_OUTCOME_HELD_OUT);
  await order(ann);
  expect(await welcomeBack()).toMatchObject({ entered: 2n, heldOut: 1n, heldOutSettled: 0n, treatedSettled: 1n, treatedReached: 1n });
  clock.pass(14 * DAY + 1);
  await until(async () => (await welcomeBack())?.arms[0]?.settled === 1n);
  expect(await welcomeBack()).toMatchObject({ heldOutReached: 0n, treatedSettled: 1n, lift: 1, goalEvent: 'Order Completed', goalWithinMs: BigInt(14 * DAY) });
});

test('a decision is explained and comes out the same, also after its configuration was replaced', async () => {
  await enter(ann);
  const { id } = await decided(ann);
  const next = `${giftBarn}\n# another version`;
  active = configurations.of(next);
  await activate(next, active.version);
  await settled();
  const explained = await scoring.explain('default', { decisionId: id });
  expect(explained).toMatchObject({ identical: true, replayedFrom: 'record', decision: { segments: ['first_timer'] } });
  expect(explained.decision?.values.map(({ name }) => name)).toEqual(['days_since_order', 'orders', 'spend_90d']);
  expect(explained.sentences.join('\n')).toContain('second_order_10 won');
  expect(explained.sentences.at(-1)).toBe('Deciding again from the record gave the same record, bit for bit.');
});

test('an unknown decision and one of an erased profile are told apart, also while its key is still held; what still comes of it starts nothing', async () => {
  await enter(ann);
  const { id } = await decided(ann);
  const explained = () => scoring.explain('default', { decisionId: id });
  await expect(scoring.explain('default', { decisionId: 'd_x' })).rejects.toMatchObject({ code: 'DECISION_UNKNOWN' });
  erased = ann;
  await expect(explained()).rejects.toMatchObject({ code: 'ERASED' });
  erased = '';
  await change(ann, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED });
  for (const profileId of [ann, bea]) await enter(profileId);
  await decided(bea);
  expect((await decisions()).filter(({ decision }) => decision.profileId === ann)).toHaveLength(1);
  await keys.destroy('default', [subjectKey(ann)]);
  clock.pass(61_000);
  await expect(explained()).rejects.toMatchObject({ code: 'ERASED' });
});

test('a change of a profile that was erased starts nothing, and others go on', async () => {
  await enter(bea);
  await decided(bea);
  await change(ann, { kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'x' });
  const id = `${ann}/1/${offset}`;
  const inputs = ring.seal(subjectKey(ann), { tenant: 'default', subject: ann, id }, DecisionInputs.encode(firstTimer).finish());
  await keys.destroy('default', [subjectKey(ann)]);
  clock.pass(61_000);
  const position = { topic: 'attune.activity.v1', partition: 1, offset: offset++ };
  const erased = ProfileChange.fromPartial({
    id,
    profileId: ann,
    position,
    atMs: BigInt(clock.nowMs()),
    inputs,
    kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED,
    segment: 'first_timer',
  });
  await append(ann, ProfileChange.encode(erased).finish());
  await enter(cem);
  await decided(cem);
  expect((await decisions()).map(({ decision }) => decision.profileId)).toEqual([bea, cem]);
  expect((await welcomeBack())?.entered).toBe(2n);
});

test('an application gets a decision at once, the same for the same request', async () => {
  const ask = (requestId: string, profileId = ann, campaign = 'welcome_back') =>
    scoring.decide('default', { subject: { id: { $case: 'profileId', value: profileId } }, campaign, requestId });
  await settled();
  const { decision } = await ask('r1');
  expect(decision).toMatchObject({ campaign: 'welcome_back', cause: 'request/r1', channels: [], segments: ['first_timer'] });
  clock.pass(1_000);
  expect((await ask('r1')).decision).toEqual(decision);
  expect((await decisions()).map(({ record }) => record.headers['id'])).toEqual([decision?.id]);
  expect((await ask('')).decision?.id).not.toBe(decision?.id);
  expect((await scoring.explain('default', { decisionId: decision?.id ?? '' })).identical).toBe(true);
  await expect(ask('r1', bea)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  merged = [ann];
  expect((await ask('r1', bea)).decision).toEqual(decision);
  await expect(ask('r2', ann, 'apology')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('the calls answer as JSON', async () => {
  const post = (method: string, payload: object) =>
    app.inject({ method: 'POST', url: `/attune.scoring.v1.ScoringService/${method}`, headers: { 'content-type': 'application/json' }, payload });
  const asked = await post('Decide', { subject: { profile_id: ann }, campaign: 'welcome_back', request_id: 'r9' });
  expect(asked.statusCode).toBe(200);
  const { id } = asked.json().decision;
  expect((await post('ExplainDecision', { decision_id: id })).json()).toMatchObject({ identical: true, decision: { id } });
  expect((await post('GetCampaignResults', {})).json().campaigns.map(({ campaign }: { campaign: string }) => campaign)).toEqual([
    'apology',
    'vip_thanks',
    'welcome_back',
  ]);
  expect((await post('Recommend', {})).json()).toMatchObject({ fallback: true, history: 'VALUE_STATUS_MISSING' });
  expect((await post('ExplainDecision', { decision_id: 'd_none' })).json()).toMatchObject({ reason: 'DECISION_UNKNOWN' });
});
