import { InboxRead } from '@attune/contracts/messages/log/v1/log';
import { type MarkReadRequest, MarkReadResponse, type NoteClickRequest, NoteClickResponse } from '@attune/contracts/messages/notification/v1/notification';
import type { EventLog, Position } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { type InboxItem, unreadOf } from '../domain/inbox.ts';
import type { InboxGrant } from '../ports.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { type InboxPorts, readInbox, readOwnInbox } from './list-inbox.ts';
import { headersOf } from './record-type.ts';

/** Marks messages as read by a token. */
export type MarkRead = (request: MarkReadRequest) => Promise<MarkReadResponse>;

/** Notes a click by a token. */
export type NoteClick = (request: NoteClickRequest) => Promise<NoteClickResponse>;

/** What marking needs. */
export interface MarkReadPorts extends InboxPorts {
  readonly log: EventLog;
}

const IDS_MAX = 100;

/** Appends what was read to the log and answers once the inbox says so; where nothing would change, nothing is appended. @throws AttuneError INBOX_TOKEN_INVALID, ERASED, REQUEST_INVALID, LOG_UNAVAILABLE, STORE_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: it stands in the log and will be folded */
export const markRead =
  (ports: MarkReadPorts): MarkRead =>
  async ({ token, ids }) => {
    const grant = ports.inboxOf(token);
    if (ids.length === 0 || ids.length > IDS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: ids. 1 to ${IDS_MAX} are expected.`);
    const inbox = await readOwnInbox(ports, grant);
    const fresh = [...new Set(ids)].flatMap((id) => inbox.get(id) ?? []).filter(({ readAtMs }) => readAtMs === 0);
    if (fresh.length === 0) return MarkReadResponse.fromPartial({ unread: unreadOf(inbox) });
    const position = await append(ports, grant, { items: fresh, clicked: false });
    const folded = await ports.ledgers.readUpTo(grant.tenant, grant.profileId, position.offset + 1);
    if (folded === undefined) throw new AttuneError('DEADLINE_EXCEEDED', 'It is in the log that they were read, and not folded yet.');
    const unread = unreadOf(await readInbox(ports, grant));
    return MarkReadResponse.fromPartial({ unread, position: { ...position, offset: BigInt(position.offset) } });
  };

/** Appends a click to the log, also of a message that was read before. @throws AttuneError INBOX_TOKEN_INVALID, ERASED, REQUEST_INVALID for a message that is not there, LOG_UNAVAILABLE, STORE_UNAVAILABLE */
export const noteClick =
  (ports: MarkReadPorts): NoteClick =>
  async ({ token, id }) => {
    const grant = ports.inboxOf(token);
    const item = (await readOwnInbox(ports, grant)).get(id);
    if (item === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: id. There is no message of this id.');
    const position = await append(ports, grant, { items: [item], clicked: true });
    return NoteClickResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
  };

interface Did {
  readonly items: readonly InboxItem[];
  readonly clicked: boolean;
}

async function append({ log, clock }: MarkReadPorts, { tenant, profileId }: InboxGrant, { items, clicked }: Did): Promise<Position> {
  const read = InboxRead.fromPartial({
    profileId,
    clicked,
    ids: items.map(({ id }) => id),
    decisionIds: items.map(({ decisionId }) => decisionId),
    promotions: items.flatMap(({ id, promotional }) => (promotional ? [id] : [])),
    atMs: BigInt(clock.nowMs()),
  });
  const value = InboxRead.encode(read).finish();
  const [position] = await log.append(tenant, DELIVERIES_TOPIC, [{ key: profileId, value, headers: headersOf('InboxRead') }]);
  if (position === undefined) throw new AttuneError('LOG_UNAVAILABLE');
  return position;
}
