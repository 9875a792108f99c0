import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { undeclaredIn } from '@attune/runtime/telemetry/prometheus-text.fixture';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, started, withProcesses } from './attune-process.fixture.ts';
import { type Answer, ask, CANARIES, filesIn, MAIL, openShop, orderToMail, USER } from './canary-shop.fixture.ts';

vi.setConfig(withProcesses);

afterEach(cleanUp);

test('nothing personal lies in clear in any file or line, and nobody is told any of it once the key is destroyed', { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const more = { ATTUNE_CONFIG: openShop(), ATTUNE_LOG_LEVEL: 'debug' };
  let attune = await started(folder, more);
  const { id, profileId, decisionId } = await orderToMail(attune);
  const questions: readonly (readonly [string, object?])[] = [
    ['/attune.features.v1.FeatureStoreService/GetProfile', { subject: { userId: USER }, purpose: 'service' }],
    ['/attune.features.v1.FeatureStoreService/GetProfile', { subject: { profileId }, purpose: 'marketing' }],
    ['/attune.features.v1.FeatureStoreService/GetFeatures', { subjects: [{ userId: USER }], features: ['traits.email', 'traits.name'], purpose: 'service' }],
    ['/attune.scoring.v1.ScoringService/ExplainDecision', { decisionId }],
    ['/attune.notification.v1.OutboxService/ListMails', {}],
    ['/attune.notification.v1.OutboxService/GetMail', { id }],
    [`/console/api/customers?query=${MAIL}`],
    [`/console/api/customers/${profileId}`],
  ];
  const told = (answers: readonly Answer[]) => CANARIES.filter((canary) => answers.some(({ said }) => said.includes(canary)));
  const askAll = async () => Promise.all(questions.map(([path, body]) => ask(attune, path, body)));
  expect(told(await askAll())).toContain(MAIL);

  const { status, said } = await ask(attune, '/metrics');
  expect({ status, canaries: CANARIES.filter((canary) => said.includes(canary)), undeclared: undeclaredIn(said) }).toEqual({
    status: 200,
    canaries: [],
    undeclared: [],
  });
  expect(said).toContain('attune_notification_deliveries_total{campaign=');
  for (const one of [
    'attune_door_accepted_total',
    'attune_scoring_decisions_total{',
    'attune_processor_folded_total{processor="profiles"}',
    'attune_keys_held{',
    'attune_processor_delay_seconds_count{processor="profiles"}',
    'attune_notification_decision_to_send_seconds_count{channel="email"} 1',
  ])
    expect(said).toContain(one);

  await ended(attune, 'SIGKILL');
  const found = filesIn(folder).flatMap((path) => CANARIES.filter((canary) => readFileSync(path).includes(canary)).map((canary) => `${canary} in ${path}`));
  expect(found).toEqual([]);
  expect(CANARIES.filter((canary) => attune.said().includes(canary))).toEqual([]);

  const keys = new SqliteKeyStore({ path: join(folder, 'keys.sqlite'), secrets: fileSecrets(join(folder, 'secrets')) });
  await keys.destroy('default', [subjectKey(profileId)]);
  await keys.close();
  attune = await started(folder, more);
  const again = await askAll();
  expect(told(again)).toEqual([]);
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 410, 200, 410, 200, expect.any(Number)]);
  expect((await ask(attune, '/v1/track', { userId: USER, event: 'Order Completed', properties: { order_id: 'o2', total: 1, products: [] } })).status).toBe(200);
  expect(told(await askAll())).toEqual([]);
});

test('the link in a mail of the outbox works: looking changes nothing, one click ends it, and consent says so', { timeout: 120_000 }, async () => {
  const attune = await started(newFolder(), { ATTUNE_CONFIG: openShop() });
  const { id, profileId } = await orderToMail(attune);
  const { text } = JSON.parse((await ask(attune, '/attune.notification.v1.OutboxService/GetMail', { id })).said) as { text: string };
  const link = new RegExp(`${attune.address}/unsubscribe/[\\w.-]+`).exec(text)?.[0] ?? '';
  const marketing = async () => {
    const { said } = await ask(attune, '/attune.privacy.v1.PrivacyService/GetConsent', { subject: { profileId } });
    return (JSON.parse(said) as { purposes: { marketing?: boolean } }).purposes.marketing;
  };
  expect((await fetch(link)).status).toBe(200);
  expect(await marketing()).toBe(true);
  expect((await fetch(link, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })).status).toBe(200);
  expect(await marketing()).not.toBe(true);
});
