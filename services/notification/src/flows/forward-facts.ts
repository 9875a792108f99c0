import { Decision, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { BatchControl, BatchVerdict, EventLog, LogBatch, LogRecord, NewRecord, TenantId } from '@attune/event-log/port';
import { type Following, followTopic } from '@attune/processor/follow-topic';
import type { Metrics } from '@attune/runtime/telemetry/port';
import { carried } from '@attune/runtime/telemetry/spans';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { DeliveryPolicy } from '../domain/delivery-policy.ts';
import { CHANGES, CopiedChanges } from './copied-changes.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { headersOf, typeOf } from './record-type.ts';

/** What forwarding works with. */
export interface ForwardPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly telemetry: Metrics;
  /** The policy that holds now: it says which changes of a profile the ledger needs. */
  policy(): DeliveryPolicy;
}

/** So long a decision waits where it stands for the changes before it, which are copied at the same time: a partition that rests on Kafka comes back only with the next fetch. */
const COPYING_MS = 50;
const LOOK_AGAIN_MS = 2;
/** How long a partition rests where they are further behind. */
const UNCOPIED_MS = 50;

/**
 * Copies into attune.deliveries.v1 what the ledger needs of other topics, so that one log holds its order. At least once, in order, under the ids they came with.
 * A promotion waits until the changes are copied that it was decided after: a pause that was known before a decision stands before it.
 */
export async function forwardFacts(ports: ForwardPorts): Promise<readonly Following[]> {
  const { log, clock, telemetry, policy } = ports;
  const copied = new CopiedChanges(log);
  const to = { log, clock, telemetry };
  const onChanges = async ({ records, partition, fetchedOffset }: LogBatch): Promise<BatchVerdict> => {
    await append(
      log,
      records.flatMap((record) => neededChange(record, policy()) ?? []),
    );
    const offset = (records.at(-1)?.offset ?? fetchedOffset - 1) + 1;
    copied.copiedBelow(partition, offset);
    return { kind: 'next', offset };
  };
  return [
    await followTopic({
      ...to,
      topic: 'attune.decisions.v1',
      group: 'deliveries-from-decisions',
      onBatch: (batch, control) => copyDecisions(ports, copied, batch, control),
    }),
    // other processes wait for what this one has committed
    await followTopic({ ...to, ...CHANGES, commitWithinMs: 0, onBatch: onChanges }),
  ];
}

async function copyDecisions(
  { log, stopwatch }: ForwardPorts,
  copied: CopiedChanges,
  { records, fetchedOffset }: LogBatch,
  control: BatchControl,
): Promise<BatchVerdict> {
  const copies: Copy[] = [];
  let waiting: LogRecord | undefined;
  for (const record of records) {
    const copy = decisionWithMessage(record);
    if (copy?.promotional === true && !(await precede(copied, record, stopwatch))) {
      waiting = record;
      break;
    }
    if (copy) copies.push(copy);
    await control.heartbeat();
  }
  await append(log, copies);
  if (waiting === undefined) return { kind: 'next', offset: (records.at(-1)?.offset ?? fetchedOffset - 1) + 1 };
  return waiting === records[0] ? { kind: 'pause', ms: UNCOPIED_MS } : { kind: 'next', offset: waiting.offset };
}

async function precede(copied: CopiedChanges, record: LogRecord, stopwatch: Stopwatch): Promise<boolean> {
  const givenUpAtMs = stopwatch.elapsedMs() + COPYING_MS;
  while (!(await copied.precede(record))) {
    if (stopwatch.elapsedMs() > givenUpAtMs) return false;
    await stopwatch.sleep(LOOK_AGAIN_MS);
  }
  return true;
}

/** A record on its way into the ledger's log. */
interface Copy {
  readonly tenant: TenantId;
  readonly copy: NewRecord;
}

async function append(log: EventLog, copies: readonly Copy[]): Promise<void> {
  for (const [tenant, theirs] of Map.groupBy(copies, (one) => one.tenant))
    await log.append(
      tenant,
      DELIVERIES_TOPIC,
      theirs.map(({ copy }) => copy),
    );
}

function decisionWithMessage(record: LogRecord): (Copy & { readonly promotional: boolean }) | undefined {
  if (typeOf(record) !== 'Decision') return undefined;
  const { message, channels, profileId, id, promotional } = Decision.decode(record.value);
  // An application that asked for a decision shows it itself: such a decision names no channel.
  if (message === '' || channels.length === 0) return undefined;
  return { tenant: record.tenant, promotional, copy: { key: profileId, value: record.value, headers: copiedHeaders('Decision', record, id) } };
}

function neededChange(record: LogRecord, { pausePromotions: pause }: DeliveryPolicy): Copy | undefined {
  if (typeOf(record) !== 'ProfileChange') return undefined;
  const change = ProfileChange.decode(record.value);
  const isMerge = change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED;
  const isErasure = change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED;
  if (!isMerge && !isErasure && !pauses(change, pause)) return undefined;
  return { tenant: record.tenant, copy: { key: change.profileId, value: record.value, headers: copiedHeaders('ProfileChange', record, change.id) } };
}

function pauses({ kind, event, segment }: ProfileChange, pause: DeliveryPolicy['pausePromotions']): boolean {
  if (pause === undefined) return false;
  if (kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT) return pause.fromEvents.includes(event) || pause.untilEvents.includes(event);
  return kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED && pause.fromSegments.includes(segment);
}

const copiedHeaders = (type: 'Decision' | 'ProfileChange', { headers }: LogRecord, id: string) => ({
  ...headersOf(type),
  ...carried(headers),
  id: headers['id'] ?? id,
});
