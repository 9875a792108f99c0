import type { Label } from '@attune/configuration/configuration';
import { type CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { KeyRing } from '@attune/sealing/key-ring';
import { toUnits } from '../domain/features/scaled.ts';
import { type LabelEvent, labelOf } from '../domain/label-of.ts';
import { fieldsOfEvent } from './event-fields.ts';
import type { ReplayWatcher } from './replay-profiles.ts';

/** Keeps the events that a label counts while the log is replayed. */
export class GatheredLabels implements ReplayWatcher {
  readonly #label: Label;
  readonly #ring: KeyRing;
  readonly #events = new Map<string, LabelEvent[]>();

  constructor(label: Label, ring: KeyRing) {
    this.#label = label;
    this.#ring = ring;
  }

  readonly after: NonNullable<ReplayWatcher['after']> = ({ record, activity }, { fresh }) => {
    if (!fresh || activity.record?.$case !== 'event') return;
    const event = activity.record.value;
    const { type, name, timestampMs, receivedAtMs } = event;
    if (name !== this.#label.event || type !== EventType.EVENT_TYPE_TRACK) return;
    const units = this.#unitsOf(event, record);
    if (units === undefined) return;
    const theirs = this.#events.get(record.key) ?? [];
    theirs.push({ timestampMs: Number(timestampMs), receivedAtMs: Number(receivedAtMs), units });
    this.#events.set(record.key, theirs);
  };

  /** The label of a moment of a customer, whose events may have come under several profiles: `nowOf` names the one that each is part of by now. */
  reader(nowOf: (profileId: string) => string): (profileId: string, atMs: number) => number {
    const byCustomer = new Map<string, LabelEvent[]>();
    for (const [profileId, events] of this.#events) byCustomer.set(nowOf(profileId), [...(byCustomer.get(nowOf(profileId)) ?? []), ...events]);
    for (const [profileId, events] of byCustomer)
      byCustomer.set(
        profileId,
        events.toSorted((a, b) => a.timestampMs - b.timestampMs),
      );
    return (profileId, atMs) => labelOf(byCustomer.get(nowOf(profileId)) ?? [], this.#label, atMs);
  }

  /** Undefined where the condition does not hold, or the field is no number. */
  #unitsOf(event: CustomerEvent, { tenant, key: profileId }: LogRecord): bigint | undefined {
    const { field, where, decimals = 0 } = this.#label;
    const wanted = [...(where?.reads ?? []), ...(field === undefined ? [] : [field])];
    const fields = fieldsOfEvent(this.#ring, { event, openJson: event.openJson, wanted, tenant, profileId });
    if (where !== undefined && !where.holds(fields)) return undefined;
    if (field === undefined) return 1n;
    const value = fields[field];
    return typeof value === 'number' && Number.isFinite(value) ? toUnits(value, decimals) : undefined;
  }
}
