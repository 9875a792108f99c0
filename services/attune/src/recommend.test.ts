import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import { RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { rpcClient } from '@attune/grpc/client';
import { systemStopwatch } from '@attune/runtime/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

const HOST = '127.0.0.1';
const folder = mkdtempSync(join(tmpdir(), 'attune-'));
let attune: Attune;

/** What the tests read of an answer. */
interface Answer {
  readonly items?: readonly { readonly id: string; readonly title?: string; readonly words?: string }[];
  readonly generation?: string;
  readonly fallback?: boolean;
  readonly history?: string;
  readonly itemsStale?: boolean;
}

const call = async (path: string, payload: unknown): Promise<Answer> => {
  const answer = await attune.app.inject({ method: 'POST', url: path, payload: JSON.stringify(payload), headers: { authorization: `Basic ${btoa('demo:')}` } });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const recommend = (request: object = {}) => call('/attune.scoring.v1.ScoringService/Recommend', request);
const publish = (...items: object[]) => call('/attune.ingestion.v1.IngestionService/PublishItems', { items });
const order = (userId: string, ...ids: string[]) =>
  call('/v1/track', {
    userId,
    event: 'Order Completed',
    properties: { order_id: `${userId}-${ids}`, total: 9, products: ids.map((id) => ({ product_id: id, quantity: 1, price: 3 })) },
  });
const ids = ({ items = [] }: Answer): string[] => items.map(({ id }) => id);

beforeAll(async () => {
  attune = await embedded({
    ...readConfiguration(EXAMPLE),
    settings: readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' }),
    clock: { nowMs: () => Date.UTC(2026, 5, 3, 12) },
    pageFolder: folder,
    demo: () => ({ madeUp: [] }),
  });
  await publish({ id: 'tea', titles: { en: 'Green Tea' } }, { id: 'cup', titles: { en: 'Cup' } }, { id: 'pot', titles: { en: 'Pot' } });
  await order('ann', 'tea');
  await order('bob', 'tea', 'cup');
  await order('cem', 'tea', 'pot');
  await order('dia', 'tea', 'cup');
  await attune.pipeline.settle(systemStopwatch);
  while (((await recommend()).generation ?? '0') === '0' || ids(await recommend()).length < 3) await systemStopwatch.sleep(20);
}, 60_000);
afterAll(async () => {
  await attune.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a customer gets what others bought together with its purchase, with the reason', async () => {
  const answer = await recommend({ subject: { user_id: 'ann' }, recommender: 'also_bought' });
  expect(answer).not.toHaveProperty('fallback');
  expect(answer).toMatchObject({
    history: 'VALUE_STATUS_PRESENT',
    items: [{ id: 'cup', title: 'Cup', words: 'bought together with Green Tea' }, { id: 'pot' }],
  });
});

test('a customer that nobody knows gets what is popular', async () => {
  const answer = await recommend({ subject: { user_id: 'nobody' }, count: 1 });
  expect(answer).toMatchObject({ fallback: true, history: 'VALUE_STATUS_MISSING', items: [{ id: 'tea', words: 'popular' }] });
});

test('what is out of stock is gone from the very next call', async () => {
  for (let round = 0; round < 20; round++) {
    await publish({ id: 'cup', titles: { en: 'Cup' }, available: false });
    expect(ids(await recommend({ subject: { user_id: 'ann' } }))).toEqual(['pot']);
    await publish({ id: 'cup', titles: { en: 'Cup' }, available: true });
    expect(ids(await recommend({ subject: { user_id: 'ann' } }))).toEqual(['cup', 'pot']);
  }
});

test('who objects to being personalised gets what is popular, and the answer says why', async () => {
  await call('/attune.privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'bob' }, purposes: { personalise: false } });
  expect(await recommend({ subject: { user_id: 'bob' } })).toMatchObject({ fallback: true, history: 'VALUE_STATUS_WITHHELD' });
});

test('gRPC gives the same answer as JSON', async () => {
  const client = rpcClient(`${HOST}:${await attune.grpc.listen(HOST, 0)}`, ScoringServiceService, { deadlineMs: 10_000 });
  const answer = await client.calls.recommend(RecommendRequest.fromPartial({ subject: { id: { $case: 'userId', value: 'ann' } } }));
  client.close();
  expect(answer.items.map(({ id }) => id)).toEqual(ids(await recommend({ subject: { user_id: 'ann' } })));
});
