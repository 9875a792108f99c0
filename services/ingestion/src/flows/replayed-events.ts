import { ReplayedEvent } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import type { Clock } from '@attune/runtime/world';
import { headersOf, REPLAYED } from '../ports.ts';
import { REJECTED_KEPT_MS } from './rejected-entry.ts';

/** How a refused event was let in at last. */
export interface Replayed {
  readonly messageId: string;
  readonly position: Position;
}

/** What was sent again and accepted. The resolver forgets a message id after a day; this holds for as long as the refusal can be listed. */
export interface ReplayedEvents {
  /** By the id of the refusal, as the log says now. @throws AttuneError LOG_UNAVAILABLE */
  of(tenant: TenantId): Promise<ReadonlyMap<string, Replayed>>;
  /** @throws AttuneError LOG_UNAVAILABLE */
  note(tenant: TenantId, id: string, replayed: Replayed): Promise<void>;
}

/** What remembering needs. */
export interface ReplayedPorts {
  readonly log: EventLog;
  readonly clock: Clock;
}

const BLOCK = 1_000;

/** A view of attune.events.replayed.v1, whose one partition is read from where the last look ended: any process of the service sees what the others sent. */
export function replayedEvents({ log, clock }: ReplayedPorts): ReplayedEvents {
  const byTenant = new Map<TenantId, Map<string, Replayed & { readonly atMs: number }>>();
  let next = 0;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    for (;;) {
      const records = await log.read(REPLAYED, 0, next, BLOCK);
      for (const { tenant, value } of records) {
        const { rejectedId, messageId, position, receivedAtMs } = ReplayedEvent.decode(value);
        const { topic = '', partition = 0, offset = 0n } = position ?? {};
        const known = byTenant.get(tenant) ?? new Map();
        byTenant.set(tenant, known.set(rejectedId, { messageId, position: { topic, partition, offset: Number(offset) }, atMs: Number(receivedAtMs) }));
      }
      const last = records.at(-1);
      if (last === undefined) return;
      next = last.offset + 1;
    }
  };
  return {
    of: async (tenant) => {
      looking = looking.catch(() => undefined).then(look);
      await looking;
      const known = byTenant.get(tenant) ?? new Map();
      const sinceMs = clock.nowMs() - REJECTED_KEPT_MS;
      for (const [id, { atMs }] of known) if (atMs < sinceMs) known.delete(id);
      return known;
    },
    note: async (tenant, rejectedId, { messageId, position }) => {
      const told = { rejectedId, messageId, position: { ...position, offset: BigInt(position.offset) }, receivedAtMs: BigInt(clock.nowMs()) };
      const value = ReplayedEvent.encode(ReplayedEvent.fromPartial(told)).finish();
      await log.append(tenant, REPLAYED, [{ key: rejectedId, value, partition: 0, headers: headersOf('ReplayedEvent') }]);
    },
  };
}
