import type { Moments } from '@attune/configuration/configuration';
import { activityTimeMs } from './activity-time.ts';
import type { Replayed, ReplayWatcher, Standing } from './replay-profiles.ts';
import { CONFIGURATION_RECORD } from './state-keys.ts';

/** A place of the log and a moment at which a profile was read, or could have been. */
export interface Moment {
  readonly profileId: string;
  readonly atMs: number;
}

/** A moment that stands in the log. */
export interface PlacedMoment extends Moment {
  readonly partition: number;
  /** Everything up to it was known. */
  readonly offset: number;
}

/** Reads profiles of a partition in the middle of a replay. */
export type Take<M extends Moment> = (moment: M, standing: Standing) => void;

/**
 * Takes moments that stand in the log: each once the profile knows all records of its partition up to its offset, and none behind it. A moment before the time of the last
 * of these is that of a decision which time alone began: it is taken before the record is folded.
 */
export function takePlaced<M extends PlacedMoment>(moments: Iterable<M>, take: Take<M>): ReplayWatcher {
  const byPartition = Map.groupBy(moments, ({ partition }) => partition);
  const waiting = new Map([...byPartition].map(([partition, theirs]) => [partition, theirs.toSorted((a, b) => b.offset - a.offset)]));
  const takeUntil = (standing: Standing, isReached: (moment: M) => boolean): void => {
    const theirs = waiting.get(standing.partition);
    for (let moment = theirs?.at(-1); moment && isReached(moment); moment = theirs?.at(-1)) {
      theirs?.pop();
      take(moment, standing);
    }
  };
  return {
    before: ({ record, activity, standing }) => {
      takeUntil(standing, ({ offset }) => offset < record.offset);
      const timeMs = activityTimeMs(activity) ?? 0;
      takeUntil(standing, ({ offset, profileId, atMs }) => offset === record.offset && profileId === record.key && atMs < timeMs);
    },
    end: (standing) => takeUntil(standing, () => true),
  };
}

/** One moment for each event of that name, once it was folded. */
export const takeEach = (event: string, take: Take<Moment>): ReplayWatcher => ({
  after: ({ record, activity, standing }, { fresh }) => {
    const profile = standing.profileOf(record.key);
    if (!fresh || activity.record?.$case !== 'event' || activity.record.value.name !== event || profile === undefined) return;
    take({ profileId: record.key, atMs: profile.logTimeMs }, standing);
  },
});

/** When regular moments are taken. */
export interface Regular {
  readonly everyMs: number;
  readonly fromMs: number;
  /** The last one, itself among them. */
  readonly untilMs: number;
}

/** Moments at full multiples of a time since 1970, from a profile's first record on: with all that was known by then. */
export function takeEvery({ everyMs, fromMs, untilMs }: Regular, take: Take<Moment>): ReplayWatcher {
  const next = new Map<string, number>();
  const takeBefore = (standing: Standing, profileId: string, endMs: number): void => {
    let atMs = next.get(profileId);
    if (atMs === undefined || standing.profileOf(profileId) === undefined) return;
    for (; atMs < endMs && atMs <= untilMs; atMs += everyMs) take({ profileId, atMs }, standing);
    next.set(profileId, atMs);
  };
  const takeAll = (standing: Standing, endMs: number): void => {
    for (const profileId of standing.profileIds()) takeBefore(standing, profileId, endMs);
  };
  return {
    before: ({ record, activity, standing }: Replayed) => {
      const timeMs = activityTimeMs(activity);
      if (timeMs === undefined) return;
      // What a configuration changes, it changes for those too of whom nothing is heard.
      if (record.key === CONFIGURATION_RECORD) takeAll(standing, timeMs);
      else if (next.has(record.key)) takeBefore(standing, record.key, timeMs);
      else next.set(record.key, Math.ceil(Math.max(timeMs, fromMs) / everyMs) * everyMs);
    },
    end: (standing) => takeAll(standing, Number.POSITIVE_INFINITY),
  };
}

/** The watcher of these moments. */
export function takeMoments(moments: Exclude<Moments, { readonly kind: 'decisions' }>, range: Omit<Regular, 'everyMs'>, take: Take<Moment>): ReplayWatcher {
  if (moments.kind === 'every') return takeEvery({ everyMs: moments.everyMs, ...range }, take);
  return takeEach(moments.event, (moment, standing) => {
    if (moment.atMs >= range.fromMs && moment.atMs <= range.untilMs) take(moment, standing);
  });
}
