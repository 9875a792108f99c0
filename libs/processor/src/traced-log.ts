import type { EventLog, NewRecord } from '@attune/event-log/port';
import type { Traces } from '@attune/runtime/telemetry/port';
import { TRACEPARENT } from '@attune/runtime/telemetry/spans';

/** The log as it is where nothing is traced; otherwise one whose records carry the span that appends them, and whose handlers run in no span. */
export function tracedLog(log: EventLog, traces: Traces): EventLog {
  if (!traces.on) return log;
  const traced = (record: NewRecord): NewRecord => {
    const traceparent = traces.current();
    if (traceparent === undefined || record.headers?.[TRACEPARENT] !== undefined) return record;
    return { ...record, headers: { ...record.headers, [TRACEPARENT]: traceparent } };
  };
  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    identity: (topic) => log.identity(topic),
    bounds: (topic, partition) => log.bounds(topic, partition),
    append: (tenant, topic, records) => log.append(tenant, topic, records.map(traced)),
    read: (topic, partition, fromOffset, max) => log.read(topic, partition, fromOffset, max),
    committed: (group, topic, partition) => log.committed(group, topic, partition),
    // The embedded log wakes its members from within the append: what they handle must not count as caused by it.
    consume: ({ handler, ...options }) =>
      log.consume({ ...options, handler: { onBatch: (batch, control) => traces.apart(() => handler.onBatch(batch, control)) } }),
    close: () => log.close(),
  };
}
