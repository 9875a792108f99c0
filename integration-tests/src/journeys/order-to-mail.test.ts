import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { AttuneProcess, eventually } from './attune-process.ts';

interface Result {
  readonly campaign: string;
  readonly entered: string;
  readonly offered?: string;
  readonly heldOut?: string;
  readonly noConsent?: string;
}

interface Sent {
  readonly campaign: string;
  readonly sent?: string;
  readonly unknown?: string;
}

const CUSTOMERS = 24;
const EXAMPLE = join(import.meta.dirname, '../../../examples/gift-barn');
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A mail server that keeps what it takes. */
async function mailServer() {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => void text(stream).then((mail) => done(null, String(mails.push(mail))), done), // a killed sender ends its stream
  });
  server.on('error', () => undefined); // a sender that is killed resets its connection
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ends.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { mails, url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}` };
}

/** The example shop without quiet hours, so that the outcome does not depend on when the test runs. */
function shopIn(folder: string): string {
  cpSync(EXAMPLE, folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n {2}quiet_hours:.*\n/, '\n'));
  return file;
}

async function shop(mailUrl: string): Promise<AttuneProcess> {
  const settings: Record<string, string> = { ATTUNE_SMTP_URL: mailUrl };
  const attune = new AttuneProcess([], settings);
  settings['ATTUNE_CONFIG'] = shopIn(join(attune.folder, 'shop'));
  ends.push(() => attune.remove());
  await attune.start();
  return attune;
}

async function firstOrder(attune: AttuneProcess, userId: string): Promise<void> {
  const traits = { email: `${userId}@example.com`, name: `Ann ${userId}`, language: userId.endsWith('3') ? 'id' : 'en', time_zone: 'Asia/Jakarta' };
  await attune.track('identify', { userId, traits });
  await attune.call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId }, purposes: { marketing: userId !== 'user-0' } });
  await attune.track('track', { userId, event: 'Order Completed', properties: { order_id: `o-${userId}`, total: 24.5, products: [] } });
}

const welcomeBack = async (attune: AttuneProcess): Promise<Result | undefined> =>
  (await attune.call<{ campaigns: Result[] }>('scoring.v1.ScoringService/GetCampaignResults', {})).campaigns.find(
    ({ campaign }) => campaign === 'welcome_back',
  );

const delivered = async (attune: AttuneProcess): Promise<Sent | undefined> =>
  (await attune.call<{ campaigns?: Sent[] }>('notification.v1.NotificationService/GetDeliveryResults', {})).campaigns?.find(
    ({ campaign }) => campaign === 'welcome_back',
  );

const count = (value: string | undefined): number => Number(value ?? 0);
const messageIds = (mails: readonly string[]): string[] => mails.map((mail) => /^Message-ID: (.+)$/im.exec(mail)?.[1] ?? '');

test('an order by curl becomes a decision with its reasons and a mail by SMTP, whatever is killed on the way', { timeout: 120_000 }, async () => {
  const { mails, url } = await mailServer();
  const attune = await shop(url);
  for (let i = 0; i < CUSTOMERS; i++) {
    await firstOrder(attune, `user-${i}`);
    if (i % 8 === 7) {
      await attune.end('SIGKILL');
      await attune.start();
    }
  }
  const results = await eventually(
    () => welcomeBack(attune),
    (it) => count(it?.entered) === CUSTOMERS,
  );
  expect(count(results?.offered) + count(results?.heldOut) + count(results?.noConsent)).toBe(CUSTOMERS);
  expect(results?.noConsent).toBe('1');
  const sent = await eventually(
    () => delivered(attune),
    (it) => count(it?.sent) + count(it?.unknown) === count(results?.offered),
  );
  expect(new Set(messageIds(mails)).size).toBe(mails.length);
  expect(mails.length).toBeGreaterThanOrEqual(count(sent?.sent));
  expect(mails.length).toBeLessThanOrEqual(count(results?.offered));
  const [mail = ''] = mails;
  expect(mail).toMatch(/^To: .*@example\.com/m);
  expect(mail).toContain('multipart/alternative');
  expect(await attune.end('SIGTERM')).toBe(0);
});

test('a decision that an application asks for is recorded, explained and the same when it is asked again', { timeout: 60_000 }, async () => {
  const { url } = await mailServer();
  const attune = await shop(url);
  await firstOrder(attune, 'ann');
  const request = { subject: { userId: 'ann' }, campaign: 'welcome_back', requestId: 'r1' };
  const { decision } = await eventually(
    () => attune.call<{ decision: { id: string; candidates?: object[]; outcome: string } }>('scoring.v1.ScoringService/Decide', request),
    () => true,
  );
  expect((await attune.call<{ decision: { id: string } }>('scoring.v1.ScoringService/Decide', request)).decision.id).toBe(decision.id);
  await attune.end('SIGKILL');
  await attune.start();
  const explained = await attune.call<{ identical: boolean; sentences: string[] }>('scoring.v1.ScoringService/ExplainDecision', { decisionId: decision.id });
  expect(explained.identical).toBe(true);
  expect(explained.sentences.length).toBeGreaterThan(1);
});
