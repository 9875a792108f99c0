import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModelState, Reward, RewardOutcome } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, post, profileOf, type Running, started, withProcesses } from './attune-process.fixture.ts';
import { EXAMPLE } from './read-configuration.ts';

vi.setConfig(withProcesses);
afterEach(cleanUp);

/** The example shop, whose offers everybody may get, and which learns from clicks of five seconds. */
function learningShop(): string {
  const folder = newFolder();
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  const learn = 'exploration: thompson, learn: { view: clicks, reward: { event: Promotion Clicked, within: 5s } }';
  const document = readFileSync(file, 'utf8')
    .replaceAll(/'"\w+" in segments'/g, 'orders >= 0')
    .replace('explore: 0.05', `explore: 0.3, ${learn}`)
    .replace('holdout: 10%', 'holdout: 0%');
  writeFileSync(file, document);
  return file;
}

const call = async (attune: Running, method: string, body: object): Promise<Record<string, never>> =>
  (await (await post(attune.address, `/attune.${method}`, JSON.stringify(body))).json()) as Record<string, never>;
const track = (attune: Running, userId: string, event: string, properties: object, messageId: string) =>
  post(attune.address, '/v1/track', JSON.stringify({ userId, event, properties, messageId }));

/** Sends until a profile may be written to. */
async function welcome(attune: Running, userId: string): Promise<void> {
  await track(attune, userId, 'Product Viewed', { product_id: 'x' }, `view-${userId}`);
  await call(attune, 'privacy.v1.PrivacyService/RecordConsent', { subject: { user_id: userId }, purposes: { marketing: true } });
  for (;;) if ((await profileOf(attune.address, userId)).profileId !== undefined) return;
}

/** What the log in the folder says, also while Attune uses it. */
async function learntIn(folder: string) {
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch });
  const all = async (topic: string) => {
    const { partitions } = await log.identity(topic);
    return (await Promise.all(Array.from({ length: partitions }, (_, partition) => log.read(topic, partition, 0, 10_000)))).flat();
  };
  const records = (await all('attune.learning.v1')).filter(({ headers }) => headers['type'] === 'attune.log.v1.Reward');
  const rewards = new Map(records.map(({ value }) => Reward.decode(value)).map((reward) => [reward.id, reward])); // one may come twice: it is the same
  const states = (await all('attune.model-states.v1')).map(({ value }) => ModelState.decode(value));
  await log.close();
  const learnt = [...rewards.values()].filter(({ outcome }) => outcome === RewardOutcome.REWARD_OUTCOME_LEARNT);
  const expired = new Set([...rewards.values()].filter(({ outcome }) => outcome === RewardOutcome.REWARD_OUTCOME_EXPIRED).map(({ decisionId }) => decisionId));
  return { learnt, expired, newest: states.toSorted((a, b) => Number(b.number - a.number))[0] };
}

/** What the customer was offered, and then clicked or not; undefined where nothing was. */
async function offered(attune: Running, userId: string, clicks: boolean): Promise<string | undefined> {
  await welcome(attune, userId);
  const request = { subject: { user_id: userId }, campaign: 'welcome_back', request_id: userId };
  const answer: unknown = await call(attune, 'scoring.v1.ScoringService/Decide', request);
  const { id, offer = '' } = (answer as { readonly decision: { readonly id: string; readonly offer?: string } }).decision;
  if (offer === '') return undefined;
  if (clicks) await track(attune, userId, 'Promotion Clicked', { promotion_id: id }, `click-${userId}`);
  return id;
}

test('each decision is learnt from once, with what it brought, also where the process is killed meanwhile', async () => {
  const [folder, shop] = [newFolder(), learningShop()];
  const clicked = new Map<string, boolean>();
  let attune = await started(folder, { ATTUNE_CONFIG: shop });
  for (const round of ['before', 'after']) {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, i) => offered(attune, `${round}-${i}`, i % 2 === 0)));
    for (const [i, id] of ids.entries()) if (id !== undefined) clicked.set(id, i % 2 === 0);
    if (round === 'after') break;
    await ended(attune, 'SIGKILL');
    attune = await started(folder, { ATTUNE_CONFIG: shop });
  }
  const isLearnt = ({ learnt, newest }: Awaited<ReturnType<typeof learntIn>>): boolean =>
    learnt.length >= clicked.size && Number(newest?.rewards) >= learnt.length;
  let found = await learntIn(folder);
  while (!isLearnt(found)) found = await learntIn(folder);
  expect(await ended(attune, 'SIGTERM')).toBe(0);
  const { learnt, expired, newest } = found;
  expect(learnt.map(({ decisionId }) => decisionId).toSorted()).toEqual([...clicked.keys()].toSorted());
  // A click that a busy machine let come too late is told of as such; no other is lost.
  for (const { decisionId, reward } of learnt)
    expect({ decisionId, reward }).toEqual({ decisionId, reward: clicked.get(decisionId) && !expired.has(decisionId) ? 1 : 0 });
  expect(Number(newest?.rewards)).toBe(learnt.length);
  expect(newest?.offers.reduce((sum, one) => sum + one.rewards, 0)).toBe(learnt.reduce((sum, { reward }) => sum + reward, 0));
});
