import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, post, type Running, started, withProcesses } from './attune-process.fixture.ts';
import { EXAMPLE } from './read-configuration.ts';

vi.setConfig(withProcesses);

afterEach(cleanUp);

interface Shop {
  /** Further events and features, as the file writes them. */
  readonly events?: string;
  readonly features?: string;
  /** Whether a customer gets at most one message a day. */
  readonly capped?: boolean;
}

/** The example shop without quiet hours, holdout and chance. */
function openShop({ events = '', features = '', capped = false }: Shop = {}): string {
  const folder = newFolder();
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  const shop = readFileSync(file, 'utf8');
  const told = shop.replace('  Promotion Clicked:', `${events}  Promotion Clicked:`).replace('  promotion_clicks_90d:', `${features}  promotion_clicks_90d:`);
  const often = capped ? told : told.replace(/\n.*\[email, inbox, push\].*\n/, '\n');
  writeFileSync(
    file,
    often
      .replace(/\n {2}quiet_hours:.*\n/, '\n')
      .replace(/\n {4}holdout:.*\n/, '\n')
      .replace(', explore: 0.05', ''),
  );
  return file;
}

async function ask<T>({ address }: Running, path: string, body: object): Promise<T> {
  return (await (await post(address, path, JSON.stringify(body))).json()) as T;
}

/** Asks again until the answer is as it should be. */
async function awaited<T>(read: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await read();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Inbox {
  readonly messages?: readonly { readonly id: string; readonly campaign: string }[];
}
interface Timeline {
  readonly timeline: readonly { readonly kind: string; readonly name?: string }[];
}

test('a click in the inbox comes back through the door and moves the profile, once', { timeout: 60_000 }, async () => {
  const attune = await started(newFolder(), { ATTUNE_CONFIG: openShop() });
  const call = <T>(method: string, body: object): Promise<T> => ask(attune, `/attune.${method}`, body);
  await ask(attune, '/v1/identify', { userId: 'ada', traits: { email: 'ada@example.com', language: 'en' } });
  const subject = { userId: 'ada' };
  await call('privacy.v1.PrivacyService/RecordConsent', { subject, purposes: { marketing: true } });
  await ask(attune, '/v1/track', { userId: 'ada', event: 'Order Completed', properties: { order_id: 'o1', total: 1_600, products: [] } });
  const notification = 'notification.v1.NotificationService';
  const { token } = await call<{ readonly token: string }>(`${notification}/OpenInbox`, { subject });
  const { messages = [] } = await awaited(
    () => call<Inbox>(`${notification}/ListInbox`, { token }),
    (it) => (it.messages ?? []).length === 1,
  );
  expect(messages).toMatchObject([{ campaign: 'vip_thanks' }]);
  const clicks = async (): Promise<number> => {
    const wanted = { subjects: [subject], features: ['promotion_clicks_90d'], purpose: 'marketing' };
    const { rows } = await call<{ readonly rows: { profileId: string; values: { value?: { number?: number } }[] }[] }>(
      'features.v1.FeatureStoreService/GetFeatures',
      wanted,
    );
    return rows[0]?.values[0]?.value?.number ?? 0;
  };
  expect(await clicks()).toBe(0);
  const [message] = messages;
  for (let time = 0; time < 3; time++) await call(`${notification}/NoteClick`, { token, id: message?.id });
  await awaited(clicks, (count) => count > 0);
  // An order behind the clicks: once it is folded, so are they.
  await ask(attune, '/v1/track', { userId: 'ada', event: 'Support Case Opened', properties: { topic: 'parcel' } });
  const { customers } = (await (await fetch(`${attune.address}/console/api/customers?query=ada`)).json()) as { customers: { profileId: string }[] };
  const { timeline } = await awaited(
    async () => (await (await fetch(`${attune.address}/console/api/customers/${customers[0]?.profileId}`)).json()) as Timeline,
    (it) => it.timeline.some(({ name }) => name === 'Support Case Opened'),
  );
  expect(await clicks()).toBe(1);
  expect(timeline.filter(({ name }) => name === 'Promotion Clicked')).toHaveLength(1);
});

interface Rows {
  readonly rows?: readonly { readonly values: readonly { readonly value?: { readonly number?: number } }[] }[];
}

test('a mail that was delivered, a link of it that was followed and one to unsubscribe that was used move the profile, once, also where the process is killed in between', {
  timeout: 90_000,
}, async () => {
  const counted = ['mails', 'messages', 'goodbyes', 'promotion_clicks_90d'] as const;
  const events = '  Email Delivered: {}\n  Inbox Message Delivered: {}\n  Unsubscribed: {}\n';
  const features = `  mails: { count: Email Delivered, purposes: [personalise] }
  messages: { count: Inbox Message Delivered, purposes: [personalise] }
  goodbyes: { count: Unsubscribed, purposes: [personalise] }
`;
  const [folder, config] = [newFolder(), { ATTUNE_CONFIG: openShop({ events, features }) }];
  const attune = await started(folder, config);
  const call = <T>(method: string, body: object, on = attune): Promise<T> => ask(on, `/attune.${method}`, body);
  await ask(attune, '/v1/identify', { userId: 'ada', traits: { email: 'ada@example.com', language: 'en' } });
  await call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'ada' }, purposes: { marketing: true } });
  await ask(attune, '/v1/track', { userId: 'ada', event: 'Order Completed', properties: { order_id: 'o1', total: 1_600, products: [] } });
  const counts = async (on = attune): Promise<readonly number[]> => {
    const wanted = { subjects: [{ userId: 'ada' }], features: counted, purpose: 'personalise' };
    const { rows = [] } = await call<Rows>('features.v1.FeatureStoreService/GetFeatures', wanted, on);
    return counted.map((_, place) => rows[0]?.values[place]?.value?.number ?? 0);
  };
  const delivered = await awaited(counts, ([mails = 0, messages = 0]) => mails + messages > 1);
  expect(delivered).toEqual([1, 1, 0, 0]);
  const { mails } = await call<{ readonly mails: readonly { readonly id: string }[] }>('notification.v1.OutboxService/ListMails', {});
  const { text } = await call<{ readonly text: string }>('notification.v1.OutboxService/GetMail', { id: mails[0]?.id });
  const click = /http\S+\/c\/[\w-]+/.exec(text)?.[0] ?? '';
  for (const method of ['HEAD', 'GET', 'GET']) {
    const led = await fetch(click, { method, redirect: 'manual' });
    expect([led.status, led.headers.get('location')]).toEqual([302, expect.stringMatching(/^https:\/\/giftbarn\.example\//)]);
  }
  const link = /http\S+\/unsubscribe\/[\w.-]+/.exec(text)?.[0] ?? '';
  const used = await fetch(link, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) });
  await ended(attune, 'SIGKILL');
  expect(used.status).toBe(200);
  const next = await started(folder, config);
  expect(
    await awaited(
      () => counts(next),
      ([, , goodbyes = 0, clicks = 0]) => goodbyes > 0 && clicks > 0,
    ),
  ).toEqual([1, 1, 1, 1]);
});

