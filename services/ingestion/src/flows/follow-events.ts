import type { BatchControl, BatchVerdict, EventLog, LogBatch, LogRecord, TenantId } from '@attune/event-log/port';
import { codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { type Following, followTopic } from '@attune/processor/follow-topic';
import type { Processing } from '@attune/processor/processor';
import type { OpenSpan, Telemetry } from '@attune/runtime/telemetry/port';
import { TRACEPARENT } from '@attune/runtime/telemetry/spans';
import type { Clock } from '@attune/runtime/world';
import { EVENTS } from '../ports.ts';
import type { PublishEvents, PublishRequest } from './publish-events.ts';
import { requestOfRecord } from './read-event-record.ts';

/** What following needs. */
export interface EventsPorts extends Pick<Processing, 'onFault'> {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whose events the topic holds; what a record says of itself does not count. */
  readonly tenant: TenantId;
  readonly publish: PublishEvents;
}

/** The group in which the doors of all processes share the topic. */
const DOOR = 'door';
const TOGETHER_MAX = 500;
/** A trace as the Kafka binding of CloudEvents writes it (extension Distributed Tracing). */
const CLOUD_EVENT_TRACEPARENT = 'ce_traceparent';

/** Takes attune.events.v1 through the door, each record at least once; what is handled again has the same message id, and the resolver drops it. */
export function followEvents(ports: EventsPorts): Promise<Following> {
  const onBatch = async ({ partition, records, fetchedOffset }: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    let next = fetchedOffset;
    for (let at = 0; at < records.length && !control.stale(); at += TOGETHER_MAX) {
      const some = records.slice(at, at + TOGETHER_MAX);
      await handled(ports, partition, some);
      next = (some.at(-1)?.offset ?? next - 1) + 1;
      await control.heartbeat();
    }
    return next > fetchedOffset ? { kind: 'next', offset: next } : { kind: 'pause', ms: 0 };
  };
  const { log, clock, telemetry } = ports;
  return followTopic({ log, clock, telemetry, topic: EVENTS, group: DOOR, onBatch });
}

/** Together, or, where one of them breaks something, one by one: that one is refused, and holds up nobody. */
async function handled(ports: EventsPorts, partition: number, records: readonly LogRecord[]): Promise<void> {
  const { publish, tenant, clock } = ports;
  const spans = ports.telemetry.on ? records.map((record) => spanOf(ports, record)) : [];
  const requests = records.map((record, place) => tracedBy(spans[place], requestOfRecord(record, clock.nowMs())));
  if ((await faultOf(ports, partition, publish(tenant, requests))) !== undefined) {
    for (const request of requests) {
      const code = await faultOf(ports, partition, publish(tenant, [request]));
      if (code !== undefined) await publish(tenant, [refused(request, code)]);
    }
  }
  for (const span of spans) span?.end();
}

/** Continues what the application traces, or begins. A batch that is handled again begins anew: what did not end is told to nobody. */
function spanOf({ telemetry }: EventsPorts, { topic, partition, offset, headers }: LogRecord): OpenSpan | undefined {
  const place = `${topic}/${partition}/${offset}`;
  const parent = headers[TRACEPARENT] ?? headers[CLOUD_EVENT_TRACEPARENT];
  return telemetry.open('door take', { parent, root: true, idFrom: place, attributes: { 'attune.place': place } });
}

const tracedBy = (span: OpenSpan | undefined, request: PublishRequest): PublishRequest =>
  span === undefined ? request : { ...request, traceparent: span.traceparent };

const refused = ({ freshId, arrivedAtMs, traceparent }: PublishRequest, code: ErrorCode): PublishRequest => ({
  body: undefined,
  fault: { code, field: '' },
  ...(traceparent !== undefined && { traceparent }),
  ...(freshId !== undefined && { freshId }),
  ...(arrivedAtMs !== undefined && { arrivedAtMs }),
});

/** The code of a fault that comes again each time; one that passes is thrown, and the batch waits. */
async function faultOf({ onFault }: EventsPorts, partition: number, work: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work;
    return undefined;
  } catch (fault) {
    const code = codeOf(fault);
    onFault?.({ processor: DOOR, partition, code });
    if (errorTable[code].retriable) throw fault;
    return code;
  }
}
