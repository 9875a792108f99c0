import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '@attune/kernel/random';
import type { FourServices } from './four-services.ts';
import { within } from './patience.ts';

/** What was published, all of it acknowledged. */
export interface Published {
  /** Events by customer: identify and track calls. */
  readonly events: ReadonlyMap<string, number>;
  /** Customers who ordered once: each enters the segment of first orders. */
  readonly buyers: readonly string[];
  /** Customers who cancelled much: each gets an apology, which is no promotion. */
  readonly letDown: readonly string[];
}

const AWAY_MS_MAX = 30_000;
const BETWEEN_MS = 350;
const LET_DOWN_SHARE = 0.3;

/** The shop with an offer that stays worth its cost though nobody takes it up: else it is offered about ten times a partition. */
export const worthwhile = (yaml: string): string => yaml.replace('value: 25.00', 'value: 2500.00');

/** Streams new customers, one after the other, each with a first order or a cancelled one, and now and then a look of a former one, until told to stop. Only ingestion is called, again where it was away: every call has an id. @throws Error when it is away for too long */
export async function streamShop(four: FourServices, chance: SeededRandom, goOn: () => boolean): Promise<Published> {
  const events = new Map<string, number>();
  const [buyers, letDown]: [string[], string[]] = [[], []];
  const track = async (userId: string, event: string, properties: object): Promise<void> => {
    const messageId = crypto.randomUUID();
    await persistently(() => four.track('track', { userId, messageId, event, properties }));
    events.set(userId, (events.get(userId) ?? 0) + 1);
  };
  for (let i = 0; goOn(); i++) {
    const userId = `user-${i}`;
    await known(four, userId);
    events.set(userId, 1);
    if (chance() < LET_DOWN_SHARE) {
      letDown.push(userId);
      await track(userId, 'Order Cancelled', { order_id: `c-${i}`, total: 150 });
    } else {
      buyers.push(userId);
      await track(userId, 'Order Completed', { order_id: `o-${i}`, total: 24.5, products: [] });
    }
    await track(`user-${Math.floor(chance() * (i + 1))}`, 'Product Viewed', { product_id: `p-${i}` });
    await sleep(BETWEEN_MS);
  }
  return { events, buyers, letDown };
}

/** Makes a customer known who wants offers, without the feature store: it may be away. */
async function known(four: FourServices, userId: string): Promise<void> {
  await persistently(() =>
    four.track('identify', { userId, messageId: `i-${userId}`, traits: { email: `${userId}@example.com`, name: `Ann ${userId}`, language: 'en' } }),
  );
  const consent = { subject: { userId }, purposes: { marketing: true }, messageId: `c-${userId}` };
  await persistently(() => four.call('ingestion', 'ingestion.v1.IngestionService/AcceptConsent', consent));
}

const persistently = (call: () => Promise<unknown>): Promise<unknown> => within({ what: 'ingestion takes it', ms: AWAY_MS_MAX }, call, () => true);
