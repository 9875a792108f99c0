import type { LogRecord, NewRecord } from '@attune/event-log/port';

/** The messages that travel on attune.deliveries.v1, told apart by a header. */
export type MessageType =
  | 'Decision'
  | 'Delivery'
  | 'Due'
  | 'InboxRead'
  | 'ProfileChange'
  | 'LedgerMoved'
  | 'InboxMoved'
  | 'ProfileFact'
  | 'ConfigurationActivated';

const PREFIX = 'attune.log.v1.';

/** The message that a record holds; what is not known is passed over. */
export const typeOf = ({ headers }: LogRecord): string => (headers['type'] ?? '').slice(PREFIX.length);

/** The headers of a record that holds such a message. */
export const headersOf = (type: MessageType): NonNullable<NewRecord['headers']> => ({ 'content-type': 'application/x-protobuf', type: `${PREFIX}${type}` });

/** The header of a decision that waited and comes again: the offset at which it first came, where that is known. Its trace stands there, and not in the state of a fold. */
export const AGAIN = 'again';
