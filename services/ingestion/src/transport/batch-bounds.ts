import { AttuneError } from '@attune/kernel/errors';

/** One call may bring so many bytes of JSON. */
export const BATCH_BYTES_MAX = 500 * 1024;
const BATCH_EVENTS_MAX = 2_500;

/** Bytes of each event as JSON; 0 for a nest too deep to be written, for which the door has a word of its own. @throws AttuneError BATCH_TOO_LARGE for more than 2,500 events */
export function sizesOf(events: readonly unknown[]): readonly number[] {
  if (events.length > BATCH_EVENTS_MAX) throw new AttuneError('BATCH_TOO_LARGE');
  return events.map(bytesOf);
}

function bytesOf(event: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(event));
  } catch {
    return 0;
  }
}
