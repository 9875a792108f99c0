import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemStopwatch } from '@attune/runtime/world';
import { LogKeyStore } from '@attune/sealing/log-key-store';
import { subjectKey } from '@attune/sealing/port';
import { freshPrefix } from '@attune/testing/provision/endpoints';
import { startKafka } from '@attune/testing/provision/local-kafka';
import { startRedis } from '@attune/testing/provision/local-redis';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { logOf } from '../apart/log-facts.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { within } from '../apart/patience.ts';

const CANARIES = ['canaryuser', 'canarymail', 'Canaryname', 'canarywords'] as const;
const [USER, MAIL, NAME, WORDS] = CANARIES;
const MS = 40_000;
const subject = { userId: USER };
const FEATURES = 'features.v1.FeatureStoreService';
const PRIVACY = 'privacy.v1.PrivacyService';
const NOTIFICATION = 'notification.v1.NotificationService';

const canariesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    return CANARIES.filter((canary) => bytes.includes(canary)).map((canary) => `${canary} in ${path}`);
  });

test('an erased customer is gone from all four processes at once, and nothing of them lies in clear in the files of Kafka and Redis', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-erasure-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [kafka, redis] = await Promise.all([startKafka({ dir: join(folder, 'kafka') }), startRedis({ dir: join(folder, 'redis'), appendOnly: true })]);
  onTestFinished(() => Promise.all([kafka.kill(), redis.kill()]).then(() => undefined));
  const mail = await openMailServer();
  onTestFinished(() => mail.close());
  const at = { brokers: kafka.brokers, redisUrl: redis.url, namespace: freshPrefix() };
  const four = await FourServices.in({ ...at, smtpUrl: mail.url, shop: (yaml) => yaml.replace('holdout: 10%', 'holdout: 0%') });
  onTestFinished(() => four.remove());
  await four.start();
  await four.track('identify', { ...subject, traits: { email: `${MAIL}@example.com`, name: NAME, language: 'en' } });
  await four.call('feature-store', `${PRIVACY}/RecordConsent`, { subject, purposes: { marketing: true } });
  await four.track('track', { ...subject, event: 'Order Completed', properties: { order_id: 'o1', total: 24.5, products: [], gift_note: WORDS } });
  const { token } = await four.call<{ token: string }>('notification', `${NOTIFICATION}/OpenInbox`, { subject });
  const sent = await within(
    { what: 'a delivery', ms: MS },
    async () => {
      const log = logOf(at);
      const records = (await Promise.all([0, 1, 2, 3].map((partition) => log.read('attune.decisions.v1', partition, 0, 100)))).flat();
      await log.close();
      return records;
    },
    (records) => records.length > 0,
  );
  const decisionId = sent[0]?.headers['id'] ?? '';
  const profileId = sent[0]?.key ?? '';
  // What these have read they hold the key of.
  await four.call('scoring', 'scoring.v1.ScoringService/ExplainDecision', { decisionId });
  await four.call('notification', `${NOTIFICATION}/ListInbox`, { token });

  expect(await four.call('feature-store', `${PRIVACY}/EraseProfile`, { subject })).toMatchObject({ profileId });
  const refused = async (...[name, method, body]: Parameters<FourServices['post']>): Promise<string> =>
    ((await (await four.post(name, `/attune.${method}`, body)).json()) as { reason: string }).reason;
  expect(await refused('scoring', 'scoring.v1.ScoringService/ExplainDecision', { decisionId })).toBe('ERASED');
  expect(await refused('notification', `${NOTIFICATION}/ListInbox`, { token })).toBe('ERASED');
  expect(await refused('feature-store', `${FEATURES}/GetProfile`, { subject, purpose: 'service' })).toBe('ERASED');
  expect(await refused('scoring', 'scoring.v1.ScoringService/Decide', { subject, campaign: 'welcome_back' })).toBe('ERASED');

  const secrets = fileSecrets(join(four.folder, 'secrets'));
  const log = logOf(at);
  const keys = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  await keys.start();
  expect((await keys.find('default', [subjectKey(profileId)])).get(subjectKey(profileId))).toEqual({ kind: 'destroyed' });
  await keys.close();
  await log.close();
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
  expect(readdirSync(join(folder, 'redis', 'appendonlydir')).length).toBeGreaterThan(0);
  expect(canariesIn(folder)).toEqual([]);
});
