import type { Contact } from '../domain/rules/rule.ts';
import type { DeliveryPorts } from './delivery-ports.ts';

/** The minute of the day on the wall that quiet hours go by: the customer's, where its zone is known; else that of the fallback; else the shop's. */
export function localMinuteFor({ configuration, locale }: Pick<DeliveryPorts, 'configuration' | 'locale'>, { timeZone }: Contact): (atMs: number) => number {
  const { delivery, shop } = configuration();
  const { zone = 'customer', fallbackZone = 'shop' } = delivery.quietHours ?? {};
  const named = (name: string): string => (name === 'shop' ? shop.timeZone : name);
  const fallback = named(fallbackZone);
  const chosen = zone !== 'customer' ? named(zone) : timeZone !== undefined && locale.isZone(timeZone) ? timeZone : fallback;
  return (atMs) => locale.minuteOf(chosen, atMs);
}
