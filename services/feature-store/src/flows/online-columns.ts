import { type NamedValue, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { FeatureRow } from '@attune/contracts/messages/features/v1/features';

/** What Feast says of a value. */
export type OnlineStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** The values of one name, a row each. */
export interface OnlineColumn {
  readonly name: string;
  /** As JSON; null unless the status is PRESENT. */
  readonly values: readonly unknown[];
  readonly statuses: readonly OnlineStatus[];
  /** When the newest event of each value happened, in ms since 1970; 0 where there is none. */
  readonly eventTimesMs: readonly number[];
}

/** What columns are made of. */
export interface OnlineRows {
  readonly entity: string;
  readonly keys: readonly (string | number)[];
  readonly names: readonly string[];
  /** Where each name stands in a row. */
  readonly places: readonly { readonly view: number; readonly value: number }[];
  readonly rows: readonly FeatureRow[];
}

/** One column a name, the entity's first. What a purpose may not know looks like what is not there: Feast has no word for it. */
export function onlineColumns({ entity, keys, names, places, rows }: OnlineRows): readonly OnlineColumn[] {
  const first: OnlineColumn = { name: entity, values: keys, statuses: keys.map(() => 'PRESENT'), eventTimesMs: keys.map(() => 0) };
  return [first, ...names.map((name, i) => columnOf(name, rows, places[i] ?? { view: 0, value: 0 }))];
}

function columnOf(name: string, rows: readonly FeatureRow[], { view, value }: OnlineRows['places'][number]): OnlineColumn {
  const told = rows.map((row) => cellOf(row.views[view]?.values[value]));
  return {
    name,
    values: told.map((cell) => cell.value),
    statuses: told.map(({ status }) => status),
    eventTimesMs: told.map(({ eventTimeMs }) => eventTimeMs),
  };
}

function cellOf(named: NamedValue | undefined): { readonly value: unknown; readonly status: OnlineStatus; readonly eventTimeMs: number } {
  const eventTimeMs = Number(named?.eventTimeMs ?? 0n);
  const status = statusOf(named?.status);
  const value = status === 'PRESENT' ? plain(named?.value) : undefined;
  if (value !== undefined) return { value, status, eventTimeMs };
  return { value: null, status: status === 'PRESENT' ? 'NULL_VALUE' : status, eventTimeMs };
}

function statusOf(status: ValueStatus | undefined): OnlineStatus {
  if (status === ValueStatus.VALUE_STATUS_PRESENT) return 'PRESENT';
  if (status === ValueStatus.VALUE_STATUS_MISSING) return 'NULL_VALUE';
  return status === ValueStatus.VALUE_STATUS_STALE ? 'OUTSIDE_MAX_AGE' : 'NOT_FOUND';
}

/** The value as JSON; undefined for an empty list or mapping, of which Feast cannot tell the type. Of items their ids, the newest use first. */
function plain(value: Value | undefined): unknown {
  const kind = value?.kind;
  if (kind === undefined) return undefined;
  if (kind.$case === 'texts') return nonEmpty(kind.value.values);
  if (kind.$case === 'numbers') return nonEmpty(kind.value.values);
  if (kind.$case === 'items') return nonEmpty(kind.value.items.map(({ id }) => id));
  if (kind.$case === 'money') return Number(kind.value.minor);
  if (kind.$case !== 'byName') return kind.value;
  const parts = Object.entries(kind.value.values).flatMap(([name, part]) => {
    const told = plain(part);
    return told === undefined ? [] : [[name, told]];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

const nonEmpty = (list: readonly unknown[]): readonly unknown[] | undefined => (list.length === 0 ? undefined : list);
