import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { holdAt } from '../apart/hold-dialogue.ts';
import { DIALOGUE_PLACES, type DialoguePlace, type MailServer, messageIdsOf, openMailServer } from '../apart/mail-server.ts';
import { within } from '../apart/patience.ts';
import { count, decided, delivered, introduce, order, ordersOf, whereabouts } from '../apart/shop-facts.ts';
import { worthwhile } from '../apart/shop-stream.ts';

const CUSTOMERS = 16;
const KILL_EVERY = 4;
const SETTLED_MS_MAX = 40_000;
const PUBLIC = 'https://shop.example';
const FACTS = ['mails', 'promotion_clicks_90d', 'goodbyes'] as const;
type Counts = Readonly<Record<(typeof FACTS)[number], number>>;

/** The shop, which counts what becomes of its mails, for everybody. */
const listening = (yaml: string): string =>
  worthwhile(yaml)
    .replace(/\n {4}holdout:.*\n/, '\n')
    .replace(/, explore: [\d.]+/, '')
    .replace('  Promotion Clicked:', '  Email Delivered: {}\n  Unsubscribed: {}\n  Promotion Clicked:')
    .replace(
      '  promotion_clicks_90d:',
      '  mails: { count: Email Delivered, purposes: [personalise] }\n  goodbyes: { count: Unsubscribed, purposes: [personalise] }\n  promotion_clicks_90d:',
    );

async function countsOf(four: FourServices, userId: string): Promise<Counts> {
  const request = { subjects: [{ userId }], features: FACTS, purpose: 'personalise' };
  const { rows = [] } = await four.call<{ rows?: { values: { value?: { number?: number } }[] }[] }>(
    'feature-store',
    'features.v1.FeatureStoreService/GetFeatures',
    request,
  );
  return Object.fromEntries(FACTS.map((name, place) => [name, rows[0]?.values[place]?.value?.number ?? 0])) as Counts;
}

async function sumOf(four: FourServices): Promise<Counts> {
  const sum = { mails: 0, promotion_clicks_90d: 0, goodbyes: 0 };
  for (let i = 0; i < CUSTOMERS; i++) for (const [name, one] of Object.entries(await countsOf(four, `user-${i}`))) sum[name as keyof Counts] += one;
  return sum;
}

/** The address of a link in a mail, as it stands in its plain part. */
function linkIn(mail: string, path: 'c' | 'unsubscribe'): string {
  const plain = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return new RegExp(`${PUBLIC}(/${path}/[\\w.-]+)`).exec(plain)?.[1] ?? '';
}

/** The process that mails go from dies and comes back. */
async function killed({ services: { notification } }: FourServices): Promise<void> {
  await notification.end('SIGKILL');
  await notification.start();
}

const buy = async (four: FourServices, customer: number): Promise<void> => {
  await introduce(four, `user-${customer}`);
  await order(four, `user-${customer}`, `o-${customer}`);
};

/** What became of the mails of so many customers, once each has come to an end. */
const endsOf = (four: FourServices, customers: number) =>
  within(
    { what: `ends of ${customers} mails`, ms: SETTLED_MS_MAX, whileItMoves: true },
    () => delivered(four),
    (it) => whereabouts(it) - count(it.held) >= customers,
  );

/** Kills the process that mails go from while the mail of one customer, and no other, is at a place of its dialogue. */
async function killedAt(four: FourServices, { mail, place, customer }: { mail: MailServer; place: DialoguePlace; customer: number }): Promise<void> {
  await endsOf(four, customer);
  const { reached, release } = holdAt(mail, place);
  let isThere = false;
  reached.then(() => (isThere = true));
  await buy(four, customer);
  await within(
    { what: `a mail at ${place}`, ms: SETTLED_MS_MAX },
    async () => isThere,
    (itIs) => itIs,
  );
  await four.services.notification.end('SIGKILL');
  release();
  await four.services.notification.start();
}

test('mails that were delivered, links that were followed and farewells are counted once each over Kafka and gRPC, though their process is killed again and again', {
  timeout: 240_000,
}, async () => {
  const mail = await openMailServer();
  onTestFinished(() => mail.close());
  const settings = { ATTUNE_KAFKA_SESSION_TIMEOUT: '2s', ATTUNE_PUBLIC_URL: PUBLIC };
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url, settings, shop: listening });
  onTestFinished(() => four.remove());
  await four.start();
  // One mail is under way at each kill, so that only so many can be lost to knowledge.
  for (let i = 0; i < CUSTOMERS; i++) {
    const place = i % KILL_EVERY === KILL_EVERY - 1 ? DIALOGUE_PLACES[(i - KILL_EVERY + 1) / KILL_EVERY] : undefined;
    await (place === undefined ? buy(four, i) : killedAt(four, { mail, place, customer: i }));
  }
  const { sent, unknown, notSent } = await endsOf(four, CUSTOMERS);
  console.log(JSON.stringify({ offered: (await decided(four)).offered, sent, unknown, notSent, mails: mail.mails.length }));
  // Where the 250 was said already, the note of it may have been faster than the kill.
  expect(DIALOGUE_PLACES.length - count(unknown)).toBeOneOf([0, 1]);
  expect(count(sent)).toBe(CUSTOMERS - count(unknown));
  expect(new Set(messageIdsOf(mail.mails)).size).toBe(mail.mails.length);
  await within(
    { what: 'deliveries told', ms: SETTLED_MS_MAX },
    () => sumOf(four),
    ({ mails }) => mails >= count(sent),
  );

  let farewells = 0;
  for (const [place, one] of mail.mails.entries()) {
    const { notification } = four.services;
    for (const method of ['HEAD', 'GET', 'GET']) {
      const led = await fetch(`${notification.address}${linkIn(one, 'c')}`, { method, redirect: 'manual' });
      expect([led.status, led.headers.get('location')]).toEqual([302, expect.stringContaining('https://giftbarn.example/')]);
    }
    if (place % 2 === 0) {
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      const used = await fetch(`${notification.address}${linkIn(one, 'unsubscribe')}`, { method: 'POST', body });
      expect(used.status).toBe(200);
      farewells++;
    }
    if (place % KILL_EVERY === 0) await killed(four);
  }
  const wanted: Counts = { mails: count(sent), promotion_clicks_90d: mail.mails.length, goodbyes: farewells };
  const reached = (counts: Counts): boolean => FACTS.every((name) => counts[name] >= wanted[name]);
  await within({ what: JSON.stringify(wanted), ms: SETTLED_MS_MAX }, () => sumOf(four), reached);
  // What was told a second time would stand behind, and each customer's next event behind that.
  for (let i = 0; i < CUSTOMERS; i++) await order(four, `user-${i}`, `again-${i}`);
  for (let i = 0; i < CUSTOMERS; i++)
    await within(
      { what: 'the next order', ms: SETTLED_MS_MAX },
      () => ordersOf(four, `user-${i}`),
      (orders) => orders === 2,
    );
  expect(await sumOf(four)).toEqual(wanted);
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
