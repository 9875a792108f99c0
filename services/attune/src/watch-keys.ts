import type { Metrics } from '@attune/runtime/telemetry/port';
import type { KeyRing } from '@attune/sealing/key-ring';

/** Tells how many keys a process holds, and of how many it knows that they are gone. */
export function watchKeys(telemetry: Metrics, ring: Pick<KeyRing, 'held'>): void {
  telemetry.watch('attune_keys_held', () => Object.entries(ring.held()).map(([key, value]) => ({ labels: { key }, value })));
}
