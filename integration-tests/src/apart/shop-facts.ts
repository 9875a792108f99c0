import type { FourServices } from './four-services.ts';

/** What the campaign of first orders decided; counts as JSON has them. */
export interface Decided {
  readonly entered?: string;
  readonly heldOut?: string;
  readonly offered?: string;
  readonly messaged?: string;
  readonly nothing?: string;
  readonly noConsent?: string;
}

/** What became of its messages. */
export interface Delivered {
  readonly sent?: string;
  readonly held?: string;
  readonly unknown?: string;
  readonly notSent?: Readonly<Record<string, string>>;
}

const CAMPAIGN = 'welcome_back';

/** A count of protobuf's JSON, where 0 is absent. */
export const count = (value: string | undefined): number => Number(value ?? 0);

/** Makes a customer known who wants offers. */
export async function introduce(four: FourServices, userId: string): Promise<void> {
  await four.track('identify', { userId, traits: { email: `${userId}@example.com`, name: `Ann ${userId}`, language: 'en', time_zone: 'Asia/Jakarta' } });
  await four.call('feature-store', 'privacy.v1.PrivacyService/RecordConsent', { subject: { userId }, purposes: { marketing: true } });
}

/** One order of a customer. `orderId` names the event too, so that sent again it is the same. */
export const order = (four: FourServices, userId: string, orderId: string): Promise<void> =>
  four.track('track', { userId, messageId: orderId, event: 'Order Completed', properties: { order_id: orderId, total: 24.5, products: [] } });

/** What was decided so far. @throws Error while scoring does not answer */
export async function decided(four: FourServices): Promise<Decided> {
  const { campaigns } = await four.call<{ campaigns?: (Decided & { campaign: string })[] }>('scoring', 'scoring.v1.ScoringService/GetCampaignResults', {});
  return campaigns?.find(({ campaign }) => campaign === CAMPAIGN) ?? {};
}

/** What was delivered so far. @throws Error while notification does not answer */
export async function delivered(four: FourServices): Promise<Delivered> {
  const { campaigns } = await four.call<{ campaigns?: (Delivered & { campaign: string })[] }>(
    'notification',
    'notification.v1.NotificationService/GetDeliveryResults',
    {},
  );
  return campaigns?.find(({ campaign }) => campaign === CAMPAIGN) ?? {};
}

/** How many have an outcome: entered, by where they ended. */
export const outcomes = ({ heldOut, offered, messaged, nothing, noConsent }: Decided): number =>
  [heldOut, offered, messaged, nothing, noConsent].map(count).reduce((a, b) => a + b, 0);

/** How many messages have come to an end or wait, by where they are. */
export const whereabouts = ({ sent, held, unknown, notSent = {} }: Delivered): number =>
  [sent, held, unknown, ...Object.values(notSent)].map(count).reduce((a, b) => a + b, 0);

/** How many orders are counted in a profile. */
export async function ordersOf(four: FourServices, userId: string): Promise<number> {
  const request = { subject: { userId }, purpose: 'personalise' };
  const profile = await four.call<{ features?: { name: string; value?: { number?: number } }[] }>(
    'feature-store',
    'features.v1.FeatureStoreService/GetProfile',
    request,
  );
  return profile.features?.find(({ name }) => name === 'orders')?.value?.number ?? 0;
}
