import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { within } from '../apart/patience.ts';

const VISITORS = 6;
const MS = 40_000;

interface Inbox {
  readonly messages?: readonly { readonly id: string; readonly text: string; readonly readAtMs?: string }[];
  readonly unread?: number;
  readonly total?: number;
}

async function inboxOf(four: FourServices, subject: object): Promise<Inbox> {
  const service = 'notification.v1.NotificationService';
  const { token } = await four.call<{ token: string }>('notification', `${service}/OpenInbox`, { subject });
  return four.call('notification', `${service}/ListInbox`, { token });
}

test('visitors’ inboxes are their customers’ over Kafka and Redis, each message once and read as it was, though the process is killed while they move', {
  timeout: 240_000,
}, async () => {
  const mail = await openMailServer();
  onTestFinished(() => mail.close());
  const settings = { ATTUNE_KAFKA_SESSION_TIMEOUT: '2s' };
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url, settings });
  onTestFinished(() => four.remove());
  await four.start();
  const before = new Map<string, string | undefined>();
  for (let i = 0; i < VISITORS; i++) {
    const visitor = { anonymousId: `device-${i}` };
    await four.call('feature-store', 'privacy.v1.PrivacyService/RecordConsent', { subject: visitor, purposes: { marketing: true } });
    await four.track('track', { ...visitor, event: 'Order Completed', properties: { order_id: `o-${i}`, total: 1_600, products: [] } });
  }
  // The mail of the campaign of first orders has no address to go to.
  for (let i = 0; i < VISITORS; i++) {
    const { messages = [] } = await within(
      { what: `the inbox of device-${i}`, ms: MS },
      () => inboxOf(four, { anonymousId: `device-${i}` }),
      ({ total = 0 }) => total === 1,
    );
    before.set(`user-${i}`, messages[0]?.id);
    if (i % 2 === 0) {
      const { token } = await four.call<{ token: string }>('notification', 'notification.v1.NotificationService/OpenInbox', {
        subject: { anonymousId: `device-${i}` },
      });
      await four.call('notification', 'notification.v1.NotificationService/MarkRead', { token, ids: [messages[0]?.id] });
    }
  }
  for (let i = 0; i < VISITORS; i++) {
    await four.track('identify', { userId: `user-${i}`, anonymousId: `device-${i}`, traits: { language: 'en' } });
    if (i % 3 === 0) {
      await four.services.notification.end('SIGKILL');
      await four.services.notification.start();
    }
  }
  for (let i = 0; i < VISITORS; i++) {
    const inbox = await within(
      { what: `the inbox of user-${i}`, ms: MS },
      () => inboxOf(four, { userId: `user-${i}` }),
      ({ total = 0 }) => total > 0,
    );
    expect(inbox.messages?.map(({ id }) => id)).toEqual([before.get(`user-${i}`)]);
    expect([inbox.total, inbox.unread ?? 0]).toEqual([1, i % 2 === 0 ? 0 : 1]);
    expect(inbox.messages?.[0]?.text).toContain('Gift Barn');
  }
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
