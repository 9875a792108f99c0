import type { Fact } from '@attune/contracts/messages/common/v1/common';
import { RecordFactRequest } from '@attune/contracts/messages/features/v1/features';
import { InboxRead, ProfileFact } from '@attune/contracts/messages/log/v1/log';
import type { BatchControl, BatchVerdict, EventLog, LogBatch, LogRecord, TenantId } from '@attune/event-log/port';
import { codeOf, errorTable } from '@attune/kernel/errors';
import { type Following, followTopic } from '@attune/processor/follow-topic';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import { type ClickEvent, clickedEvent, openedEvent, promotionClicked } from '../domain/event-names.ts';
import { INBOX } from '../domain/inbox.ts';
import type { RecordFact } from '../ports.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { typeOf } from './record-type.ts';

/** What telling facts works with. */
export interface FactPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Metrics;
  readonly recordFact: RecordFact;
  /** The declared events that hold now: they name the click on a promotion. */
  readonly events: () => Parameters<typeof promotionClicked>[0];
}

const FAULT_MS = 250;

/** Sends what profiles are to hear of back to the door: what was delivered, and what customers did with it. At least once, each under an id made of the delivery, by which the resolver knows a repeat. */
export function tellFacts({ log, clock, telemetry, recordFact, events }: FactPorts): Promise<Following> {
  const onBatch = async ({ records, fetchedOffset }: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    for (const [place, record] of records.entries()) {
      const told = !control.stale() && (await tell(recordFact, toldBy(record, promotionClicked(events())), record.tenant));
      if (!told) return place > 0 ? { kind: 'next', offset: record.offset } : { kind: 'pause', ms: FAULT_MS };
      await control.heartbeat();
    }
    return { kind: 'next', offset: (records.at(-1)?.offset ?? fetchedOffset - 1) + 1 };
  };
  return followTopic({ log, clock, telemetry, topic: DELIVERIES_TOPIC, group: 'facts', onBatch });
}

/** False where it is to be tried again. Of somebody who is erased or unknown, and of what the door refuses, nothing is told. */
async function tell(recordFact: RecordFact, facts: readonly RecordFactRequest[], tenant: TenantId): Promise<boolean> {
  try {
    for (const told of facts) await recordFact(tenant, told);
    return true;
  } catch (fault) {
    return !errorTable[codeOf(fault)].retriable;
  }
}

function toldBy(record: LogRecord, click: ClickEvent): readonly RecordFactRequest[] {
  if (typeOf(record) === 'ProfileFact') return [RecordFactRequest.fromPartial(ProfileFact.decode(record.value))];
  if (typeOf(record) !== 'InboxRead') return [];
  const read = InboxRead.decode(record.value);
  if (read.fromProfileId !== '') return []; // told for the visitor, who is the same
  return factsOf(read, click).map((fact) => RecordFactRequest.fromPartial({ profileId: read.profileId, fact }));
}

/** What a record says that the customer did, message by message. */
export function factsOf({ ids, decisionIds, promotions, clicked, atMs }: InboxRead, click: ClickEvent): readonly Fact[] {
  return ids.map((id, place) => {
    const decisionId = decisionIds[place] ?? '';
    const isClick = clicked && promotions.includes(id);
    const name = isClick ? click.name : clicked ? clickedEvent(INBOX) : openedEvent(INBOX);
    const properties = { delivery_id: id, channel: INBOX, [isClick ? click.field : 'promotion_id']: decisionId };
    return { name, messageId: `${id}/${clicked ? 'clicked' : 'opened'}`, atMs, properties, causes: decisionId === '' ? [] : [decisionId], hops: 0 };
  });
}
