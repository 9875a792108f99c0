import {
  AcceptedEvent,
  type Allowance,
  type ConsentChange,
  type CustomerEvent,
  type Erasure,
  type Link,
  type LinkLost,
} from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { GivenLink } from '../domain/link-identity.ts';

/** A message of a customer, with the other identifiers that it names. */
export type Message = { readonly alsoKnownBy: readonly string[] } & (
  | { readonly $case: 'event'; readonly value: CustomerEvent }
  | { readonly $case: 'consent'; readonly value: ConsentChange }
);

/** What a record says: a message of a customer, or what becomes of an identifier. */
export type Said =
  | Message
  | { readonly $case: 'link'; readonly value: Link }
  | { readonly $case: 'linkLost'; readonly value: LinkLost }
  | { readonly $case: 'allowance'; readonly value: Allowance }
  | { readonly $case: 'erasure'; readonly value: Erasure };

/** A link as the identifier takes it; what earlier versions wrote names no record but itself. */
export const givenLink = (record: LogRecord, { profileId, leaf, receivedAtMs, source }: Link): GivenLink => ({
  ...{ profileId, by: leaf, atMs: Number(receivedAtMs) },
  record: source === '' ? placeOf(record) : source,
});

/** Where a record lies in its topic, as partition/offset. */
export const placeOf = ({ partition, offset }: LogRecord): string => `${partition}/${offset}`;

/** What a record says is asked before and in the fold: it is read once. */
const read = new WeakMap<LogRecord, { readonly said: Said | undefined }>();

/** Undefined for a record that says nothing. @throws Error for bytes that are no AcceptedEvent */
export function saidBy(at: LogRecord): Said | undefined {
  const known = read.get(at);
  if (known) return known.said;
  const { record, alsoKnownBy } = AcceptedEvent.decode(at.value);
  const isMessage = record?.$case === 'event' || record?.$case === 'consent';
  const said = isMessage ? { ...record, alsoKnownBy } : record?.$case === 'configuration' ? undefined : record;
  read.set(at, { said });
  return said;
}

/** Only what joins or lets go of identifiers changes the list of the partition. */
export function mayQuarantine(record: LogRecord): boolean {
  const said = readable(record);
  return said !== undefined && ('alsoKnownBy' in said ? said.alsoKnownBy.length > 0 : said.$case === 'link' || said.$case === 'allowance');
}

/** A record that cannot be read is for the fold to refuse. */
export function readable(record: LogRecord): Said | undefined {
  try {
    return saidBy(record);
  } catch {
    return undefined;
  }
}
