import type { Slot, SlotReader, StateStore } from './port.ts';

/** A store of its own within a shared one: every slot's processor begins with the namespace. */
export function namespacedStore(store: StateStore & SlotReader, namespace: string): StateStore & SlotReader {
  const inner = (slot: Slot): Slot => ({ ...slot, processor: `${namespace}.${slot.processor}` });
  return {
    read: (slot, keys) => store.read(inner(slot), keys),
    commit: (slot, expected, change) => store.commit(inner(slot), expected, change),
    outbox: (slot) => store.outbox(inner(slot)),
    trim: (slot, ids) => store.trim(inner(slot), ids),
    due: (slot, untilMs, max) => store.due(inner(slot), untilMs, max),
    skipped: (slot) => store.skipped(inner(slot)),
    clear: (slot) => store.clear(inner(slot)),
    page: (slot, cursor, max) => store.page(inner(slot), cursor, max),
    copy: (slot, keys) => store.copy(inner(slot), keys),
    close: () => store.close(),
  };
}
