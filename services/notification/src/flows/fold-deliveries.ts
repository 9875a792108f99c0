import type { Configurations } from '@attune/configuration/configurations';
import { ConfigurationActivated, Decision, Delivery, Due, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import { CLOSED, type DeliveryPolicy } from '../domain/delivery-policy.ts';
import { deliveredEvent } from '../domain/event-names.ts';
import { nextExpiryMs } from '../domain/inbox.ts';
import { emptyLedger, isSettled, type Ledger, nextDueAtMs, noteChange, noteDecision, noteDelivery, wake } from '../domain/ledger.ts';
import { installLedger } from '../domain/move-ledger.ts';
import { placeOf, recount, type Tallies } from '../domain/tally.ts';
import { DELIVERIES, DELIVERIES_TOPIC, type DeliveriesState, decodeState, encodeState, ledgerKey, partitionKey } from './deliveries-state.ts';
import { foldInbox } from './fold-inbox.ts';
import { inboxEmissions } from './move-inbox.ts';
import { ledgerEmission, movedLedger } from './move-ledger.ts';
import { deliveredEmission } from './profile-fact.ts';
import { AGAIN, headersOf, typeOf } from './record-type.ts';

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
    if (state.erased) return { emissions: [] };
    if (isErasure(record)) return forget(state, companion.partition.tallies);
    state.ledger ??= emptyLedger();
    const { document, tallies } = companion.partition;
    const { delivery: policy, events }: typeof UNCONFIGURED = document === '' ? UNCONFIGURED : configurations.of(document);
    const { emissions, delivered } = foldRecord({ ledger: state.ledger, record, policy, tallies, events });
    foldInbox(state, record, delivered);
    const moved = inboxEmissions(state, record);
    const dueAtMs = earlier(nextDueAtMs(state.ledger), state.inbox && nextExpiryMs(state.inbox));
    return { emissions: [...emissions, ...moved], ...(dueAtMs !== undefined && { dueAtMs }) };
  },
  dueRecord: (key, dueAtMs) => ({ key, value: Due.encode({ stateKey: key, dueAtMs: BigInt(dueAtMs) }).finish(), headers: headersOf('Due') }),
});

const isErasure = (record: LogRecord): boolean =>
  typeOf(record) === 'ProfileChange' && ProfileChange.decode(record.value).kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED;

/** Nothing is kept of somebody who was erased; what was not sent yet never will be, and of what was claimed nobody hears how it ended. */
function forget(state: DeliveriesState, tallies: Tallies) {
  for (const entry of state.ledger?.entries.values() ?? []) {
    const isOwn = entry.decision !== undefined; // what moved here is counted where it came from
    if (isOwn && !isSettled(entry)) recount(tallies, entry.campaign, placeOf(entry), entry.state === 'claimed' ? 'unknown' : { notSent: 'ERASED' });
  }
  delete state.ledger;
  delete state.inbox;
  state.erased = true;
  return { emissions: [] };
}

function keyOf(record: LogRecord): string {
  if (typeOf(record) === 'ConfigurationActivated') return partitionKey(record.tenant);
  return typeOf(record) === 'Due' ? Due.decode(record.value).stateKey : ledgerKey(record.tenant, record.key);
}

interface Folding {
  readonly ledger: Ledger;
  readonly record: LogRecord;
  readonly policy: DeliveryPolicy;
  readonly tallies: Tallies;
  /** The declared events by name: a profile hears only of what a rule can read. */
  readonly events: Readonly<Record<string, unknown>>;
}

const UNCONFIGURED: Pick<Folding, 'events'> & { readonly delivery: DeliveryPolicy } = { delivery: CLOSED, events: {} };

interface Folded {
  readonly emissions: readonly Emission[];
  /** True where this record made the message of a decision a sent one. */
  readonly delivered: boolean;
}

const NOTHING: Folded = { emissions: [], delivered: false };

function foldRecord(folding: Folding): Folded {
  const { ledger, record, policy } = folding;
  switch (typeOf(record)) {
    case 'Decision':
      noteDecision(ledger, Decision.decode(record.value), record);
      return NOTHING;
    case 'Delivery':
      return noted(folding, Delivery.decode(record.value));
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

/** How far a message came; the profile hears of it where it was delivered and the configuration declares the event. */
function noted({ ledger, record, policy, tallies, events }: Folding, delivery: Delivery): Folded {
  const before = placeOf(ledger.entries.get(delivery.decisionId));
  noteDelivery(ledger, delivery, policy.caps);
  const entry = ledger.entries.get(delivery.decisionId);
  if (entry) recount(tallies, entry.campaign, before, placeOf(entry));
  const delivered = before !== 'sent' && placeOf(entry) === 'sent';
  const told = delivered && Object.hasOwn(events, deliveredEvent(delivery.channel)) ? [deliveredEmission(record, delivery)] : [];
  const moved = ledger.mergedInto === undefined ? [] : ledgerEmission(record, { ledger, to: ledger.mergedInto, decisionId: delivery.decisionId });
  return { emissions: [...moved, ...told], delivered };
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
  return wake(ledger, Number(dueAtMs)).map(({ id, bytes, offset: first }) => ({
    id: `${profileId}/${partition}/${offset}/again/${id}`,
    tenant,
    topic: DELIVERIES_TOPIC,
    key: profileId,
    value: bytes,
    headers: { ...headersOf('Decision'), [AGAIN]: first === undefined ? '' : String(first) },
  }));
}
