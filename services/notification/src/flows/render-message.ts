import type { Decision } from '@attune/contracts/messages/log/v1/log';
import type { TenantId } from '@attune/event-log/port';
import { withCountedLinks } from '../domain/count-links.ts';
import type { Contact } from '../domain/rules/rule.ts';
import type { OutgoingMessage } from '../ports.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { deliveryIdOf } from './note-delivery.ts';

const MAIL = 'email';

/** Which message for whom. */
export interface RenderOf {
  readonly tenant: TenantId;
  readonly decision: Decision;
  readonly channel: string;
  readonly contact: Contact;
}

/** The message of a decision in the customer's language. @throws AttuneError TEMPLATE_INVALID, TEMPLATE_TOO_SLOW */
export async function renderMessage(
  {
    templates,
    locale,
    clock,
    configuration,
    unsubscribeUrl: urlOf,
    clickUrl,
    stopwatch,
    telemetry,
  }: Pick<DeliveryPorts, 'templates' | 'locale' | 'clock' | 'configuration' | 'unsubscribeUrl' | 'clickUrl' | 'stopwatch' | 'telemetry'>,
  { tenant, decision, channel, contact }: RenderOf,
): Promise<OutgoingMessage> {
  const { shop, delivery } = configuration();
  const { id, message, hops, profileId, campaign, offer, promotional, purpose, candidates } = decision;
  const deliveryId = deliveryIdOf(id, channel);
  const language = templates.languageOf(message, contact.language);
  const unsubscribeUrl = promotional ? urlOf({ tenant, profileId, purpose, deliveryId, language }) : undefined;
  const winner = candidates.find((candidate) => offer !== '' && candidate.offer === offer);
  const written = (minor: bigint | undefined): string => (minor === undefined ? '' : locale.money(Number(minor), shop.currency, language));
  const startedMs = stopwatch.elapsedMs();
  const rendered = await templates.render(message, language, {
    customer: { name: contact.name ?? '' },
    shop: { name: shop.name },
    offer: { name: offer, value: written(winner?.valueMinor), cost: written(winner?.costMinor) },
    decision: { id },
    unsubscribe: { url: unsubscribeUrl ?? '' },
  });
  telemetry.measure('attune_notification_render_seconds', {}, (stopwatch.elapsedMs() - startedMs) / 1e3);
  const about = { tenant, profileId, leaf: contact.leaf ?? '', decisionId: id, deliveryId, campaign, hops };
  const counting = { urlOf: (target: string, place: number) => clickUrl({ ...about, place, target }), except: unsubscribeUrl };
  const counts = promotional && channel === MAIL && delivery.countClicks;
  return {
    tenant,
    id: deliveryId,
    profileId,
    decisionId: id,
    campaign,
    offer,
    language,
    promotional,
    sentAtMs: clock.nowMs(),
    leaf: contact.leaf ?? '',
    to: { address: contact.email ?? '', name: contact.name ?? '' },
    subject: rendered.subject,
    ...(counts ? withCountedLinks(rendered, counting) : { html: rendered.html, text: rendered.text }),
    ...(unsubscribeUrl !== undefined && { unsubscribeUrl }),
  };
}
