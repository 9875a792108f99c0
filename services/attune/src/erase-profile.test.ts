import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, type Running, refused, settings, started, withProcesses } from './attune-process.fixture.ts';
import { ask, CANARIES, filesIn, MAIL, openShop, orderToMail, USER } from './canary-shop.fixture.ts';

vi.setConfig(withProcesses);

afterEach(cleanUp);

const FEATURES = '/attune.features.v1.FeatureStoreService';
const NOTIFICATION = '/attune.notification.v1';

const json = async (attune: Running, path: string, body?: object) => JSON.parse((await ask(attune, path, body)).said) as Record<string, unknown>;
const profileOf = (attune: Running, subject: object) => json(attune, `${FEATURES}/GetProfile`, { subject, purpose: 'service' });

/** What can be asked about somebody, with what each answers once that one is erased. */
const questionsAbout = ({ id, profileId, decisionId, token }: Record<'id' | 'profileId' | 'decisionId' | 'token', string>) => [
  { path: `${FEATURES}/GetProfile`, body: { subject: { profileId }, purpose: 'service' }, status: 410 },
  { path: `${FEATURES}/GetFeatures`, body: { subjects: [{ profileId }], features: ['orders', 'traits.email'], purpose: 'service' }, status: 200 },
  { path: `${FEATURES}/ExplainSegment`, body: { subject: { profileId }, segment: 'first_timer', purpose: 'service' }, status: 410 },
  { path: '/attune.privacy.v1.PrivacyService/GetConsent', body: { subject: { profileId } }, status: 410 },
  { path: '/attune.scoring.v1.ScoringService/Decide', body: { subject: { profileId }, campaign: 'welcome_back' }, status: 410 },
  { path: '/attune.scoring.v1.ScoringService/ExplainDecision', body: { decisionId }, status: 410 },
  { path: `${NOTIFICATION}.OutboxService/ListMails`, body: {}, status: 200 },
  { path: `${NOTIFICATION}.OutboxService/GetMail`, body: { id }, status: 410 },
  { path: `${NOTIFICATION}.NotificationService/OpenInbox`, body: { subject: { profileId } }, status: 410 },
  { path: `${NOTIFICATION}.NotificationService/ListInbox`, body: { token }, status: 410 },
  { path: `/console/api/customers?query=${MAIL}`, status: 200 },
];

/** Every answer has the status it is to have, and none a canary. */
async function expectErased(attune: Running, whom: Parameters<typeof questionsAbout>[0]): Promise<void> {
  const questions = questionsAbout(whom);
  const answers = await Promise.all(questions.map(({ path, body }) => ask(attune, path, body)));
  expect(answers.map(({ status }, i) => `${status} ${questions[i]?.path}`)).toEqual(questions.map(({ status, path }) => `${status} ${path}`));
  expect(CANARIES.filter((canary) => answers.some(({ said }) => said.includes(canary)))).toEqual([]);
  const values = JSON.parse(answers[1]?.said ?? '') as { rows: { values: { status: string }[] }[] };
  expect(values.rows.flatMap((row) => row.values.map(({ status }) => status))).toEqual(Array(2).fill('VALUE_STATUS_ERASED'));
}

/** The names of the keys in the records of a profile, behind the door. */
async function keysNamedBy(folder: string, profileId: string): Promise<ReadonlySet<string>> {
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch });
  const named = new Set<string>();
  for (const topic of ['activity', 'profiles', 'decisions', 'deliveries'])
    for (let partition = 0; partition < 4; partition++)
      for (const { key, value } of await log.read(`attune.${topic}.v1`, partition, 0, 10_000))
        if (key === profileId)
          for (const [name] of Buffer.from(value)
            .toString('latin1')
            .matchAll(/subject\/p_[\w-]{16}|day\/\d{4}-\d\d-\d\d/g))
            named.add(name);
  await log.close();
  return named;
}

test('an erased customer is gone from every call at once, from every file, through a replay from zero, and comes back as another', async () => {
  const folder = newFolder();
  const more = { ATTUNE_CONFIG: openShop(), ATTUNE_LOG_LEVEL: 'debug' };
  let attune = await started(folder, more);
  const mail = await orderToMail(attune);
  const { token } = await json(attune, `${NOTIFICATION}.NotificationService/OpenInbox`, { subject: { userId: USER } });
  const whom = { ...mail, token: String(token) };
  expect((await profileOf(attune, { userId: USER }))['traits']).toContainEqual(expect.objectContaining({ name: 'email', value: { text: expect.any(String) } }));

  const command = ['erase', '--user', USER, '--address', attune.grpc];
  expect(refused({}, ...command).stderr).toContain('--yes');
  const { stdout } = refused(settings(folder), ...command, '--yes');
  expect(stdout).toContain(`profile ${mail.profileId} is erased`);
  await expectErased(attune, whom);
  expect(await json(attune, '/attune.privacy.v1.PrivacyService/EraseProfile', { subject: { userId: 'somebody-else' } })).toMatchObject({
    reason: 'SUBJECT_UNKNOWN',
  });

  const event = (orderId: string, timestamp = new Date().toISOString()) =>
    ask(attune, '/v1/track', { userId: USER, event: 'Order Completed', timestamp, properties: { order_id: orderId, total: 7, products: [] } });
  await event('late', new Date(Date.now() - 3_600_000).toISOString());
  await event('back');
  let back: Record<string, unknown> = {};
  while (back['profileId'] === undefined) back = await profileOf(attune, { userId: USER });
  expect(back['profileId']).not.toBe(mail.profileId);
  expect(back['events']).toBe('1');
  expect(back['traits']).not.toContainEqual(expect.objectContaining({ status: 'VALUE_STATUS_PRESENT' }));

  await ended(attune, 'SIGKILL');
  const found = filesIn(folder).flatMap((path) => CANARIES.filter((canary) => readFileSync(path).includes(canary)).map((canary) => `${canary} in ${path}`));
  expect(found).toEqual([]);
  expect(CANARIES.filter((canary) => attune.said().includes(canary))).toEqual([]);
  const named = await keysNamedBy(folder, mail.profileId);
  expect([...named]).toEqual([`subject/${mail.profileId}`]);
  const keys = new SqliteKeyStore({ path: join(folder, 'keys.sqlite'), secrets: fileSecrets(join(folder, 'secrets')) });
  expect([...(await keys.find('default', [...named])).values()].map(({ kind }) => kind)).toEqual(['destroyed']);
  await keys.close();

  for (const path of filesIn(folder)) if (path.includes('store.sqlite')) rmSync(path);
  attune = await started(folder, more);
  while ((await ask(attune, '/readyz')).status !== 200);
  await expectErased(attune, whom);
  const again = await profileOf(attune, { userId: USER });
  expect([again['profileId'], again['events']]).toEqual([back['profileId'], '1']);
});
