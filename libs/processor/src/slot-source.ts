import type { LogRecord } from '@attune/event-log/port';
import type { StateKey } from '@attune/state-store/port';
import type { ProcessorDefinition } from './definition.ts';

/** Which states a record may change: all that copies of slots must know of a processor. A definition is one. */
export type SlotSource = Pick<ProcessorDefinition<never>, 'name' | 'topic' | 'keyOf' | 'companionKey'>;

/** The states that the fold of this record may have changed; none where it could not be folded for want of a key. */
export function keysOf({ keyOf, companionKey }: SlotSource, record: LogRecord): readonly StateKey[] {
  try {
    const key = keyOf(record);
    const companion = companionKey?.(record) ?? key;
    return companion === key ? [key] : [key, companion];
  } catch {
    return [];
  }
}
