import type { Event } from '@attune/contracts/messages/ingestion/v1/ingestion';

/** A message of the contracts as Segment's clients would have sent it; what it leaves empty is left out. */
export function bodyOfEvent({ type, name, userId, anonymousId, messageId, timestamp, sentAt, properties, traits }: Event): Readonly<Record<string, unknown>> {
  return {
    type: type === '' ? 'track' : type,
    ...(name !== '' && { event: name }),
    ...(userId !== '' && { userId }),
    ...(anonymousId !== '' && { anonymousId }),
    ...(messageId !== '' && { messageId }),
    ...(timestamp && { timestamp: textOf(timestamp) }),
    ...(sentAt && { sentAt: textOf(sentAt) }),
    ...(properties && { properties }),
    ...(traits && { traits }),
  };
}

/** A time beyond the calendar is no date: the door has its word for that. */
const textOf = (time: Date): string => (Number.isNaN(time.getTime()) ? 'beyond the calendar' : time.toISOString());
