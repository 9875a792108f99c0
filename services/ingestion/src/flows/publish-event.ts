import { randomUUID } from 'node:crypto';
import { AcceptedEvent, CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import type { ErrorCode } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { type AdmittedEvent, admitEvent, type CallType } from '../domain/admit-event.ts';
import { ACCEPTED } from '../ports.ts';

export type PublishAnswer =
  | { readonly kind: 'accepted'; readonly position: Position; readonly messageId: string }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly field: string };

/** One tracking call as it came. */
export interface PublishRequest {
  readonly tenant: TenantId;
  readonly body: unknown;
  readonly type?: CallType;
}

export interface PublishPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Keyed hash of an identifier: what the records of one customer have in common. */
  readonly identifierHash: (tenant: TenantId, kind: string, value: string) => string;
}

export type PublishEvent = (request: PublishRequest) => Promise<PublishAnswer>;

/** Admits one event and appends it; answers once the log has it on its disks. @throws AttuneError LOG_UNAVAILABLE */
export const publishEvent =
  ({ log, clock, identifierHash }: PublishPorts): PublishEvent =>
  async ({ tenant, body, type }) => {
    const verdict = admitEvent(body, { receivedAtMs: clock.nowMs(), freshId: randomUUID(), parseTime: Date.parse, ...(type ? { type } : {}) });
    if (verdict.kind === 'rejected') return verdict;
    const { identifier, messageId } = verdict.event;
    const headers = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.AcceptedEvent' };
    const [position] = await log.append(tenant, ACCEPTED, [
      { key: identifierHash(tenant, identifier.kind, identifier.value), value: AcceptedEvent.encode(recordOf(verdict.event)).finish(), headers },
    ]);
    if (position === undefined) throw new Error('the log answered without a position');
    return { kind: 'accepted', position, messageId };
  };

const typeNumber = (type: CallType): EventType =>
  ({
    track: EventType.EVENT_TYPE_TRACK,
    identify: EventType.EVENT_TYPE_IDENTIFY,
    page: EventType.EVENT_TYPE_PAGE,
    screen: EventType.EVENT_TYPE_SCREEN,
    group: EventType.EVENT_TYPE_GROUP,
    alias: EventType.EVENT_TYPE_ALIAS,
  })[type];

/** Properties and traits are left out: they wait for sealed envelopes. */
const recordOf = (event: AdmittedEvent): AcceptedEvent =>
  AcceptedEvent.fromPartial({
    identifierKind: event.identifier.kind,
    record: {
      $case: 'event',
      value: CustomerEvent.fromPartial({
        messageId: event.messageId,
        type: typeNumber(event.type),
        name: event.name,
        timestampMs: BigInt(event.timestampMs),
        receivedAtMs: BigInt(event.receivedAtMs),
        openJson: '{}',
        source: 'app',
      }),
    },
  });
