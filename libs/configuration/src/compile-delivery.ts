import type { Review } from './compile.ts';
import type { Delivery } from './configuration.ts';
import type { Path } from './positions.ts';
import { type AttuneDocument, isZone, roles } from './schema.ts';

/** Quiet hours, caps and pauses with roles resolved to the events that have them. */
export function compileDelivery(document: AttuneDocument, review: Review): Delivery {
  const { quiet_hours: quiet, caps, pause_promotions: pause, stop_everything: stopEverything, count_clicks: countClicks } = document.delivery;
  if (quiet !== undefined) {
    checkZone(quiet.zone, ['delivery', 'quiet_hours', 'zone'], ['customer', 'shop'], review);
    checkZone(quiet.fallback_zone, ['delivery', 'quiet_hours', 'fallback_zone'], ['shop'], review);
  }
  return {
    ...(quiet && { quietHours: { fromMinute: quiet.from, toMinute: quiet.to, zone: quiet.zone, fallbackZone: quiet.fallback_zone } }),
    caps: caps.map((cap) => ({ channels: cap.channels, atMost: cap.at_most, perMs: cap.per })),
    ...(pause && { pausePromotions: pauseOf(document, pause, review) }),
    stopEverything,
    countClicks,
  };
}

function checkZone(zone: string, path: Path, allowed: readonly string[], review: Review): void {
  if (!allowed.includes(zone) && !isZone(zone))
    review.findings.push({ path, fault: `${zone} is not a time zone.`, fix: `Write ${allowed.join(', ')} or a name such as Europe/London.` });
}

function pauseOf(
  document: AttuneDocument,
  pause: NonNullable<AttuneDocument['delivery']['pause_promotions']>,
  review: Review,
): NonNullable<Delivery['pausePromotions']> {
  const from = pause.from.map((reference, i) => resolved(document, reference, ['delivery', 'pause_promotions', 'from', i], review));
  const until = (pause.until ?? []).map((reference, i) => resolved(document, reference, ['delivery', 'pause_promotions', 'until', i], review));
  return {
    fromEvents: from.flatMap(({ events }) => events),
    fromSegments: from.flatMap(({ segments }) => segments),
    untilEvents: until.flatMap(({ events }) => events),
    ...(pause.at_most !== undefined && { atMostMs: pause.at_most }),
  };
}

/** `role.complaint` stands for the events of that role, `segment.vip` for the segment, and anything else is the name of an event. */
function resolved(document: AttuneDocument, reference: string, path: Path, review: Review): { events: string[]; segments: string[] } {
  if (reference.startsWith('segment.')) {
    const name = reference.slice('segment.'.length);
    review.known({ path, what: 'segment', name, among: Object.keys(document.segments) });
    return { events: [], segments: [name] };
  }
  if (!reference.startsWith('role.')) {
    review.known({ path, what: 'event', name: reference, among: Object.keys(document.events) });
    return { events: [reference], segments: [] };
  }
  const role = reference.slice('role.'.length);
  review.known({ path, what: 'role', name: role, among: roles });
  const events = Object.entries(document.events).flatMap(([name, event]) => (event.role === role ? [name] : []));
  if (events.length === 0 && roles.some((known) => known === role)) {
    review.findings.push({ path, fault: `No event has the role ${role}.`, fix: `Write role: ${role} on the event that means it, or remove this.` });
  }
  return { events, segments: [] };
}
