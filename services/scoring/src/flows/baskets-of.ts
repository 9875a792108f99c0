import type { Configuration } from '@attune/configuration/configuration';
import { Activity, EventType } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { BASKET_ITEMS_MAX, type Basket } from '../domain/basket-set.ts';
import type { Look } from '../domain/recommenders/open-sessions.ts';
import type { Vocabulary } from '../domain/vocabulary.ts';

/** What the index takes of a record. */
export type IndexedUse = { readonly kind: 'basket'; readonly basket: Basket } | { readonly kind: 'look'; readonly look: Look };

/** Reads purchases and looks from records of attune.activity.v1; undefined for all else. */
export type UseOf = (record: LogRecord, vocabulary: Vocabulary) => IndexedUse | undefined;

/** Roles whose items are looks of a session. */
const LOOKS: ReadonlySet<string> = new Set(['view', 'add_to_cart']);

/**
 * Takes what lies in clear of events with role: purchase: their items, without whose they are; and where a recommender is counted from sessions, of those that are looks.
 * Sealed fields stay sealed, since what is learnt from them could not be taken back when the person is erased.
 */
export function basketsOf({ events, recommenders }: Pick<Configuration, 'events' | 'recommenders'>): UseOf {
  const looks = recommenders.some(({ over }) => over === 'sessions');
  const taken = new Map(Object.entries(events).filter(([, { role = '' }]) => role === 'purchase' || (looks && LOOKS.has(role))));
  return (record, vocabulary) => {
    const activity = activityIn(record);
    if (activity?.record?.$case !== 'event' || activity.record.value.type !== EventType.EVENT_TYPE_TRACK) return undefined;
    const { name, openJson, timestampMs, receivedAtMs } = activity.record.value;
    const event = taken.get(name);
    if (event === undefined || openJson === '') return undefined;
    const ids = new Set(itemsIn(parsed(openJson), event).slice(0, BASKET_ITEMS_MAX));
    const items = Array.from(ids, (id) => vocabulary.numberOf(id));
    const [item] = items;
    if (item === undefined) return undefined;
    const place = { atMs: Number(timestampMs), partition: record.partition, offset: record.offset };
    if (event.role === 'purchase') return { kind: 'basket', basket: { ...place, items } };
    return { kind: 'look', look: { ...place, item, visitor: activity.profileId, heardMs: Number(receivedAtMs) } };
  };
}

/** What cannot be read is no purchase: the profiles' processor sets it aside and says so. */
function activityIn({ value }: LogRecord): Activity | undefined {
  try {
    return Activity.decode(value);
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
