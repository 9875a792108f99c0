import {
  GetDeliveryResultsResponse,
  GetMailRequest,
  GetMailResponse,
  ListMailsRequest,
  ListMailsResponse,
} from '@attune/contracts/messages/notification/v1/notification';
import { readRequest } from '@attune/grpc/json-request';
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
    ListMailsResponse.toJSON(await kept(mailBox).list(tenant, readRequest(body, ListMailsRequest))),
  );
  app.post('/attune.notification.v1.OutboxService/GetMail', async ({ body }) =>
    GetMailResponse.toJSON(await kept(mailBox).get(tenant, readRequest(body, GetMailRequest).id)),
  );
}

function kept(mailBox: MailBox | undefined): MailBox {
  if (mailBox === undefined) throw new AttuneError('METHOD_UNKNOWN', 'Mail goes to a server; nothing is kept here.');
  return mailBox;
}
