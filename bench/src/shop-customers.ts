import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { type RpcClient, rpcClient } from '@attune/grpc/client';
import type { FourServices } from './four-services.ts';
import { until } from './measure.ts';

export type FeatureCalls = RpcClient<typeof FeatureStoreServiceService>;

const EVENTS_A_CALL = 200;
const DEADLINE_MS = 5_000;
const KNOWN_WITHIN_MS = 60_000;

/** A client of the feature store. */
export const featureCalls = (four: FourServices): FeatureCalls =>
  rpcClient(four.grpc['feature-store'], FeatureStoreServiceService, { deadlineMs: DEADLINE_MS });

/** Events through the HTTP door, many a call. @throws Error unless all calls succeed */
export async function sendAll(four: FourServices, events: readonly object[]): Promise<void> {
  for (let from = 0; from < events.length; from += EVENTS_A_CALL) await four.post('/v1/batch', { batch: events.slice(from, from + EVENTS_A_CALL) });
}

/** Who a customer is. */
export const identify = (userId: string): object => ({
  type: 'identify',
  userId,
  traits: { email: `${userId}@example.com`, name: 'Ann Example', country: 'United Kingdom', language: 'en', time_zone: 'Europe/London' },
});

/** The basket of everybody who does not say otherwise. */
const ONE_PRODUCT: readonly string[] = ['22423'];

/** An order of these products. */
export const order = (userId: string, orderId: string, productIds = ONE_PRODUCT): Readonly<Record<string, unknown>> => ({
  type: 'track',
  event: 'Order Completed',
  messageId: orderId,
  userId,
  properties: { order_id: orderId, total: 24.5, currency: 'GBP', products: productIds.map((product_id) => ({ product_id, quantity: 2, price: 12.25 })) },
});

/** A cancellation large enough for the apology. */
export const cancellation = (userId: string): Readonly<Record<string, unknown>> => ({
  type: 'track',
  event: 'Order Cancelled',
  userId,
  properties: { order_id: `cancelled-${userId}`, total: 150 },
});

/** How many orders each customer has, and of what; of one product where that is not given. */
export interface Orders {
  readonly orders: number;
  readonly productsOf?: (customer: number, order: number) => readonly string[];
}

/** Makes customers known, with their orders; answers their profile ids once all of it is folded. */
export async function introduce(
  four: FourServices,
  { calls }: FeatureCalls,
  userIds: readonly string[],
  { orders, productsOf = () => ONE_PRODUCT }: Orders,
): Promise<readonly string[]> {
  await sendAll(four, userIds.map(identify));
  for (let n = 0; n < orders; n++)
    await sendAll(
      four,
      userIds.map((userId, i) => order(userId, `${userId}-${n}`, productsOf(i, n))),
    );
  const profileIds: string[] = [];
  for (const value of userIds) {
    const profile = await until(
      async () => {
        const found = await calls.getProfile({ subject: { id: { $case: 'userId', value } }, purpose: 'personalise' }).catch(() => undefined);
        return found && Number(found.events) > orders ? found : undefined;
      },
      { withinMs: KNOWN_WITHIN_MS, everyMs: 20, what: `the profile of ${value}` },
    );
    profileIds.push(profile.profileId);
  }
  return profileIds;
}
