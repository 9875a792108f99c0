import { type Decision, DeliveryState } from '@attune/contracts/messages/log/v1/log';
import type { TenantId } from '@attune/event-log/port';
import { admitMessage } from '../domain/admit-message.ts';
import type { Ledger } from '../domain/ledger.ts';
import { consent } from '../domain/rules/consent.ts';
import type { Channel } from '../ports.ts';
import type { Claim, ClaimOf, Claims } from './claim-send.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { handOver } from './hand-over.ts';
import { localMinuteFor } from './local-minute.ts';
import { lookAtConsent } from './look-at-consent.ts';
import { noteDelivery } from './note-delivery.ts';
import { readContact } from './read-contact.ts';
import { renderMessage } from './render-message.ts';

const { DELIVERY_STATE_HELD: HELD, DELIVERY_STATE_DROPPED: DROPPED, DELIVERY_STATE_UNKNOWN: UNKNOWN } = DeliveryState;

/** A decision with a message, and the ledger that has folded it. */
export interface Delivering {
  readonly tenant: TenantId;
  readonly decision: Decision;
  readonly ledger: Ledger;
}

/**
 * Admits one decision, renders it, claims its send in the log, looks at consent once more, hands it over and notes what happened.
 * A promotion leaves at most once; a message of service may leave again, under the same Message-ID, where nobody knows whether it did.
 * @throws AttuneError of a retriable code where it is to be tried again as it is; TEMPLATE_INVALID, TEMPLATE_TOO_SLOW
 */
export async function deliverDecision(ports: DeliveryPorts, claims: Claims, { tenant, decision, ledger }: Delivering): Promise<void> {
  const { clock, getProfile, configuration } = ports;
  const channel = channelOf(ports, decision);
  if (channel === undefined) return note(ports, { tenant, decision, channel: '', state: DROPPED, reason: 'NO_CHANNEL' });
  const to = { tenant, decision, channel: channel.name };
  const before = await claims.before(to, ledger);
  if (before && !mayCall(before, decision, channel)) return endWith(ports, to, before);

  const contact = await readContact(getProfile, { tenant, profileId: decision.profileId, purpose: decision.purpose });
  const policy = configuration().delivery;
  const asked = { decision, channel: channel.name, contact, ledger, policy, nowMs: clock.nowMs(), localMinuteOf: localMinuteFor(ports, contact) };
  const admission = admitMessage(asked);
  const givenBack = { ...to, attempt: claims.unusedOf(decision) };
  if (admission.kind === 'hold') return note(ports, { ...givenBack, state: HELD, reason: admission.reason, untilMs: admission.untilMs });
  if (admission.kind === 'drop') return note(ports, { ...givenBack, state: DROPPED, reason: admission.reason });

  const message = await renderMessage(ports, { ...to, contact });
  // Rendering and claiming took their time: whoever was answered meanwhile that consent is taken back gets nothing.
  const consentNow = lookAtConsent(ports, to);
  const claim = before ?? (await claims.claim(to, consentNow.begin));
  if (!mayCall(claim, decision, channel)) return endWith(ports, to, claim);
  const objection = await claims.beforeUse(to, claim, async () => consent({ ...asked, contact: { consent: await consentNow.answer() } }));
  if (objection) return note(ports, { ...to, attempt: claim.attempt, state: DROPPED, reason: objection.reason });
  const triesAway = ledger.entries.get(decision.id)?.triesAway ?? 0;
  return handOver(ports, claims, { ...to, channel, message, attempt: claim.attempt, triesAway });
}

/** Where the one who claimed it before never told how it ended, a message of service leaves all the same, and so does one of which a second copy is none. */
const mayCall = (claim: Claim, { promotional }: Decision, { repeatable = false }: Channel): claim is Extract<Claim, { readonly attempt: string }> =>
  claim.kind === 'won' || (claim.kind === 'orphaned' && (!promotional || repeatable));

/** Notes why this try does not call the provider. */
async function endWith(ports: DeliveryPorts, to: ClaimOf, claim: Claim): Promise<void> {
  if (claim.kind === 'capped') await note(ports, { ...to, state: DROPPED, reason: 'CAPPED' });
  if (claim.kind === 'orphaned') await note(ports, { ...to, state: UNKNOWN, reason: 'CLAIM_WITHOUT_OUTCOME', attempt: claim.attempt });
}

const channelOf = ({ channels }: DeliveryPorts, decision: Decision): Channel | undefined => decision.channels.flatMap((name) => channels.get(name) ?? [])[0];

async function note(ports: DeliveryPorts, what: Parameters<typeof noteDelivery>[1]): Promise<void> {
  await noteDelivery(ports, what);
}
