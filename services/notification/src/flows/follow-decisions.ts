import { Decision, DeliveryState } from '@attune/contracts/messages/log/v1/log';
import type { BatchControl, BatchVerdict, LogBatch, LogRecord } from '@attune/event-log/port';
import { codeOf, errorTable } from '@attune/kernel/errors';
import { type Following, followTopic } from '@attune/processor/follow-topic';
import type { SpanOf } from '@attune/runtime/telemetry/port';
import { TRACEPARENT } from '@attune/runtime/telemetry/spans';
import { isSettled } from '../domain/ledger.ts';
import { Claims } from './claim-send.ts';
import { deliverDecision } from './deliver-decision.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { noteDelivery } from './note-delivery.ts';
import { AGAIN, typeOf } from './record-type.ts';

/** So long a record waits where it stands for its ledger, which folds the records before it at the same time: a partition that rests on Kafka comes back only with the next fetch. */
const FOLDING_MS = 50;
/** How long a partition rests where its ledger is further behind, and after a fault that passes, in ms. */
const UNFOLDED_MS = 50;
const FAULT_MS = 250;

/** Delivers each decision of attune.deliveries.v1 once its ledger has folded all that stands before it. */
export function followDecisions(ports: DeliveryPorts): Promise<Following> {
  const claims = new Claims(ports);
  const onBatch = async ({ records, fetchedOffset }: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    for (const [place, record] of records.entries()) {
      if (control.stale()) return restAt(record, place, 0);
      const restMs = typeOf(record) === 'Decision' ? await handled(ports, claims, record) : 0;
      if (restMs > 0) return restAt(record, place, restMs);
      await control.heartbeat();
    }
    return { kind: 'next', offset: (records.at(-1)?.offset ?? fetchedOffset - 1) + 1 };
  };
  return followTopic({ log: ports.log, clock: ports.clock, telemetry: ports.telemetry, topic: DELIVERIES_TOPIC, group: 'delivery', onBatch });
}

/** What was handled before the record is done with; only then does the partition rest, so that nothing is handled twice. */
const restAt = ({ offset }: LogRecord, place: number, ms: number): BatchVerdict => (place > 0 ? { kind: 'next', offset } : { kind: 'pause', ms });

/** Answers for how long to rest before the record is tried again; 0 = it is done with. */
async function handled(ports: DeliveryPorts, claims: Claims, record: LogRecord): Promise<number> {
  const { tenant, value } = record;
  const decision = Decision.decode(value);
  try {
    if (await claims.noteLate(decision)) return 0;
    const ledger = await ports.ledgers.readWith(record, FOLDING_MS);
    if (ledger === undefined) return UNFOLDED_MS;
    const entry = ledger.entries.get(decision.id);
    // A held one comes again by itself when its time has come; one that is not there was settled long ago.
    if (entry === undefined || isSettled(entry) || entry.state === 'held') return 0;
    await ports.telemetry.within('delivery try', await causedBy(ports, record), () => deliverDecision(ports, claims, { tenant, decision, ledger }));
    return 0;
  } catch (fault) {
    const reason = codeOf(fault);
    if (errorTable[reason].retriable) return FAULT_MS;
    return noteDelivery(ports, { tenant, decision, channel: decision.channels[0] ?? '', state: DeliveryState.DELIVERY_STATE_FAILED, reason }).then(
      () => 0,
      () => FAULT_MS,
    );
  }
}

/** What comes at once is part of its trace; what had to wait links to the trace in which it first came. */
async function causedBy({ log, telemetry }: DeliveryPorts, { topic, partition, offset, headers }: LogRecord): Promise<SpanOf> {
  const first = headers[AGAIN] ?? '';
  const found = telemetry.on && first !== '' ? await log.read(topic, partition, Number(first), 1).catch(() => []) : [];
  const link = found.find((one) => one.offset === Number(first))?.headers[TRACEPARENT];
  return { parent: headers[TRACEPARENT], link, attributes: { 'attune.place': `${topic}/${partition}/${offset}` } };
}
