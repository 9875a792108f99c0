import { randomUUID } from 'node:crypto';
import type { EventLog, NewRecord, Position, TenantId } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import { dayKey } from '@attune/sealing/port';
import { type Arrival, admitEvent, type CallType, type Verdict } from '../domain/admit-event.ts';
import type { EventContract } from '../domain/event-contract.ts';
import type { Fault } from '../domain/fault.ts';
import { ACCEPTED, REJECTED } from '../ports.ts';
import { acceptedRecord, type RecordMakers } from './accepted-record.ts';
import { rejectedRecord } from './rejected-record.ts';

/** One tracking call as it came. */
export interface PublishRequest {
  readonly body: unknown;
  /** The kind that the path names; absent = the body's own `type`. */
  readonly type?: CallType;
  /** The authenticated sender; absent = `app`. */
  readonly source?: string;
  /** Size of the event in bytes of JSON, where nobody has bounded it. */
  readonly bytes?: number;
  /** Names the event where its sender did not, and its refusal; absent = a new name. */
  readonly freshId?: string;
  /** When it reached Attune, in ms since 1970, where that was before now: the time by which the sender's clock is judged. */
  readonly arrivedAtMs?: number;
  /** Why it cannot be an event at all, where whoever read it knows. */
  readonly fault?: Fault;
  /** The W3C `traceparent` of the span that it belongs to, where that is not the one of the call. */
  readonly traceparent?: string;
  /** True: it was refused before, and is not to be kept as refused twice. */
  readonly again?: true;
}

/** Where the event lies, or why it was not let in. */
export type PublishAnswer = { readonly kind: 'accepted'; readonly position: Position; readonly messageId: string } | ({ readonly kind: 'rejected' } & Fault);

/** Admits events of one tenant and appends them together; answers each, in order, once the log has them on its disks. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export type PublishEvents = (tenant: TenantId, requests: readonly PublishRequest[]) => Promise<readonly PublishAnswer[]>;

/** What publishing needs. */
export interface PublishPorts extends RecordMakers {
  readonly log: EventLog;
  readonly clock: Clock;
  /** The contract that holds now. */
  readonly contract: () => EventContract;
  readonly telemetry: Metrics;
}

/** The door: what is let in goes to attune.accepted.v1 in one append, what is not to attune.events.rejected.v1. */
export const publishEvents =
  (ports: PublishPorts): PublishEvents =>
  async (tenant, requests) => {
    const { log, clock, ring } = ports;
    const receivedAtMs = clock.nowMs();
    const contract = ports.contract();
    await ring.ensure(tenant, [dayKey(receivedAtMs)]);
    const accepted: NewRecord[] = [];
    const rejected: NewRecord[] = [];
    const verdicts = requests.map((request) => {
      const { freshId = randomUUID(), arrivedAtMs = receivedAtMs, source = 'app' } = request;
      const verdict = verdictOn(request, { receivedAtMs, arrivedAtMs, freshId, parseTime: Date.parse, contract, source });
      if (verdict.kind === 'accepted') accepted.push(traced(acceptedRecord(ports, tenant, verdict.event), request));
      else if (request.again === undefined)
        rejected.push(traced(rejectedRecord(ring, tenant, { ...verdict, freshId, body: asSent(request), receivedAtMs, arrivedAtMs, source }), request));
      return verdict;
    });
    const [positions] = await Promise.all([appended(log, tenant, ACCEPTED, accepted), appended(log, tenant, REJECTED, rejected)]);
    countVerdicts(ports.telemetry, verdicts);
    const next = positions.values();
    return verdicts.map((verdict): PublishAnswer => {
      if (verdict.kind === 'rejected') return verdict;
      const position = next.next().value;
      if (position === undefined) throw new Error('the log answered without a position');
      return { kind: 'accepted', position, messageId: verdict.event.messageId };
    });
  };

const traced = (record: NewRecord, { traceparent }: PublishRequest): NewRecord =>
  traceparent === undefined ? record : { ...record, headers: { ...record.headers, traceparent } };

function countVerdicts(telemetry: Metrics, verdicts: readonly Verdict[]): void {
  const refused = verdicts.flatMap((verdict) => (verdict.kind === 'rejected' ? [verdict.code] : []));
  const accepted = verdicts.length - refused.length;
  if (accepted > 0) telemetry.count('attune_door_accepted_total', {}, accepted);
  const junk = verdicts.reduce((sum, verdict) => sum + (verdict.kind === 'accepted' ? verdict.event.junk : 0), 0);
  if (junk > 0) telemetry.count('attune_door_junk_total', {}, junk);
  for (const code of refused) telemetry.count('attune_door_rejected_total', { code });
}

const verdictOn = ({ body, type, bytes, fault }: PublishRequest, arrival: Arrival): Verdict =>
  fault ? { kind: 'rejected', ...fault } : admitEvent(body, { ...arrival, ...(type === undefined ? {} : { type }), ...(bytes === undefined ? {} : { bytes }) });

/** With the kind that the path named, so that what was refused can be tried again. */
const asSent = ({ body, type }: PublishRequest): unknown =>
  type !== undefined && typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, type } : body;

const appended = async (log: EventLog, tenant: TenantId, topic: string, records: readonly NewRecord[]): Promise<readonly Position[]> =>
  records.length === 0 ? [] : log.append(tenant, topic, records);
