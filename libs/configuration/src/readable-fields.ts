import type { AttuneDocument } from './schema.ts';

/** A field that a feature can read: of the event, or of an entry of the list that `each` names. */
export interface ReadableField {
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'object' | 'time';
  readonly decimals: number;
}

/** By name. */
export type ReadableFields = ReadonlyMap<string, ReadableField>;

type Event = AttuneDocument['events'][string];

/** The fields of an event; with `each` those of an entry before them: what the list declares of its entries, what `lines` says of them, and the list's own name for an entry that is a plain value. */
export function readableFields(event: Event | undefined, each?: string): ReadableFields {
  if (event === undefined) return new Map();
  const own = Object.entries(event.fields).map(([name, { type, decimals }]): [string, ReadableField] => [name, { type, decimals }]);
  if (each === undefined) return new Map(own);
  const declared = Object.hasOwn(event.fields, each) ? (event.fields[each]?.fields ?? {}) : {};
  const entry = Object.entries(declared).map(([name, field]): [string, ReadableField] => [name, field]);
  return new Map([...own, [each, { type: 'string', decimals: 0 }], ...(event.lines?.each === each ? lineFields(event.lines) : []), ...entry]);
}

function lineFields({ item, quantity, price }: NonNullable<Event['lines']>): [string, ReadableField][] {
  const numbers = [quantity, price].flatMap((name): [string, ReadableField][] => (name === undefined ? [] : [[name, { type: 'number', decimals: 2 }]]));
  return [[item, { type: 'string', decimals: 0 }], ...numbers];
}
