import type { Configuration } from '@attune/configuration/configuration';
import { Activity, EventType } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { BASKET_ITEMS_MAX, type Basket } from '../domain/basket-set.ts';
import type { Vocabulary } from '../domain/vocabulary.ts';

/** Reads purchases from records of attune.activity.v1; undefined for all else. */
export type BasketOf = (record: LogRecord, vocabulary: Vocabulary) => Basket | undefined;

/**
 * Takes what lies in clear of events with role: purchase: their items, without whose they are. Sealed fields stay sealed, since what is learnt from them could not be
 * taken back when the person is erased.
 */
export function basketsOf({ events }: Pick<Configuration, 'events'>): BasketOf {
  const purchases = new Map(Object.entries(events).filter(([, { role }]) => role === 'purchase'));
  return (record, vocabulary) => {
    const activity = activityIn(record);
    if (activity?.$case !== 'event' || activity.value.type !== EventType.EVENT_TYPE_TRACK) return undefined;
    const { name, openJson, timestampMs } = activity.value;
    const purchase = purchases.get(name);
    if (purchase === undefined || openJson === '') return undefined;
    const ids = new Set(itemsIn(parsed(openJson), purchase).slice(0, BASKET_ITEMS_MAX));
    if (ids.size === 0) return undefined;
    const items = Array.from(ids, (id) => vocabulary.numberOf(id));
    return { atMs: Number(timestampMs), partition: record.partition, offset: record.offset, items };
  };
}

/** What cannot be read is no purchase: the profiles' processor sets it aside and says so. */
function activityIn({ value }: LogRecord): Activity['record'] {
  try {
    return Activity.decode(value).record;
  } catch {
    return undefined;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** As the door lets an identifier of an item be. */
const ID_LENGTH_MAX = 256;

function itemsIn(fields: unknown, { lines, item }: Configuration['events'][string]): readonly string[] {
  if (!isObject(fields)) return [];
  if (lines === undefined) return item === undefined ? [] : idOf(fields[item]);
  const each = fields[lines.each];
  return Array.isArray(each) ? each.flatMap((line) => (isObject(line) ? idOf(line[lines.item]) : [])) : [];
}

function idOf(value: unknown): string[] {
  if (typeof value !== 'string' && !Number.isSafeInteger(value)) return [];
  const id = String(value);
  return id === '' || id.length > ID_LENGTH_MAX ? [] : [id];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
