import { randomUUID } from 'node:crypto';
import type { Slot, SlotChange, StateKey, StateStore } from '@attune/state-store/port';

/** The text in UTF-8. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Nothing folded yet. */
export const nothing = new Uint8Array(0);

/** A slot that no other test uses, so that cases can share one server. */
export const aSlot = (fields: Partial<Slot> = {}): Slot => ({ processor: `test-${randomUUID()}`, partition: 1, partitions: 4, ...fields });

/** A step that advances the watermark to `watermark` and does only what the fields name. */
export const aChange = (watermark: string, fields: Partial<SlotChange> = {}): SlotChange => ({
  watermark: bytes(watermark),
  states: new Map(),
  emissions: [],
  published: [],
  due: new Map(),
  skipped: new Map(),
  ...fields,
});

/** A step that touches every part of a slot: two states, two emissions, two times, a skip. */
export const aFullChange = (watermark: string): SlotChange =>
  aChange(watermark, {
    states: new Map([
      ['default:profile:ana', bytes(`ana ${watermark}`)],
      ['default:profile:budi', bytes(`budi ${watermark}`)],
    ]),
    emissions: [
      { id: `${watermark}-a`, body: bytes('first') },
      { id: `${watermark}-b`, body: bytes('second') },
    ],
    due: new Map([
      ['default:profile:ana', 2_000],
      ['default:profile:budi', 1_000],
    ]),
    skipped: new Map([[7, 'RECORD_SKIPPED']]),
  });

/** All that a slot shows of itself, as plain values that compare. */
export async function contentsOf(store: StateStore, slot: Slot, keys: readonly StateKey[] = ['default:profile:ana', 'default:profile:budi']) {
  const [read, outbox, due, skipped] = [
    await store.read(slot, keys),
    await store.outbox(slot),
    await store.due(slot, Number.MAX_SAFE_INTEGER, 10_000),
    await store.skipped(slot),
  ];
  return {
    watermark: text(read.watermark),
    outboxWatermark: text(outbox.watermark),
    states: read.states.map((state) => state && text(state)),
    outbox: outbox.entries.map(({ id, body }) => [id, text(body)]),
    due,
    skipped: [...skipped],
  };
}

/** Bytes as latin1, so that any bytes compare and print. */
export const text = (view: Uint8Array): string => Buffer.from(view).toString('latin1');
