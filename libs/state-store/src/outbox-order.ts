import type { OutboxEntry } from './port.ts';

/** Order of publishing: by id, by code unit, as the port promises. Databases order by bytes, which differs beyond U+FFFF. */
export const byId = (a: OutboxEntry, b: OutboxEntry): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
