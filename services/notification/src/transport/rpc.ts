import { NotificationServiceService, OutboxServiceService } from '@attune/contracts/grpc/notification/v1/notification';
import * as notification from '@attune/contracts/messages/notification/v1/notification';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import { AttuneError } from '@attune/kernel/errors';
import type { GetDeliveryResults } from '../flows/get-delivery-results.ts';
import type { OpenInbox } from '../flows/inbox-access.ts';
import type { ListInbox } from '../flows/list-inbox.ts';
import type { MarkRead, NoteClick } from '../flows/mark-read.ts';
import type { MailBox } from '../ports.ts';

/** What is behind the calls. */
export interface NotificationCalls {
  readonly deliveryResults: GetDeliveryResults;
  readonly openInbox: OpenInbox;
  readonly listInbox: ListInbox;
  readonly markRead: MarkRead;
  readonly noteClick: NoteClick;
  /** Absent where mail goes to a server: nothing is kept here then. */
  readonly mailBox?: MailBox;
}

/** The calls of NotificationService and OutboxService. */
export const notificationRpcs = ({ deliveryResults, openInbox, listInbox, markRead, noteClick, mailBox = NOTHING_KEPT }: NotificationCalls): readonly Rpc[] => [
  ...rpcTable(NotificationServiceService, {
    getDeliveryResults: {
      request: notification.GetDeliveryResultsRequest,
      response: notification.GetDeliveryResultsResponse,
      flow: deliveryResults,
    },
    openInbox: { request: notification.OpenInboxRequest, response: notification.OpenInboxResponse, flow: openInbox },
    // The token says whose inbox it is, and of which tenant.
    listInbox: { request: notification.ListInboxRequest, response: notification.ListInboxResponse, flow: (_tenant, request) => listInbox(request) },
    markRead: { request: notification.MarkReadRequest, response: notification.MarkReadResponse, flow: (_tenant, request) => markRead(request) },
    noteClick: { request: notification.NoteClickRequest, response: notification.NoteClickResponse, flow: (_tenant, request) => noteClick(request) },
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