test('a visitor’s inbox is the customer’s once the visitor is known, also over a start', { timeout: 90_000 }, async () => {
  const [folder, config] = [newFolder(), { ATTUNE_CONFIG: openShop({ capped: true }) }];
  const attune = await started(folder, config);
  const call = <T>(method: string, body: object, on = attune): Promise<T> => ask(on, `/attune.${method}`, body);
  const inboxOf = async (subject: object, on = attune): Promise<Inbox & { readonly unread?: number }> => {
    const { token } = await call<{ readonly token: string }>('notification.v1.NotificationService/OpenInbox', { subject }, on);
    return call('notification.v1.NotificationService/ListInbox', { token }, on);
  };
  const visitor = { anonymousId: 'device-1' };
  await call('privacy.v1.PrivacyService/RecordConsent', { subject: visitor, purposes: { marketing: true } });
  await ask(attune, '/v1/track', { ...visitor, event: 'Order Completed', properties: { order_id: 'o1', total: 1_600, products: [] } });
  const [message] =
    (
      await awaited(
        () => inboxOf(visitor),
        ({ messages = [] }) => messages.length === 1,
      )
    ).messages ?? [];
  await ask(attune, '/v1/identify', { userId: 'ada', ...visitor, traits: { language: 'en' } });
  // The customer is in the segment from here on, so the campaign decides again; what the visitor got counts.
  const { profileId } = await awaited(
    () => call<{ readonly profileId?: string }>('features.v1.FeatureStoreService/GetProfile', { subject: { userId: 'ada' }, purpose: 'marketing' }),
    (it) => it.profileId !== undefined,
  );
  await awaited(
    async () => await (await fetch(`${attune.address}/console/api/customers/${profileId}`)).text(),
    (page) => page.includes('"CAPPED"'),
  );
  const moved = await awaited(
    () => inboxOf({ userId: 'ada' }),
    ({ messages = [] }) => messages.length > 0,
  );
  expect(moved).toMatchObject({ messages: [message], unread: 1 });
  await ended(attune, 'SIGKILL');
  const next = await started(folder, config);
  for (const subject of [{ userId: 'ada' }, visitor]) expect(await inboxOf(subject, next)).toMatchObject({ messages: [message], unread: 1 });
});
