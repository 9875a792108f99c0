import type { ConsentCall, DemoEvent, TrackingCall } from './events-of-demo.ts';

/** What the door says to an event: as much as the replay reads of it. */
export type ReplayVerdict = { readonly kind: 'accepted' } | { readonly kind: 'rejected'; readonly code: string };

/** The doors that the events of the demo take, in the process itself. */
export interface ReplayDoors {
  readonly tenant: string;
  /** Appends the events together, received at the clock's time at the moment of the call; answers each in order once they are safe. */
  readonly publish: (tenant: string, calls: readonly TrackingCall[]) => Promise<readonly ReplayVerdict[]>;
  /** Appends one consent; a repeat of its messageId changes nothing. */
  readonly recordConsent: (tenant: string, consent: ConsentCall) => Promise<unknown>;
}

/** The events from `from` on that are sent together: those up to `endMs` that happen within `stepMs` of the first, at most 200. */
export function nextBatch(
  events: readonly DemoEvent[],
  from: number,
  { endMs, stepMs }: { readonly endMs: number; readonly stepMs: number },
): readonly DemoEvent[] {
  const first = events[from];
  if (first === undefined) return [];
  const lastMs = Math.min(endMs, first.atMs + stepMs);
  let to = from;
  while (to < from + BATCH_MAX && (events[to]?.atMs ?? Number.POSITIVE_INFINITY) <= lastMs) to++;
  return events.slice(from, to);
}

/** Sends a batch: who the new customers are, what they agreed to, and what happened, each once the one before is safe. Answers the codes of the events that were refused. */
export async function sendBatch(batch: readonly DemoEvent[], { tenant, publish, recordConsent }: ReplayDoors): Promise<readonly string[]> {
  const calls = batch.flatMap((event) => (event.kind === 'call' ? [event.call()] : []));
  const consents = batch.flatMap((event) => (event.kind === 'consent' ? [event.consent] : []));
  const published = async (type: TrackingCall['type']): Promise<readonly ReplayVerdict[]> => {
    const ofType = calls.filter((call) => call.type === type);
    return ofType.length === 0 ? [] : publish(tenant, ofType);
  };
  const introduced = await published('identify');
  await Promise.all(consents.map((consent) => recordConsent(tenant, consent)));
  const happened = await published('track');
  return [...introduced, ...happened].flatMap((verdict) => (verdict.kind === 'rejected' ? [verdict.code] : []));
}

const BATCH_MAX = 200;
