import type { LinesOfEvent } from './profile-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The items that an event names by text or by whole number: those of its lines, in their order, or the one of the event itself. */
export function itemsOf(fields: Fields, { each, item }: LinesOfEvent): readonly string[] {
  const items: string[] = [];
  if (each === undefined) addItem(items, fields[item]);
  else {
    const lines = fields[each];
    if (Array.isArray(lines)) for (const line of lines) if (isObject(line)) addItem(items, line[item]);
  }
  return items;
}

function addItem(items: string[], id: unknown): void {
  if (typeof id === 'string' || Number.isSafeInteger(id)) items.push(String(id));
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
