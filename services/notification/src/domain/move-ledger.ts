import { type Entry, forgetOldest, type Ledger } from './ledger.ts';

/** A promotion of a visitor, as far as caps need to know it. */
export type MovedEntry = Pick<Entry, 'campaign' | 'state' | 'reason' | 'channel' | 'claimedAtMs'> & { readonly decisionId: string };

/** What a visitor's ledger knows that holds for the customer too. */
export interface MovedLedger {
  /** Names the cause; the same is installed once. */
  readonly id: string;
  /** The visitor's profile. */
  readonly from: string;
  readonly entries: readonly MovedEntry[];
  readonly suppressed: readonly string[];
  /** 0 = no pause. */
  readonly pausedUntilMs: number;
}

/** More than a customer is joined to within two days. */
const MOVED_MAX = 64;
/** As many identifiers as the resolver links to a customer. */
const JOINED_MAX = 255;

/** The promotions of a ledger that were claimed or sent; where one decision is named that one, however far it came: a claim may have been given back. */
export function promotionsOf({ entries }: Ledger, decisionId?: string): readonly MovedEntry[] {
  return [...entries].flatMap(([id, { promotional, campaign, state, reason, channel, claimedAtMs }]) => {
    const isWanted = decisionId === undefined ? state === 'claimed' || state === 'sent' || state === 'unknown' : id === decisionId;
    return promotional && isWanted ? [{ decisionId: id, campaign, state, reason, channel, claimedAtMs }] : [];
  });
}

/** Installs what a visitor's ledger knows, in place: caps add up, refused channels unite, and the longer pause holds. */
export function installLedger(ledger: Ledger, { id, from, entries, suppressed, pausedUntilMs }: MovedLedger): void {
  if (!isFirst(ledger, id)) return;
  if (!ledger.joined?.includes(from)) ledger.joined = [...(ledger.joined ?? []), from].slice(-JOINED_MAX);
  const rest = { promotional: true, untilMs: 0, attempt: '', triesAway: 0 } as const;
  for (const { decisionId, ...entry } of entries) ledger.entries.set(decisionId, { ...rest, ...entry });
  for (const channel of suppressed) ledger.suppressed.add(channel);
  ledger.pausedUntilMs = Math.max(ledger.pausedUntilMs, pausedUntilMs);
  forgetOldest(ledger);
}

/** Whether what moved under this id is not in the ledger yet; notes it. */
export function isFirst(ledger: Ledger, id: string): boolean {
  if (ledger.moved?.includes(id)) return false;
  ledger.moved = [...(ledger.moved ?? []), id].slice(-MOVED_MAX);
  return true;
}
