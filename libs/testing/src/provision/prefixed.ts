import type { ConsumeOptions, EventLog, LogRecord } from '@attune/event-log/port';
import type { Slot, StateStore } from '@attune/state-store/port';

/** A log of its own within a shared one: every topic and group begins with the prefix, and nobody above sees it. */
export function prefixedLog(log: EventLog, prefix: string): EventLog {
  const inner = (topic: string): string => `${prefix}.${topic}`;
  const outer = <T extends { readonly topic: string }>(it: T): T => ({ ...it, topic: it.topic.slice(prefix.length + 1) });
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

/** A store of its own within a shared one: every slot's processor begins with the prefix. */
export function prefixedStore(store: StateStore, prefix: string): StateStore {
  const inner = (slot: Slot): Slot => ({ ...slot, processor: `${prefix}.${slot.processor}` });
  return {
    read: (slot, keys) => store.read(inner(slot), keys),
    commit: (slot, expected, change) => store.commit(inner(slot), expected, change),
    outbox: (slot) => store.outbox(inner(slot)),
    trim: (slot, ids) => store.trim(inner(slot), ids),
    due: (slot, untilMs, max) => store.due(inner(slot), untilMs, max),
    skipped: (slot) => store.skipped(inner(slot)),
    clear: (slot) => store.clear(inner(slot)),
    close: () => store.close(),
  };
}
