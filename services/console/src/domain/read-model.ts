import { type Buckets, count, emptyBuckets } from './buckets.ts';
import type { Entry } from './entry.ts';
import { putInTimeOrder } from './in-time-order.ts';
import { noIds, type RecentIds, remember } from './recent-ids.ts';

/** What is kept of one profile. */
export interface SeenProfile {
  customer: string;
  /** Events seen, also those that the timeline has let go of. */
  events: number;
  newestMs: number;
  /** By time, the oldest first, at most `timelineMax`. */
  readonly timeline: Entry[];
}

/** An entry with its place in the order of arrival. */
export interface Numbered {
  readonly seq: number;
  readonly entry: Entry;
}

/** How much is kept; all bounds are counts. */
export interface Bounds {
  readonly timelineMax: number;
  readonly profilesMax: number;
  readonly liveMax: number;
  readonly refusedMax: number;
  readonly secondsMax: number;
  readonly daysMax: number;
  readonly idsMax: number;
}

export const BOUNDS: Bounds = { timelineMax: 100, profilesMax: 20_000, liveMax: 200, refusedMax: 50, secondsMax: 60, daysMax: 500, idsMax: 100_000 };

/** What the page shows of the log: a view in memory, made anew at each start. It is edited in place: a copy an event would cost more than the event. */
export interface ReadModel {
  readonly bounds: Bounds;
  /** Profile ids in order of their last entry, the quietest first. */
  readonly profiles: Map<string, SeenProfile>;
  /** By profile id of a visitor who became known, the customer's; as many as profiles. */
  readonly mergedInto: Map<string, string>;
  /** In order of arrival; what lay in the log before the start, whose topics are read one beside the other, by time. */
  readonly live: Numbered[];
  /** Rejected events that are older than all of `live`: few, and what a reader comes for. */
  readonly refused: Numbered[];
  /** Events by machine second, of records that came after the start. */
  readonly seconds: Buckets;
  /** Events by UTC day of business time. */
  readonly days: Buckets;
  /** Roles of event names, as far as they were told. */
  readonly roles: Map<string, string>;
  readonly ids: RecentIds;
  seq: number;
  rejected: number;
}

/** A model that has seen nothing. */
export const emptyModel = (bounds: Bounds = BOUNDS): ReadModel => ({
  bounds,
  profiles: new Map(),
  mergedInto: new Map(),
  live: [],
  refused: [],
  seconds: emptyBuckets(bounds.secondsMax),
  days: emptyBuckets(bounds.daysMax),
  roles: new Map(),
  ids: noIds(bounds.idsMax),
  seq: 0,
  rejected: 0,
});

const DAY_MS = 86_400_000;

/** The profile that a profile id stands for: itself, or that of the customer that its visitor became. */
export const profileOf = ({ mergedInto }: ReadModel, profileId: string): string => mergedInto.get(profileId) ?? profileId;

/** Takes one entry in; `second` is the machine second that it came in, absent for what lay in the log before the start. False for a repeat, which changes nothing. */
export function addEntry(model: ReadModel, entry: Entry, second?: number): boolean {
  if (!remember(model.ids, entry.id)) return false;
  model.seq++;
  if (entry.kind === 'rejected') model.rejected++;
  if (entry.kind === 'event') {
    if (second !== undefined) count(model.seconds, { at: second, name: entry.name, seq: model.seq });
    count(model.days, { at: Math.floor(entry.atMs / DAY_MS), name: entry.name, seq: model.seq });
  }
  addToLive(model, { seq: model.seq, entry }, second === undefined);
  if (entry.profileId !== '') addToProfile(model, entry);
  return true;
}

function addToLive({ live, refused, bounds }: ReadModel, item: Numbered, isHistory: boolean): void {
  const gone = isHistory ? putInTimeOrder(live, item, { entryOf: (it) => it.entry, max: bounds.liveMax }) : pushAtMost(live, item, bounds.liveMax);
  if (gone?.entry.kind === 'rejected') pushAtMost(refused, gone, bounds.refusedMax);
}

function pushAtMost<T>(list: T[], item: T, max: number): T | undefined {
  list.push(item);
  return list.length > max ? list.shift() : undefined;
}

/** The customer that a profile is known as; empty where it is not known. */
export const customerOf = (model: ReadModel, profileId: string): string => model.profiles.get(profileOf(model, profileId))?.customer ?? '';

/** The kept entries that came after `seq`, the newest first. */
export const entriesSince = (model: ReadModel, seq: number): readonly Entry[] =>
  [...model.refused, ...model.live]
    .filter((it) => it.seq > seq)
    .map(({ entry }) => named(model, entry))
    .toReversed();

/** The entry with its customer, who may have become known after it. */
export const named = (model: ReadModel, entry: Entry): Entry =>
  entry.customer === '' && entry.profileId !== '' ? { ...entry, customer: customerOf(model, entry.profileId) } : entry;

/** A visitor became known: what was seen of the visitor is the customer's from here on, and what is still to come too. */
export function mergeProfiles(model: ReadModel, from: string, into: string): void {
  const { profiles, mergedInto, bounds } = model;
  mergedInto.set(from, into);
  for (const oldest of mergedInto.keys()) {
    if (mergedInto.size <= bounds.profilesMax) break;
    mergedInto.delete(oldest);
  }
  const moved = profiles.get(from);
  if (moved === undefined) return;
  profiles.delete(from);
  for (const entry of moved.timeline) addToProfile(model, { ...entry, customer: '' });
  const known = profiles.get(into);
  if (known) known.events += moved.events - moved.timeline.filter(({ kind }) => kind === 'event').length;
}

/** Lets go of everything about a profile. */
export function forgetProfile(model: ReadModel, profileId: string): void {
  const { profiles, live } = model;
  profiles.delete(profileId);
  const others = live.filter(({ entry }) => profileOf(model, entry.profileId) !== profileId);
  live.splice(0, live.length, ...others);
}

function addToProfile(model: ReadModel, told: Entry): void {
  const { profiles, bounds } = model;
  const profileId = profileOf(model, told.profileId);
  const entry = profileId === told.profileId ? told : { ...told, profileId };
  const profile = profiles.get(entry.profileId) ?? { customer: '', events: 0, newestMs: 0, timeline: [] };
  profiles.delete(entry.profileId);
  profiles.set(entry.profileId, profile);
  if (entry.customer !== '') profile.customer = entry.customer;
  if (entry.kind === 'event') profile.events++;
  profile.newestMs = Math.max(profile.newestMs, entry.atMs);
  putInTimeOrder(profile.timeline, entry, { entryOf: (it) => it, max: bounds.timelineMax });
  for (const quietest of profiles.keys()) {
    if (profiles.size <= bounds.profilesMax) break;
    profiles.delete(quietest);
  }
}
