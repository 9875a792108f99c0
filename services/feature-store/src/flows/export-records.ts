import { Activity, Decision, DecisionInputs, Delivery, ProfileChange, type Sealed } from '@attune/contracts/messages/log/v1/log';
import type { ExportedRecord } from '@attune/contracts/messages/privacy/v1/privacy';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { EnvelopeOf, KeyRing } from '@attune/sealing/key-ring';
import type { ReadPorts } from './read-stored.ts';

/** What exporting needs beside reading. */
export interface ExportPorts extends ReadPorts {
  readonly log: Pick<EventLog, 'read' | 'identity'>;
}

/** Whose records, and which page of them. */
export interface RecordsAsked {
  /** The profile, and those that became part of it. */
  readonly ids: readonly string[];
  /** 0 = 100; at most 500. */
  readonly pageSize: number;
  /** Empty = the first. */
  readonly pageToken: string;
}

/** One page. Without a token there are no more. */
export interface RecordsPage {
  readonly records: ExportedRecord[];
  readonly nextPageToken: string;
}

const TOPICS = ['attune.activity.v1', 'attune.profiles.v1', 'attune.decisions.v1', 'attune.deliveries.v1'];
const [PAGE, PAGE_MAX] = [100, 500];
const READ_MAX = 500;
/** So many reads of the log a page: a call stays short however long the log is. */
const READS_MAX = 20;

/** Reads on from the page before, topic by topic and profile by profile; a page may hold fewer records than were asked for, and none, where others lie between. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE */
export async function exportedRecords(ports: ExportPorts, tenant: string, { ids, pageSize, pageToken }: RecordsAsked): Promise<RecordsPage> {
  const places = ids.flatMap((id) => TOPICS.map((topic) => ({ id, topic })));
  let { step, offset } = placeOf(pageToken, places.length);
  const limit = Math.min(pageSize <= 0 ? PAGE : pageSize, PAGE_MAX);
  const records: ExportedRecord[] = [];
  for (let reads = 0; reads < READS_MAX && step < places.length; reads++) {
    const { id = '', topic = '' } = places[step] ?? {};
    const { partitions } = await ports.log.identity(topic);
    const found = await ports.log.read(topic, partitionOf(id, partitions), offset, READ_MAX);
    for (const record of found) {
      if (records.length >= limit) return { records, nextPageToken: `${step}-${offset}` };
      if (record.key === id && record.tenant === tenant) records.push(exportedRecord(ports.ring, record));
      offset = record.offset + 1;
    }
    if (found.length === 0) [step, offset] = [step + 1, 0];
  }
  return { records, nextPageToken: step < places.length ? `${step}-${offset}` : '' };
}

function placeOf(token: string, steps: number): { step: number; offset: number } {
  if (token === '') return { step: 0, offset: 0 };
  const [, step, offset] = /^(\d{1,4})-(\d{1,15})$/.exec(token)?.map(Number) ?? [];
  if (step === undefined || offset === undefined || step >= steps)
    throw new AttuneError('REQUEST_INVALID', 'Field: page_token. It is none of an answer before.');
  return { step, offset };
}

function exportedRecord(ring: KeyRing, record: LogRecord): ExportedRecord {
  const { topic, partition, offset, appendedAtMs, headers } = record;
  const type = headers['type'] ?? '';
  const json = JSON.stringify(readersOf[type.slice('attune.log.v1.'.length)]?.(ring, record) ?? {});
  return { topic, partition, offset: BigInt(offset), type, appendedAtMs: BigInt(appendedAtMs), json };
}

type Read = (ring: KeyRing, record: LogRecord) => unknown;

/** What each message says, with what was sealed of it opened under `opened`. Others are told by their place and type. */
const readersOf: Readonly<Record<string, Read>> = {
  Activity: (ring, record) => {
    const activity = Activity.decode(record.value);
    const event = activity.record?.$case === 'event' ? activity.record.value : undefined;
    if (event === undefined) return without(Activity.toJSON(activity), ['foldMoved', 'configuration']);
    const told = Activity.toJSON({ ...activity, record: { $case: 'event', value: { ...event, sealed: undefined } } });
    return { ...(told as object), opened: openedJson(ring, record, event.messageId, event.sealed) };
  },
  ProfileChange: (ring, record) => {
    const { inputs, ...change } = ProfileChange.decode(record.value);
    return { ...(ProfileChange.toJSON({ ...change, inputs: undefined }) as object), opened: openedInputs(ring, record, change.id, inputs) };
  },
  Decision: (ring, record) => {
    const { inputs, ...decision } = Decision.decode(record.value);
    return { ...(Decision.toJSON({ ...decision, inputs: undefined }) as object), opened: openedInputs(ring, record, decision.id, inputs) };
  },
  Delivery: (ring, record) => {
    const { content, ...delivery } = Delivery.decode(record.value);
    return { ...(Delivery.toJSON({ ...delivery, content: undefined }) as object), opened: openedJson(ring, record, delivery.id, content) };
  },
};

function without(json: unknown, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(json as object).filter(([name]) => !names.includes(name)));
}

const openedJson = (ring: KeyRing, record: LogRecord, id: string, sealed: Sealed | undefined): unknown => {
  const plain = opened(ring, record, id, sealed);
  return plain && JSON.parse(Buffer.from(plain).toString('utf8'));
};

const openedInputs = (ring: KeyRing, record: LogRecord, id: string, sealed: Sealed | undefined): unknown => {
  const plain = opened(ring, record, id, sealed);
  return plain && DecisionInputs.toJSON(DecisionInputs.decode(plain));
};

/** Undefined where there is nothing, or the key of a profile that became part of this one is gone. */
function opened(ring: KeyRing, { tenant, key: subject }: LogRecord, id: string, sealed: Sealed | undefined): Uint8Array | undefined {
  const words: EnvelopeOf = { tenant, subject, id };
  try {
    return sealed && ring.open(sealed, words);
  } catch (fault) {
    if (codeOf(fault) === 'ERASED' || codeOf(fault) === 'KEY_UNAVAILABLE') return undefined;
    throw fault;
  }
}
