import { EventVerdict, type PublishEventsRequest, PublishEventsResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError, errorTable } from '@attune/kernel/errors';
import { bodyOfEvent } from '../flows/event-message.ts';
import type { PublishAnswer, PublishEvents } from '../flows/publish-events.ts';
import { BATCH_BYTES_MAX, sizesOf } from './batch-bounds.ts';

/** PublishEvents as the contracts say it. @throws AttuneError BATCH_TOO_LARGE, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export const publishRpc =
  (publish: PublishEvents) =>
  async (tenant: TenantId, { events }: PublishEventsRequest): Promise<PublishEventsResponse> => {
    const bodies = events.map(bodyOfEvent);
    const sizes = sizesOf(bodies);
    if (sizes.reduce((sum, bytes) => sum + bytes, 0) > BATCH_BYTES_MAX) throw new AttuneError('BATCH_TOO_LARGE');
    const answers = await publish(
      tenant,
      bodies.map((body, i) => ({ body, bytes: sizes[i] ?? 0 })),
    );
    return PublishEventsResponse.fromPartial({ verdicts: answers.map(verdictOf) });
  };

/** A verdict as the contracts say it. */
export function verdictOf(answer: PublishAnswer): EventVerdict {
  if (answer.kind === 'rejected') {
    const { code, field } = answer;
    const { what: reason, fix } = errorTable[code];
    return EventVerdict.fromPartial({ verdict: { $case: 'rejected', value: { code, field, reason, fix } } });
  }
  const { messageId, position } = answer;
  return EventVerdict.fromPartial({ verdict: { $case: 'accepted', value: { messageId, position: { ...position, offset: BigInt(position.offset) } } } });
}
