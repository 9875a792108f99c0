import type { Configuration } from '@attune/configuration/configuration';
import { Item } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { TopicTail } from '@attune/processor/topic-tail';
import type { Stopwatch } from '@attune/runtime/world';
import type { ShopItem } from '../domain/item-filter.ts';

/** What the shop sells: keyed by item, the newest of a key holds. */
export const ITEMS = 'attune.items.v1';

/** What the shop sells, in memory. */
export interface Items {
  /** Undefined for an item that nobody published. */
  itemOf(id: string): ShopItem | undefined;
  /** Takes in all that was published so far, however long that takes. @throws AttuneError LOG_UNAVAILABLE */
  start(): Promise<void>;
  /** Takes in all that was published before the call. False where the log does not say so in time: what was published last may be missing. */
  current(): Promise<boolean>;
  /** Resolves when nothing is read any more. */
  idle(): Promise<void>;
}

/** What following needs. */
export interface ItemsPorts {
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read'>;
  readonly stopwatch: Stopwatch;
  readonly tenant: string;
  readonly configuration: () => Configuration;
}

/** An answer waits at most so long for the log; while it does not answer, the others wait less. */
const WAIT_MS = 2_000;
const WAIT_WHILE_AWAY_MS = 50;

/** Follows the items of one tenant. Nothing is read before the first call. */
export function followItems({ log, stopwatch, tenant, configuration }: ItemsPorts): Items {
  const items = new Map<string, ShopItem>();
  const apply = (record: LogRecord): void => {
    if (record.tenant !== tenant) return;
    if (record.tombstone) items.set(record.key, { ...(items.get(record.key) ?? untitled), available: false });
    else items.set(record.key, shopItem(record.value, configuration().shop.languages));
  };
  const tail = new TopicTail({ log, topic: ITEMS, apply });
  let away = false;
  return {
    itemOf: (id) => items.get(id),
    start: () => tail.readToEnd(),
    current: async () => {
      const current = await inTime(tail.readToEnd(), stopwatch, away ? WAIT_WHILE_AWAY_MS : WAIT_MS);
      away = !current;
      return current;
    },
    idle: () => tail.idle(),
  };
}

const untitled: ShopItem = { title: '', category: [], available: true, seller: '', tags: [] };

/** In the first language of the shop that the item has a title in. */
function shopItem(bytes: Uint8Array, languages: readonly string[]): ShopItem {
  const { titles, category, price, available = true, seller, tags } = Item.decode(bytes);
  const title = languages.map((language) => titles[language]).find((found) => found !== undefined) ?? Object.values(titles)[0] ?? '';
  return { title, category, ...(price && { price }), available, seller, tags };
}

async function inTime(work: Promise<void>, stopwatch: Stopwatch, ms: number): Promise<boolean> {
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, stopwatch.sleep(ms).then(() => false)]);
}
