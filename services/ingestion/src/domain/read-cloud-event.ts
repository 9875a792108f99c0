import type { Fault } from './fault.ts';

/** A tracking call in Segment's shape. */
export type CallBody = Readonly<Record<string, unknown>>;

const CALLS: readonly unknown[] = ['identify', 'page', 'screen', 'group', 'alias'];

/**
 * A CloudEvent (1.0) as a tracking call. Its type is one of Segment's kinds of call, or else the name of a track call; the customer stands in `subject` or the extension
 * `userid`, a visitor without a name in `anonymousid`, an answered decision in `attunedecision`; the data are properties, of an identify call traits.
 * The message id is made of source and id, which together name an event.
 */
export function bodyOfCloudEvent(attributes: CallBody, data: unknown): CallBody | Fault {
  const { specversion, id, source, type, time, subject, userid = subject, anonymousid, attunedecision } = attributes;
  if (specversion !== '1.0') return { code: 'EVENT_MALFORMED', field: 'specversion' };
  const nameless = Object.entries({ id, source, type }).find(([, value]) => typeof value !== 'string' || value === '');
  if (nameless !== undefined) return { code: 'EVENT_MALFORMED', field: nameless[0] };
  const told = data ?? {};
  if (typeof told !== 'object' || Array.isArray(told)) return { code: 'FIELD_INVALID', field: 'data' };
  const fields = attunedecision === undefined ? told : { ...told, decision_id: attunedecision };
  return {
    ...(CALLS.includes(type) ? { type } : { type: 'track', event: type }),
    userId: userid,
    anonymousId: anonymousid,
    messageId: `${source}#${id}`,
    timestamp: time,
    [type === 'identify' ? 'traits' : 'properties']: fields,
  };
}
