import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { Emission } from '@attune/processor/definition';
import type { Metrics } from '@attune/runtime/telemetry/port';
import { REJECTED } from '../ports.ts';

/** Counts what became of identifiers, from what the resolver emits of it. */
export const countJoins =
  (telemetry: Metrics) =>
  (emissions: readonly Emission[]): void => {
    for (const emission of emissions) {
      const join = joinOf(emission);
      if (join !== undefined) telemetry.count('attune_identity_changes_total', { join });
    }
  };

function joinOf({ id, topic, headers, value }: Emission): string | undefined {
  if (headers['moved-to'] !== undefined) return 'merged';
  if (id.endsWith('/link-lost')) return 'handed_on';
  if (topic !== REJECTED || !id.includes('/link/')) return undefined;
  return RejectedEvent.decode(value).code === 'IDENTIFIER_SHARED' ? 'too_many_customers' : 'too_many_devices';
}
