import type { ConsumeOptions, EventLog, LogRecord } from './port.ts';

/** A log of its own within a shared one: every topic and group begins with the namespace, and nobody above sees it. */
export function namespacedLog(log: EventLog, namespace: string): EventLog {
  const inner = (topic: string): string => `${namespace}.${topic}`;
  const outer = <T extends { readonly topic: string }>(it: T): T => ({ ...it, topic: it.topic.slice(namespace.length + 1) });
  return {
    ensureTopics: (specs) => log.ensureTopics(specs.map((spec) => ({ ...spec, topic: inner(spec.topic) }))),
    identity: (topic) => log.identity(inner(topic)),
    bounds: (topic, partition) => log.bounds(inner(topic), partition),
    append: async (tenant, topic, records) => (await log.append(tenant, inner(topic), records)).map(outer),
    read: async (topic, partition, from, max) => (await log.read(inner(topic), partition, from, max)).map((record): LogRecord => outer(record)),
    committed: (group, topic, partition) => log.committed(inner(group), inner(topic), partition),
    consume: ({ topic, group, handler }: ConsumeOptions) =>
      log.consume({
        topic: inner(topic),
        group: inner(group),
        handler: { onBatch: (batch, control) => handler.onBatch({ ...outer(batch), records: batch.records.map(outer) }, control) },
      }),
    close: () => log.close(),
  };
}
