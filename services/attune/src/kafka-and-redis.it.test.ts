import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemStopwatch } from '@attune/runtime/world';
import { LogKeyStore } from '@attune/sealing/log-key-store';
import { namespacedStore } from '@attune/state-store/namespaced';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { afterEach, expect, test } from 'vitest';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import type { Foundations } from './foundations.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

const CUSTOMERS = 12;
const NOON_MS = Date.UTC(2026, 5, 3, 12);
const folder = mkdtempSync(join(tmpdir(), 'attune-'));
let running: Attune | undefined;
afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The same process as `npm start`, but over the Kafka and Redis of this run. */
async function start(prefix: string): Promise<Attune> {
  const { brokers, redisUrl } = endpoints();
  const secrets = fileSecrets(join(folder, 'secrets'));
  const log = namespacedLog(new KafkaEventLog({ brokers: brokers.split(',') }), prefix);
  const keys = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  await keys.start();
  const foundations: Foundations = { log, store: namespacedStore(new RedisStateStore({ url: redisUrl }), prefix), keys, secrets };
  const settings = readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' });
  const clock = { nowMs: () => NOON_MS };
  return embedded({ ...readConfiguration(EXAMPLE), settings, clock, foundations, pageFolder: folder, demo: () => ({ madeUp: [] }) });
}

async function call<T>({ app }: Attune, url: string, payload: object): Promise<T> {
  const answer = await app.inject({ method: 'POST', url, payload: JSON.stringify(payload), headers: { authorization: `Basic ${btoa('demo:')}` } });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json();
}

async function firstOrder(attune: Attune, userId: string): Promise<void> {
  await call(attune, '/v1/identify', { userId, traits: { email: `${userId}@example.com`, name: 'Ann', language: 'en', time_zone: 'Europe/London' } });
  await call(attune, '/attune.privacy.v1.PrivacyService/RecordConsent', { subject: { userId }, purposes: { marketing: true } });
  await call(attune, '/v1/track', { userId, event: 'Order Completed', properties: { order_id: `o-${userId}`, total: 24.5, products: [] } });
}

const count = (value: string | undefined): number => Number(value ?? 0);

test('the whole thread runs on Kafka and Redis as it does in one process, and goes on after a restart', { timeout: 120_000 }, async () => {
  const prefix = freshPrefix();
  for (let i = 0; i < CUSTOMERS; i++) {
    if (i % 6 === 0) {
      await running?.stop();
      running = await start(prefix);
    }
    if (running) await firstOrder(running, `user-${i}`);
  }
  if (running === undefined) throw new Error('nothing runs');
  await running.pipeline.settle(systemStopwatch);
  const { campaigns } = await call<{ campaigns: { campaign: string; entered?: string; offered?: string; heldOut?: string }[] }>(
    running,
    '/attune.scoring.v1.ScoringService/GetCampaignResults',
    {},
  );
  const welcome = campaigns.find(({ campaign }) => campaign === 'welcome_back');
  expect(count(welcome?.entered)).toBe(CUSTOMERS);
  expect(count(welcome?.offered) + count(welcome?.heldOut)).toBe(CUSTOMERS);
  const { mails = [] } = await call<{ mails?: { id: string; decisionId: string }[] }>(running, '/attune.notification.v1.OutboxService/ListMails', {});
  expect(new Set(mails.map(({ id }) => id)).size).toBe(count(welcome?.offered));
  const decisionId = mails[0]?.decisionId;
  expect(await call(running, '/attune.scoring.v1.ScoringService/ExplainDecision', { decisionId })).toMatchObject({ identical: true });
  const profile = await call(running, '/attune.features.v1.FeatureStoreService/GetProfile', { subject: { userId: 'user-0' }, purpose: 'personalise' });
  expect(profile).toMatchObject({ events: '2', segments: ['first_timer'] });
});
