import type { Fact } from '@attune/contracts/messages/common/v1/common';
import { type Delivery, ProfileFact } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission } from '@attune/processor/definition';
import { deliveredEvent } from '../domain/event-names.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { headersOf } from './record-type.ts';

/** That a message was delivered, for the profile to hear of: one record a delivery, whatever its outcome is noted again. */
export function deliveredEmission({ tenant, key }: LogRecord, delivery: Delivery): Emission {
  const { profileId, leaf } = delivery;
  const fact = deliveredFact(delivery);
  const value = ProfileFact.encode(ProfileFact.fromPartial({ profileId, leaf, fact })).finish();
  return { id: fact.messageId, tenant, topic: DELIVERIES_TOPIC, key, value, headers: headersOf('ProfileFact') };
}

function deliveredFact({ id, decisionId, campaign, channel, atMs, hops }: Delivery): Fact {
  const properties = { promotion_id: decisionId, delivery_id: id, channel, campaign };
  return { name: deliveredEvent(channel), messageId: `${id}/delivered`, atMs, properties, causes: [decisionId], hops };
}
