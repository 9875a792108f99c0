import { type Entry, isSettled } from './ledger.ts';

/** What became of the messages of a campaign. Edited in place. */
export interface CampaignTally {
  sent: number;
  /** Waiting now. */
  held: number;
  unknown: number;
  /** Dropped or failed, by reason. */
  readonly notSent: Record<string, number>;
}

/** By campaign. */
export type Tallies = Map<string, CampaignTally>;

/** Where an entry counts: at one place once something was decided of it, nowhere before. */
export type Place = 'sent' | 'held' | 'unknown' | { readonly notSent: string } | undefined;

/** The place of an entry as it stands. One that waited counts as held until it has an outcome. */
export function placeOf(entry: Entry | undefined): Place {
  if (entry === undefined) return undefined;
  const { state, reason } = entry;
  if (state === 'sent' || state === 'unknown') return state;
  if (isSettled(entry)) return { notSent: reason };
  return entry.untilMs > 0 ? 'held' : undefined;
}

/** Counts an entry of a campaign at its new place instead of the one before. */
export function recount(tallies: Tallies, campaign: string, from: Place, to: Place): void {
  if (from === to) return;
  const tally = tallies.get(campaign) ?? { sent: 0, held: 0, unknown: 0, notSent: {} };
  tallies.set(campaign, tally);
  add(tally, from, -1);
  add(tally, to, 1);
}

function add(tally: CampaignTally, place: Place, count: number): void {
  if (place === undefined) return;
  if (typeof place === 'string') tally[place] += count;
  else if ((tally.notSent[place.notSent] ?? 0) + count === 0) delete tally.notSent[place.notSent];
  else tally.notSent[place.notSent] = (tally.notSent[place.notSent] ?? 0) + count;
}
