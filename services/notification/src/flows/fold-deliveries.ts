import type { Configurations } from '@attune/configuration/configurations';
import { ConfigurationActivated, Decision, Delivery, Due, ProfileChange } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import { CLOSED, type DeliveryPolicy } from '../domain/delivery-policy.ts';
import { nextExpiryMs } from '../domain/inbox.ts';
import { emptyLedger, type Ledger, nextDueAtMs, noteChange, noteDecision, noteDelivery, wake } from '../domain/ledger.ts';
import { installLedger } from '../domain/move-ledger.ts';
import { placeOf, recount, type Tallies } from '../domain/tally.ts';
import { DELIVERIES, DELIVERIES_TOPIC, type DeliveriesState, decodeState, encodeState, ledgerKey, partitionKey } from './deliveries-state.ts';
import { foldInbox } from './fold-inbox.ts';
import { ledgerEmission, movedLedger } from './move-ledger.ts';
import { headersOf, typeOf } from './record-type.ts';

/** The send ledger as a use of the processor: decisions, claims, outcomes and pauses of a profile, in the order of the log. */
export const deliveriesProcessor = (configurations: Configurations): ProcessorDefinition<DeliveriesState> => ({
  name: DELIVERIES,
  topic: DELIVERIES_TOPIC,
  keyOf,
  companionKey: ({ tenant }) => partitionKey(tenant),
  empty: () => ({}),
  decode: decodeState,
  encode: encodeState,
  fold: (state, record, companion) => {
    companion.partition ??= { version: '', document: '', tallies: new Map() };
    if (typeOf(record) === 'ConfigurationActivated') {
      const { version, document } = ConfigurationActivated.decode(record.value);
      Object.assign(companion.partition, { version, document });
      return { emissions: [] };
    }
    state.ledger ??= emptyLedger();
    const { document, tallies } = companion.partition;
    const policy = document === '' ? CLOSED : configurations.of(document).delivery;
    const { emissions, delivered } = foldRecord({ ledger: state.ledger, record, policy, tallies });
    foldInbox(state, record, delivered);
    const dueAtMs = earlier(nextDueAtMs(state.ledger), state.inbox && nextExpiryMs(state.inbox));
    return { emissions, ...(dueAtMs !== undefined && { dueAtMs }) };
  },
  dueRecord: (key, dueAtMs) => ({ key, value: Due.encode({ stateKey: key, dueAtMs: BigInt(dueAtMs) }).finish(), headers: headersOf('Due') }),
});

function keyOf(record: LogRecord): string {
  if (typeOf(record) === 'ConfigurationActivated') return partitionKey(record.tenant);
  return typeOf(record) === 'Due' ? Due.decode(record.value).stateKey : ledgerKey(record.tenant, record.key);
}

interface Folding {
  readonly ledger: Ledger;
  readonly record: LogRecord;
  readonly policy: DeliveryPolicy;
  readonly tallies: Tallies;
}

interface Folded {
  readonly emissions: readonly Emission[];
  /** True where this record made the message of a decision a sent one. */
  readonly delivered: boolean;
}

const NOTHING: Folded = { emissions: [], delivered: false };

function foldRecord({ ledger, record, policy, tallies }: Folding): Folded {
  switch (typeOf(record)) {
    case 'Decision':
      noteDecision(ledger, Decision.decode(record.value), record.value);
      return NOTHING;
    case 'Delivery': {
      const delivery = Delivery.decode(record.value);
      const before = placeOf(ledger.entries.get(delivery.decisionId));
      noteDelivery(ledger, delivery, policy.caps);
      const entry = ledger.entries.get(delivery.decisionId);
      if (entry) recount(tallies, entry.campaign, before, placeOf(entry));
      const emissions = ledger.mergedInto === undefined ? [] : ledgerEmission(record, { ledger, to: ledger.mergedInto, decisionId: delivery.decisionId });
      return { emissions, delivered: before !== 'sent' && placeOf(entry) === 'sent' };
    }
    case 'ProfileChange':
      return { ...NOTHING, emissions: changed(ledger, record, policy) };
    case 'LedgerMoved':
      installLedger(ledger, movedLedger(record.value));
      return NOTHING;
    case 'Due':
      return { ...NOTHING, emissions: tryAgain(ledger, record) };
    default:
      return NOTHING;
  }
}

/** The earlier of two times of which none, one or both are known. */
const earlier = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? (a ?? b) : Math.min(a, b));

/** A pause begins or ends; or the visitor became known, and the customer's ledger is told what this one knows. */
function changed(ledger: Ledger, record: LogRecord, { pausePromotions }: DeliveryPolicy): readonly Emission[] {
  const change = ProfileChange.decode(record.value);
  noteChange(ledger, change, pausePromotions);
  if (change.mergedInto === '' || ledger.mergedInto !== undefined) return [];
  ledger.mergedInto = change.mergedInto;
  return ledgerEmission(record, { ledger, to: change.mergedInto });
}

/** What waited long enough comes again as the decision that it was. */
function tryAgain(ledger: Ledger, { tenant, partition, offset, value }: LogRecord): readonly Emission[] {
  const { dueAtMs, stateKey } = Due.decode(value);
  const profileId = stateKey.slice(ledgerKey(tenant, '').length);
  return wake(ledger, Number(dueAtMs)).map(({ id, bytes }) => ({
    id: `${profileId}/${partition}/${offset}/again/${id}`,
    tenant,
    topic: DELIVERIES_TOPIC,
    key: profileId,
    value: bytes,
    headers: { ...headersOf('Decision'), again: '1' },
  }));
}
