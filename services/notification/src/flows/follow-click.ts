import { ProfileFact } from '@attune/contracts/messages/log/v1/log';
import type { EventLog } from '@attune/event-log/port';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import { type ClickEvent, promotionClicked } from '../domain/event-names.ts';
import type { ClickLink, ClickSealer } from '../ports.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { headersOf } from './record-type.ts';

/** Where a link leads; undefined for a token that is none. `counts`: whether a customer can have followed it. */
export type FollowClick = (token: string, counts: boolean) => Promise<string | undefined>;

/** What following a link needs. */
export interface ClickPorts {
  readonly links: ClickSealer;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  /** The declared events that hold now. */
  readonly events: () => Parameters<typeof promotionClicked>[0];
}

/** So long a customer waits for the click to stand in the log; then the link leads on without. */
const PATIENCE_MS = 300;
const DAY_MS = 86_400_000;
const REMEMBERED_MAX = 10_000;

/** Leads to what the mail named, and appends the click to the log, from which it is told: one a link and delivery within a day. A log that is away keeps nobody from the shop. */
export function followClick({ links, log, clock, stopwatch, events }: ClickPorts): FollowClick {
  const noted = new Map<string, number>();
  const note = async (link: ClickLink): Promise<void> => {
    const id = `${link.deliveryId}/clicked/${link.place}`;
    const nowMs = clock.nowMs();
    if (nowMs - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < DAY_MS) return;
    const fact = { ...clickFact(link, promotionClicked(events())), messageId: id, atMs: BigInt(nowMs) };
    const value = ProfileFact.encode(ProfileFact.fromPartial({ profileId: link.profileId, leaf: link.leaf, fact })).finish();
    await log.append(link.tenant, DELIVERIES_TOPIC, [{ key: link.profileId, value, headers: { ...headersOf('ProfileFact'), id } }]);
    noted.delete(id);
    noted.set(id, nowMs);
    if (noted.size > REMEMBERED_MAX) noted.delete(noted.keys().next().value ?? '');
  };
  return async (token, counts) => {
    const link = links.read(token);
    if (link !== undefined && counts) await Promise.race([note(link).catch(() => undefined), stopwatch.sleep(PATIENCE_MS)]);
    return link?.target;
  };
}

/** Which link it was is told by its place: its address may hold what is personal, and this record lies in clear. */
function clickFact({ decisionId, deliveryId, campaign, hops, place }: ClickLink, { name, field }: ClickEvent) {
  const properties = { delivery_id: deliveryId, channel: 'email', campaign, link: String(place), [field]: decisionId };
  return { name, properties, causes: [decisionId], hops };
}
