import { NotificationServiceService, OutboxServiceService } from '@attune/contracts/grpc/notification/v1/notification';
import * as notification from '@attune/contracts/messages/notification/v1/notification';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import { AttuneError } from '@attune/kernel/errors';
import type { GetDeliveryResults } from '../flows/get-delivery-results.ts';
import type { MailBox } from '../ports.ts';

/** What is behind the calls. */
export interface NotificationCalls {
  readonly deliveryResults: GetDeliveryResults;
  /** Absent where mail goes to a server: nothing is kept here then. */
  readonly mailBox?: MailBox;
}

/** The calls of NotificationService and OutboxService. */
export const notificationRpcs = ({ deliveryResults, mailBox = NOTHING_KEPT }: NotificationCalls): readonly Rpc[] => [
  ...rpcTable(NotificationServiceService, {
    getDeliveryResults: {
      request: notification.GetDeliveryResultsRequest,
      response: notification.GetDeliveryResultsResponse,
      flow: deliveryResults,
    },
  }),
  ...rpcTable(OutboxServiceService, {
    listMails: { request: notification.ListMailsRequest, response: notification.ListMailsResponse, flow: (tenant, request) => mailBox.list(tenant, request) },
    getMail: { request: notification.GetMailRequest, response: notification.GetMailResponse, flow: (tenant, { id }) => mailBox.get(tenant, id) },
  }),
];

const refuse = async (): Promise<never> => {
  throw new AttuneError('METHOD_UNKNOWN', 'Mail goes to a server; nothing is kept here.');
};
const NOTHING_KEPT: MailBox = { list: refuse, get: refuse };
