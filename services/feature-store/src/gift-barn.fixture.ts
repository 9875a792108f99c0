import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Configurations } from '@attune/configuration/configurations';
import { seededRandom } from '@attune/kernel/random';
import type { FeatureEvent } from './domain/features/feature-kind.ts';
import { featureKinds } from './domain/features/index.ts';
import { foldProfile, type Happening, type ProfileRecord } from './domain/fold-profile.ts';
import { emptyProfile, type Profile } from './domain/profile.ts';
import { rulesOf } from './domain/profile-rules.ts';
import type { Transition } from './domain/watch-segments.ts';

/** The example shop, and customers of it. Test only. */
export const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../examples/gift-barn/attune.yaml'), 'utf8');
export const configurations = new Configurations(featureKinds.map(({ spec }) => spec));
export const configuration = configurations.of(DOCUMENT);
export const rules = rulesOf(configuration);

export const [HOUR, DAY] = [3_600_000, 86_400_000] as const;
/** Noon of a day. */
export const START = Date.UTC(2026, 0, 1, 12);

/** A track event that arrives when it happens, unless said otherwise. */
export function tracked(name: string, timestampMs: number, { total, delayMs = 0 }: { total?: number; delayMs?: number } = {}): Happening {
  const event: FeatureEvent = { name, timestampMs, messageId: `${name}${timestampMs}`, fields: total === undefined ? {} : { total } };
  return { kind: 'event', call: 'track', receivedAtMs: timestampMs + delayMs, event };
}

const atOffset = (happening: Happening, acceptedOffset: number): ProfileRecord => ({ leaf: 'leaf', acceptedPartition: 0, acceptedOffset, happening });

/** Folds into a profile, accepted offsets from `from` on; answers what was entered and left. */
export function foldInto(profile: Profile, happenings: readonly Happening[], from = 0): readonly Transition[] {
  return happenings.flatMap((happening, i) => foldProfile(profile, atOffset(happening, happening.kind === 'due' ? -1 : from + i), rules).transitions);
}

/** A new profile with these folded. */
export function folded(happenings: readonly Happening[]): Profile {
  const profile = { ...emptyProfile(), tenant: 'default', profileId: 'p_ann' };
  foldInto(profile, happenings);
  return profile;
}

/** What one customer does in four months, in no order, each at most as late as allowed. The same seed makes the same. */
export function historyOf(seed: string): readonly Happening[] {
  const next = seededRandom(seed);
  const below = (max: number): number => Math.floor(next() * max);
  return Array.from({ length: below(24) }, (_, i) => happeningOf(below, i));
}

/** The same in an order that the seed chooses; words on consent stay in theirs, as they do in the log. */
export function shuffled(history: readonly Happening[], seed: string): readonly Happening[] {
  const next = seededRandom(seed);
  const words = history.filter(({ kind }) => kind === 'consent').values();
  return history
    .map((happening) => ({ happening, place: next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ happening }) => (happening.kind === 'consent' ? (words.next().value ?? happening) : happening));
}

function happeningOf(below: (max: number) => number, i: number): Happening {
  const kind = below(8);
  // What is said is said at few moments, so that ties are common.
  const atMs = kind < 6 ? START + below(120 * 24) * HOUR : START + below(4) * DAY;
  const delayMs = below(2) * below(7 * DAY + 1);
  if (kind < 4) return tracked('Order Completed', atMs, { total: below(90_000) / 100, delayMs });
  if (kind === 4) return tracked('Order Cancelled', atMs, { total: below(20_000) / 100, delayMs });
  if (kind === 5) return tracked('Product Viewed', atMs, { delayMs });
  if (kind === 6) return { kind: 'consent', receivedAtMs: atMs + i, purposes: { [below(2) === 0 ? 'marketing' : 'personalise']: below(2) === 0 } };
  const fields = { email: `${below(3)}@example.com`, ...(below(2) === 0 && { country: below(2) === 0 ? 'GB' : 'ID' }) };
  return { kind: 'event', call: 'identify', receivedAtMs: atMs + delayMs, event: { name: '', timestampMs: atMs, messageId: `told${below(4)}`, fields } };
}

/** When a happening arrives. */
export const arrivalOf = (happening: Happening): number => (happening.kind === 'event' || happening.kind === 'consent' ? happening.receivedAtMs : 0);
