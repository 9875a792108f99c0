import { InboxMessage, ListInboxResponse, MarkReadRequest } from '@attune/contracts/messages/notification/v1/notification';
import { systemStopwatch } from '@attune/runtime/world';
import type { FastifyInstance } from 'fastify';

const AT_MS = BigInt(Date.UTC(2026, 2, 14, 12, 4));

/** A message that nobody has read. */
export const letter = (id: string, subject: string): InboxMessage =>
  InboxMessage.fromPartial({ id, subject, decisionId: 'd_7f3a', campaign: 'vip_thanks', text: 'Dear Ada,\n\nthank you.\n', sentAtMs: AT_MS });

/** An inbox that every customer has, as the page's server sees it: what is put into `letters` shows at once. */
export function inboxRoutes(app: FastifyInstance, letters: InboxMessage[]): void {
  const unread = (): number => letters.filter(({ readAtMs }) => readAtMs === 0n).length;
  app.post('/attune.notification.v1.NotificationService/OpenInbox', async () => ({ token: 'a-token' }));
  app.post('/attune.notification.v1.NotificationService/ListInbox', async () =>
    ListInboxResponse.toJSON(ListInboxResponse.fromPartial({ messages: letters, unread: unread(), total: letters.length })),
  );
  app.post('/attune.notification.v1.NotificationService/MarkRead', async ({ body }) => {
    const { ids } = MarkReadRequest.fromJSON(JSON.parse(String(body)));
    for (const it of letters) if (ids.includes(it.id)) it.readAtMs = AT_MS;
    return { unread: unread() };
  });
  app.get('/inbox/live', async (_request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream' });
    let said = '';
    for (; !raw.destroyed; await systemStopwatch.sleep(50)) {
      const now = JSON.stringify({ unread: unread(), total: letters.length });
      if (now !== said) raw.write(`event: inbox\ndata: ${now}\n\n`);
      said = now;
    }
  });
}
