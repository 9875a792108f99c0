import { type Decision, type Delivery, DeliveryState, type ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { capReached } from './caps.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';

/**
 * How far the message of a decision came: `pending` nothing was done yet, `held` waits until `untilMs`, `woken` its time came and it is tried again,
 * `claimed` one attempt may call the provider, `refused` the claim broke a cap; the others are outcomes.
 */
export type EntryState = 'pending' | 'held' | 'woken' | 'claimed' | 'refused' | 'sent' | 'failed' | 'dropped' | 'unknown';

/** The message of one decision. */
export interface Entry {
  readonly campaign: string;
  readonly promotional: boolean;
  state: EntryState;
  /** Why it is held or was not sent; empty otherwise. */
  reason: string;
  /** The channel of the last claim or outcome; empty before. */
  channel: string;
  /** Of a held one: when it is tried again. */
  untilMs: number;
  /** Who holds the claim; empty where nobody does. */
  attempt: string;
  claimedAtMs: number;
  /** How often the provider was away. */
  triesAway: number;
  /** The decision in bytes, as long as it may have to be tried again. */
  decision?: Uint8Array;
  /** Where in the log the decision first came. Absent in ledgers of before. */
  readonly offset?: number;
}

/** What was and is being sent to one profile: the fold of its records of attune.deliveries.v1. Edited in place. */
export interface Ledger {
  /** By decision id, oldest first; of those with an outcome the newest `SETTLED_MAX`. */
  readonly entries: Map<string, Entry>;
  /** Channels whose provider refused the address for good. */
  readonly suppressed: Set<string>;
  /** No promotions before; 0 = no pause. */
  pausedUntilMs: number;
  /** The customer's profile, once the visitor of this one became known: what comes to pass here counts there. Absent = none. */
  mergedInto?: string;
  /** What moved here from visitors' ledgers and inboxes, by cause. Absent = nothing. */
  moved?: readonly string[];
  /** The profiles of visitors whose ledgers are known here, newest last. Absent = none. */
  joined?: readonly string[];
}

/** So many outcomes of a profile are remembered: more than any cap can need. */
export const SETTLED_MAX = 200;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

/** A profile that nothing was sent to. */
export const emptyLedger = (): Ledger => ({ entries: new Map(), suppressed: new Set(), pausedUntilMs: 0 });

/** True where nothing but better knowledge of an `unknown` can follow. */
export const isSettled = ({ state }: Pick<Entry, 'state'>): boolean => state === 'sent' || state === 'failed' || state === 'dropped' || state === 'unknown';

/** Notes that a decision has a message to send; `record` is the decision encoded, and its place in the log. A decision that is known changes nothing. */
export function noteDecision(
  { entries }: Ledger,
  { id, campaign, promotional }: Decision,
  record: { readonly value: Uint8Array; readonly offset: number },
): void {
  if (entries.has(id)) return;
  const fresh = { reason: '', channel: '', untilMs: 0, attempt: '', claimedAtMs: 0, triesAway: 0 };
  entries.set(id, { campaign, promotional, state: 'pending', ...fresh, decision: record.value, offset: record.offset });
}

/** Notes a claim, a wait or an outcome. The first claim holds until its own attempt gives it back; the first outcome stays. */
export function noteDelivery(ledger: Ledger, delivery: Delivery, caps: DeliveryPolicy['caps']): void {
  const entry = ledger.entries.get(delivery.decisionId);
  if (entry === undefined) return;
  if (delivery.state === DeliveryState.DELIVERY_STATE_INTENT) claim(ledger, entry, delivery, caps);
  else if (delivery.state === DeliveryState.DELIVERY_STATE_HELD) hold(ledger, entry, delivery);
  else settle(ledger, entry, delivery);
}

/** Begins or ends a pause of promotions, where the policy says that this change of the profile does. */
export function noteChange(ledger: Ledger, { kind, event, segment, atMs }: ProfileChange, pause: DeliveryPolicy['pausePromotions']): void {
  if (pause === undefined) return;
  const happened = kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT;
  if (happened && pause.untilEvents.includes(event)) ledger.pausedUntilMs = 0;
  const begins = happened ? pause.fromEvents.includes(event) : kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED && pause.fromSegments.includes(segment);
  if (begins) ledger.pausedUntilMs = Math.max(ledger.pausedUntilMs, pause.atMostMs === undefined ? FOREVER_MS : Number(atMs) + pause.atMostMs);
}

/** A decision that is to be tried again. */
export interface Woken {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Where it first came; undefined where that is not known. */
  readonly offset: number | undefined;
}

/** Wakes what waits until `dueAtMs` or less, and answers the decisions that are to be tried again. */
export function wake({ entries }: Ledger, dueAtMs: number): readonly Woken[] {
  const woken: Woken[] = [];
  for (const [id, entry] of entries) {
    if (entry.state !== 'held' || entry.untilMs > dueAtMs || entry.decision === undefined) continue;
    entry.state = 'woken';
    woken.push({ id, bytes: entry.decision, offset: entry.offset });
  }
  return woken;
}

/** When the next held message is due, in ms since 1970; undefined where none waits. */
export function nextDueAtMs({ entries }: Ledger): number | undefined {
  let next: number | undefined;
  for (const { state, untilMs } of entries.values()) if (state === 'held' && (next === undefined || untilMs < next)) next = untilMs;
  return next;
}

function claim(ledger: Ledger, entry: Entry, { channel, attempt, atMs, decisionId }: Delivery, caps: DeliveryPolicy['caps']): void {
  if (entry.state !== 'pending' && entry.state !== 'woken') return;
  const refused = entry.promotional && capReached({ ledger, channel, caps, atMs: Number(atMs), exceptDecision: decisionId });
  Object.assign(
    entry,
    refused ? { state: 'refused', reason: 'CAPPED', channel } : { state: 'claimed', reason: '', channel, attempt, claimedAtMs: Number(atMs) },
  );
}

/** Whoever waits without an attempt of his own did not know of a claim or of its refusal: it stood behind what he had read, and whoever made it never told. */
function hold(ledger: Ledger, entry: Entry, delivery: Delivery): void {
  const { channel, attempt, reason, untilMs } = delivery;
  const givesBack = entry.state === 'claimed' && attempt === entry.attempt;
  if (entry.state === 'refused') return void end(ledger, entry, { state: 'dropped', reason: 'CAPPED' });
  if (entry.state === 'claimed' && entry.promotional && !givesBack) return void end(ledger, entry, ORPHANED);
  if (entry.state !== 'claimed' && entry.state !== 'pending' && entry.state !== 'woken') return;
  Object.assign(entry, { state: 'held', reason, channel, untilMs: Number(untilMs), attempt: '', claimedAtMs: 0 });
  if (givesBack) entry.triesAway++;
}

function settle(ledger: Ledger, entry: Entry, { channel, state, reason, attempt }: Delivery): void {
  const outcome = outcomes.get(state);
  if (outcome === undefined) return;
  const known = entry.state === 'unknown' && attempt !== '' && attempt === entry.attempt && outcome !== 'unknown';
  if (isSettled(entry) && !known) return;
  const isBlind = outcome === 'dropped' && entry.promotional && entry.state === 'claimed' && attempt !== entry.attempt;
  if (isBlind) return void end(ledger, entry, ORPHANED);
  end(ledger, entry, { state: outcome, reason, channel: channel === '' ? entry.channel : channel });
  if (outcome === 'failed' && reason === 'ADDRESS_REFUSED') ledger.suppressed.add(entry.channel);
}

/** Nobody told how the send ended that was claimed, so a promotion may have left. */
const ORPHANED = { state: 'unknown', reason: 'CLAIM_WITHOUT_OUTCOME' } as const;

function end(ledger: Ledger, entry: Entry, outcome: Pick<Entry, 'state' | 'reason'> & Partial<Pick<Entry, 'channel'>>): void {
  Object.assign(entry, outcome);
  delete entry.decision;
  forgetOldest(ledger);
}

const outcomes: ReadonlyMap<DeliveryState, EntryState> = new Map([
  [DeliveryState.DELIVERY_STATE_SENT, 'sent'],
  [DeliveryState.DELIVERY_STATE_FAILED, 'failed'],
  [DeliveryState.DELIVERY_STATE_DROPPED, 'dropped'],
  [DeliveryState.DELIVERY_STATE_UNKNOWN, 'unknown'],
]);

/** Forgets, in place, the oldest outcomes where there are too many. */
export function forgetOldest({ entries }: Ledger): void {
  if (entries.size <= SETTLED_MAX) return;
  for (const [id, entry] of entries) {
    if (entries.size <= SETTLED_MAX) return;
    if (isSettled(entry)) entries.delete(id);
  }
}
