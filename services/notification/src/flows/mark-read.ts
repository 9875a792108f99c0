import { InboxRead } from '@attune/contracts/messages/log/v1/log';
import { type MarkReadRequest, MarkReadResponse } from '@attune/contracts/messages/notification/v1/notification';
import type { EventLog, Position } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { unreadOf } from '../domain/inbox.ts';
import type { InboxGrant } from '../ports.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { type InboxPorts, readInbox } from './list-inbox.ts';
import { headersOf } from './record-type.ts';

/** Marks messages as read by a token. */
export type MarkRead = (request: MarkReadRequest) => Promise<MarkReadResponse>;

/** What marking needs. */
export interface MarkReadPorts extends InboxPorts {
  readonly log: EventLog;
}

const IDS_MAX = 100;

/** Appends what was read to the log and answers once the inbox says so; where nothing would change, nothing is appended. @throws AttuneError INBOX_TOKEN_INVALID, REQUEST_INVALID, LOG_UNAVAILABLE, STORE_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: it stands in the log and will be folded */
export const markRead =
  (ports: MarkReadPorts): MarkRead =>
  async ({ token, ids }) => {
    const grant = ports.inboxOf(token);
    if (ids.length === 0 || ids.length > IDS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: ids. 1 to ${IDS_MAX} are expected.`);
    const inbox = await readInbox(ports, grant);
    const fresh = [...new Set(ids)].filter((id) => inbox.get(id)?.readAtMs === 0);
    if (fresh.length === 0) return MarkReadResponse.fromPartial({ unread: unreadOf(inbox) });
    const position = await append(ports, grant, fresh);
    const folded = await ports.ledgers.readUpTo(grant.tenant, grant.profileId, position.offset + 1);
    if (folded === undefined) throw new AttuneError('DEADLINE_EXCEEDED', 'It is in the log that they were read, and not folded yet.');
    const unread = unreadOf(await readInbox(ports, grant));
    return MarkReadResponse.fromPartial({ unread, position: { ...position, offset: BigInt(position.offset) } });
  };

async function append({ log, clock }: MarkReadPorts, { tenant, profileId }: InboxGrant, ids: readonly string[]): Promise<Position> {
  const value = InboxRead.encode(InboxRead.fromPartial({ profileId, ids: [...ids], atMs: BigInt(clock.nowMs()) })).finish();
  const [position] = await log.append(tenant, DELIVERIES_TOPIC, [{ key: profileId, value, headers: headersOf('InboxRead') }]);
  if (position === undefined) throw new AttuneError('LOG_UNAVAILABLE');
  return position;
}
