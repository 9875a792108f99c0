import { Event } from '@attune/contracts/messages/ingestion/v1/ingestion';
import type { LogRecord } from '@attune/event-log/port';
import { EVENT_BYTES_MAX } from '../domain/admit-event.ts';
import type { Fault } from '../domain/fault.ts';
import { bodyOfCloudEvent } from '../domain/read-cloud-event.ts';
import { bodyOfEvent } from './event-message.ts';
import type { PublishRequest } from './publish-events.ts';

type Read = Pick<PublishRequest, 'body' | 'fault'>;

/**
 * What an application wrote into attune.events.v1, as the door takes it: Segment's JSON, a CloudEvent (binary or structured) or attune.ingestion.v1.Event, told apart by the headers.
 * An event whose sender did not name it is named by its place, so that a record that is handled again is a repeat.
 */
export function requestOfRecord(record: LogRecord, nowMs: number): PublishRequest {
  const { topic, partition, offset, appendedAtMs, value } = record;
  const freshId = `${topic}/${partition}/${offset}/${appendedAtMs}`;
  const read: Read = value.length > EVENT_BYTES_MAX ? { body: undefined, fault: { code: 'EVENT_TOO_LARGE', field: '' } } : readerOf(record)(record);
  return { ...read, bytes: value.length, freshId, arrivedAtMs: Math.min(appendedAtMs, nowMs) };
}

type Reader = (record: LogRecord) => Read;

function readerOf({ headers }: LogRecord): Reader {
  const mediaType = mediaTypeOf(headers);
  if (mediaType === 'application/x-protobuf' || mediaType === 'application/protobuf') return message;
  if (mediaType === 'application/cloudevents+json') return structured;
  if (headers['ce_specversion'] !== undefined) return isJson(mediaType) ? binary : unknown;
  return isJson(mediaType) || mediaType === 'text/plain' ? segment : unknown;
}

const mediaTypeOf = (headers: LogRecord['headers']): string => (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
const isJson = (mediaType: string): boolean =>
  mediaType === '' || mediaType === 'application/json' || (mediaType.endsWith('+json') && !mediaType.startsWith('application/cloudevents'));

const segment: Reader = ({ value }) => parsed(value);

const unknown: Reader = ({ value }) => ({ body: textOf(value), fault: { code: 'EVENT_MALFORMED', field: 'content-type' } });

const binary: Reader = ({ headers, value }) => {
  const read = value.length === 0 ? { body: undefined } : parsed(value);
  if (read.fault !== undefined) return read;
  const attributes = Object.entries(headers).flatMap(([name, text]) => (name.startsWith('ce_') ? [[name.slice(3), text] as const] : []));
  return translated(bodyOfCloudEvent(Object.fromEntries(attributes), read.body), read.body);
};

const structured: Reader = ({ value }) => {
  const read = parsed(value);
  if (read.fault !== undefined) return read;
  if (typeof read.body !== 'object' || read.body === null || Array.isArray(read.body)) return { ...read, fault: { code: 'EVENT_MALFORMED', field: '' } };
  const { data, ...attributes } = read.body as Readonly<Record<string, unknown>>;
  if ('data_base64' in attributes || !isJson(mediaTypeOf({ 'content-type': String(attributes['datacontenttype'] ?? '') })))
    return { ...read, fault: { code: 'EVENT_MALFORMED', field: 'data' } };
  return translated(bodyOfCloudEvent(attributes, data), read.body);
};

const message: Reader = ({ value }) => {
  try {
    return { body: bodyOfEvent(Event.decode(value)) };
  } catch {
    return { body: undefined, fault: { code: 'BODY_UNREADABLE', field: '' } };
  }
};

const translated = (body: ReturnType<typeof bodyOfCloudEvent>, original: unknown): Read => (isFault(body) ? { body: original, fault: body } : { body });
const isFault = (body: ReturnType<typeof bodyOfCloudEvent>): body is Fault => 'code' in body && 'field' in body;

function parsed(value: Uint8Array): Read {
  try {
    return { body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)) };
  } catch {
    return { body: textOf(value), fault: { code: 'BODY_UNREADABLE', field: '' } };
  }
}

const textOf = (value: Uint8Array): string => new TextDecoder().decode(value);
