import { Decision, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { BatchVerdict, EventLog, LogBatch, LogRecord, NewRecord } from '@attune/event-log/port';
import { type Following, followTopic } from '@attune/processor/follow-topic';
import type { Metrics } from '@attune/runtime/telemetry/port';
import { carried } from '@attune/runtime/telemetry/spans';
import type { Clock } from '@attune/runtime/world';
import type { DeliveryPolicy } from '../domain/delivery-policy.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { headersOf, typeOf } from './record-type.ts';

/** What forwarding works with. */
export interface ForwardPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Metrics;
  /** The policy that holds now: it says which changes of a profile the ledger needs. */
  policy(): DeliveryPolicy;
}

/** Copies into attune.deliveries.v1 what the ledger needs of other topics, so that one log holds its order. At least once, in order, under the ids they came with. */
export async function forwardFacts({ log, clock, telemetry, policy }: ForwardPorts): Promise<readonly Following[]> {
  const decisions = forward(log, decisionWithMessage);
  const changes = forward(log, (record) => neededChange(record, policy()));
  const to = { log, clock, telemetry };
  return [
    await followTopic({ ...to, topic: 'attune.decisions.v1', group: 'deliveries-from-decisions', onBatch: decisions }),
    await followTopic({ ...to, topic: 'attune.profiles.v1', group: 'deliveries-from-profiles', onBatch: changes }),
  ];
}

const forward =
  (log: EventLog, copyOf: (record: LogRecord) => NewRecord | undefined) =>
  async ({ records, fetchedOffset }: LogBatch): Promise<BatchVerdict> => {
    for (const tenant of new Set(records.map((record) => record.tenant))) {
      const copies = records.flatMap((record) => (record.tenant === tenant ? (copyOf(record) ?? []) : []));
      if (copies.length > 0) await log.append(tenant, DELIVERIES_TOPIC, copies);
    }
    return { kind: 'next', offset: (records.at(-1)?.offset ?? fetchedOffset - 1) + 1 };
  };

function decisionWithMessage(record: LogRecord): NewRecord | undefined {
  if (typeOf(record) !== 'Decision') return undefined;
  const { message, channels, profileId, id } = Decision.decode(record.value);
  // An application that asked for a decision shows it itself: such a decision names no channel.
  return message === '' || channels.length === 0 ? undefined : { key: profileId, value: record.value, headers: copied('Decision', record, id) };
}

function neededChange(record: LogRecord, { pausePromotions: pause }: DeliveryPolicy): NewRecord | undefined {
  if (typeOf(record) !== 'ProfileChange') return undefined;
  const change = ProfileChange.decode(record.value);
  const isMerge = change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED;
  if (!isMerge && !pauses(change, pause)) return undefined;
  return { key: change.profileId, value: record.value, headers: copied('ProfileChange', record, change.id) };
}

function pauses({ kind, event, segment }: ProfileChange, pause: DeliveryPolicy['pausePromotions']): boolean {
  if (pause === undefined) return false;
  if (kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT) return pause.fromEvents.includes(event) || pause.untilEvents.includes(event);
  return kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED && pause.fromSegments.includes(segment);
}

const copied = (type: 'Decision' | 'ProfileChange', { headers }: LogRecord, id: string) => ({
  ...headersOf(type),
  ...carried(headers),
  id: headers['id'] ?? id,
});
