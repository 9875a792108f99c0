import { Item } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { faultOfItem } from '../domain/check-item.ts';
import { headersOf } from '../ports.ts';

/** What the shop sells: keyed by item, the newest of a key holds. */
export const ITEMS = 'attune.items.v1';

/** Appends items; answers with their positions in order once they are safe. @throws AttuneError REQUEST_INVALID with the field at fault, and then none is taken; LOG_UNAVAILABLE */
export type PublishItems = (tenant: TenantId, items: readonly Item[]) => Promise<readonly Position[]>;

/** What it needs. */
export interface PublishItemsPorts {
  readonly log: EventLog;
  readonly clock: Clock;
}

const ITEMS_MAX = 500;

/** Takes all items or none. */
export const publishItems =
  ({ log, clock }: PublishItemsPorts): PublishItems =>
  async (tenant, items) => {
    if (items.length === 0 || items.length > ITEMS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: items. 1 to ${ITEMS_MAX} are expected.`);
    for (const [i, item] of items.entries()) {
      const field = faultOfItem(item);
      if (field !== undefined) throw new AttuneError('REQUEST_INVALID', `Field: items[${i}].${field}.`);
    }
    const receivedAtMs = BigInt(clock.nowMs());
    const records = items.map((item) => ({
      key: item.id,
      value: Item.encode({ ...item, available: item.available ?? true, receivedAtMs }).finish(),
      headers: headersOf('Item'),
    }));
    return log.append(tenant, ITEMS, records);
  };
