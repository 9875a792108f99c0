import type { EventLog } from '@attune/event-log/port';
import type { FourServices } from './four-services.ts';
import { type LogFacts, readLogFacts } from './log-facts.ts';
import { within } from './patience.ts';
import { count, type Decided, type Delivered, outcomes, whereabouts } from './shop-facts.ts';
import type { Published } from './shop-stream.ts';

/** Where nothing moves for so long, nothing will: longer than any session or retry. */
const SETTLED_MS_MAX = 25_000;

/** Resolves once the profile of each customer holds as many events as were published; answers whose profile is whose. @throws Error when it takes too long, or a count is too high */
export async function settledProfiles(four: FourServices, { events }: Published): Promise<ReadonlyMap<string, string>> {
  const [profileOf, counted] = [new Map<string, string>(), new Map<string, number>()];
  for (const [userId, published] of events) {
    const request = { subject: { userId }, purpose: 'personalise' };
    const profile = await within(
      { what: `the ${published} events of ${userId}, after ${counted.size} others`, ms: SETTLED_MS_MAX },
      () => four.call<{ profileId?: string; events?: string }>('feature-store', 'features.v1.FeatureStoreService/GetProfile', request),
      (it) => count(it.events) >= published,
    );
    counted.set(userId, count(profile.events));
    profileOf.set(userId, profile.profileId ?? '');
  }
  const wrong = [...events].flatMap(([userId, published]) => (counted.get(userId) === published ? [] : [`${userId}: ${counted.get(userId)} for ${published}`]));
  if (wrong.length > 0) throw new Error(`events counted: ${wrong.join(', ')}`);
  return profileOf;
}

/** Resolves once each customer has a decision and each message has come to its end; answers what the log holds then. @throws Error when it takes too long */
export async function settledMessages(four: FourServices, { buyers, letDown }: Published, log: EventLog): Promise<LogFacts> {
  const entered = buyers.length + letDown.length;
  const { campaigns: decided = [] } = await within(
    { what: `decisions for ${entered}`, ms: SETTLED_MS_MAX, whileItMoves: true },
    () => four.call<{ campaigns?: Decided[] }>('scoring', 'scoring.v1.ScoringService/GetCampaignResults', {}),
    ({ campaigns = [] }) => sum(campaigns, outcomes) >= entered,
  );
  const counted = sum(decided, ({ entered: here }) => count(here));
  if (counted !== entered) throw new Error(`${counted} customers entered a campaign instead of ${entered}`);
  const messages = sum(decided, ({ offered, messaged }) => count(offered) + count(messaged));
  await within(
    { what: `the ends of ${messages} messages`, ms: SETTLED_MS_MAX, whileItMoves: true },
    () => four.call<{ campaigns?: Delivered[] }>('notification', 'notification.v1.NotificationService/GetDeliveryResults', {}),
    ({ campaigns = [] }) => sum(campaigns, whereabouts) - sum(campaigns, ({ held }) => count(held)) >= messages,
  );
  return readLogFacts(log);
}

/** The sum of one figure of each. */
export const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);
