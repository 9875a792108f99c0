import {
  GetDeliveryResultsResponse,
  GetMailRequest,
  GetMailResponse,
  ListMailsRequest,
  ListMailsResponse,
} from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import type { GetDeliveryResults } from '../flows/get-delivery-results.ts';
import type { MailBox } from '../ports.ts';

/** What the routes call. */
export interface NotificationCalls {
  readonly tenant: string;
  readonly deliveryResults: GetDeliveryResults;
  /** Absent where mail goes to a server: nothing is kept here then. */
  readonly mailBox?: MailBox;
}

/** The unary calls of NotificationService and OutboxService as JSON (protobuf's mapping; snake_case accepted). */
export function notificationRoutes(app: FastifyInstance, { tenant, deliveryResults, mailBox }: NotificationCalls): void {
  app.post('/attune.notification.v1.NotificationService/GetDeliveryResults', async () => GetDeliveryResultsResponse.toJSON(await deliveryResults(tenant)));
  app.post('/attune.notification.v1.OutboxService/ListMails', async ({ body }) =>
    ListMailsResponse.toJSON(await kept(mailBox).list(tenant, read('ListMailsRequest', ListMailsRequest.fromJSON, body))),
  );
  app.post('/attune.notification.v1.OutboxService/GetMail', async ({ body }) =>
    GetMailResponse.toJSON(await kept(mailBox).get(tenant, read('GetMailRequest', GetMailRequest.fromJSON, body).id)),
  );
}

function kept(mailBox: MailBox | undefined): MailBox {
  if (mailBox === undefined) throw new AttuneError('METHOD_UNKNOWN', 'Mail goes to a server; nothing is kept here.');
  return mailBox;
}

function read<T>(name: string, parse: (json: unknown) => T, body: unknown): T {
  try {
    return parse(JSON.parse(Buffer.isBuffer(body) && body.length > 0 ? body.toString('utf8') : '{}'));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', `The body is not a ${name} in JSON.`, fault);
  }
}
