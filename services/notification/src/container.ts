import { randomUUID } from 'node:crypto';
import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import { jsonDoor } from '@attune/grpc/json-door';
import type { Rpc } from '@attune/grpc/rpc';
import { type PartitionStatus, type Processing, Processor } from '@attune/processor/processor';
import type { SlotSource } from '@attune/processor/slot-source';
import type { Standing } from '@attune/processor/standing';
import { type Container, get } from '@attune/runtime/di';
import { silent } from '@attune/runtime/telemetry/port';
import { systemRandom } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { FastifyInstance } from 'fastify';
import { channelsOf } from './adapters/channels/index.ts';
import { clickSealer } from './adapters/click-sealer.ts';
import { inboxGrants } from './adapters/inbox-grants.ts';
import { LINK_KEY, linkSigner } from './adapters/link-signer.ts';
import { intlLocale } from './adapters/locale.ts';
import { loadTemplates } from './adapters/templates.ts';
import { DELIVERIES_TOPIC } from './flows/deliveries-state.ts';
import { deliveriesProcessor } from './flows/fold-deliveries.ts';
import { followClick } from './flows/follow-click.ts';
import { followDecisions } from './flows/follow-decisions.ts';
import { forwardFacts } from './flows/forward-facts.ts';
import { type GetDeliveryResults, getDeliveryResults } from './flows/get-delivery-results.ts';
import { inboxOf, openInbox } from './flows/inbox-access.ts';
import { listInbox } from './flows/list-inbox.ts';
import { markRead, noteClick } from './flows/mark-read.ts';
import { type LedgerReader, ledgerReader } from './flows/read-ledger.ts';
import { tellFacts } from './flows/tell-facts.ts';
import { unsubscribe } from './flows/unsubscribe.ts';
import { watchInbox } from './flows/watch-inbox.ts';
import {
  CLOCK,
  type ClickUrl,
  EVENT_LOG,
  type GetConsent,
  type GetProfile,
  type IsErased,
  type RecordConsent,
  type RecordFact,
  SECRETS,
  STATE_STORE,
  STOPWATCH,
  type UnsubscribeUrl,
} from './ports.ts';
import { clickRoutes, clickUrlOf } from './transport/click-http.ts';
import { inboxLiveRoute } from './transport/inbox-live.ts';
import { notificationRpcs } from './transport/rpc.ts';
import { unsubscribeRoutes, unsubscribeUrlOf } from './transport/unsubscribe-http.ts';

export { checkTemplates, loadTemplates } from './adapters/templates.ts';
export type { GetDeliveryResults } from './flows/get-delivery-results.ts';
export {
  CLOCK,
  EVENT_LOG,
  type GetConsent,
  type GetProfile,
  type IsErased,
  type RecordConsent,
  type RecordFact,
  SECRETS,
  STATE_STORE,
  STOPWATCH,
} from './ports.ts';

/** Where this service stands in the whole. */
export interface NotificationOptions {
  readonly tenant: string;
  readonly ring: KeyRing;
  readonly configurations: Configurations;
  /** The one that holds now. */
  readonly configuration: () => Configuration;
  readonly getProfile: GetProfile;
  readonly getConsent: GetConsent;
  readonly recordConsent: RecordConsent;
  readonly recordFact: RecordFact;
  readonly isErased: IsErased;
  /** Folder of `<name>.<language>.mjml`. */
  readonly messagesFolder: string;
  /** File of the mails that are kept where there is no mail server. */
  readonly outboxPath: string;
  /** Absent = mails are kept. */
  readonly smtpUrl?: string;
  /** Address that mails come from; shop@example.com where it is not given. */
  readonly mailFrom?: string;
  /** Where customers reach this process, without a slash at the end; undefined = mails carry no link to it. */
  readonly publicUrl?: () => string | undefined;
  /** How its processors look at idle partitions, and who hears of their faults. */
  readonly processing?: Processing;
}

/** Something that folds or follows a topic, as the whole sees it. */
export interface NotificationStage {
  readonly topic: string;
  status(): readonly PartitionStatus[];
  standing(): Standing;
  /** Looks at once at what is due; answers how many records that appended. Absent where nothing is ever due. */
  look?(): Promise<number>;
}

/** The running service. */
export interface Notification {
  /** Those who feed the ledger first, the ledger last: nothing waits once all of them, looked at in this order, have reached the ends of their topics. */
  readonly processors: readonly NotificationStage[];
  readonly deliveryResults: GetDeliveryResults;
  /** The service's calls, for other doors than the app. */
  readonly rpcs: readonly Rpc[];
  /** Stops in order: no more decisions, no more facts, then the ledger. What was handed over is noted before, within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What the service keeps in the store, for copies of it. */
export const slotSources = (configurations: Configurations): readonly SlotSource[] => [deliveriesProcessor(configurations)];

/** Starts sending and puts the service's calls onto an app. @throws AttuneError TEMPLATE_INVALID with file and line, KEY_UNAVAILABLE, LOG_UNAVAILABLE, STORE_UNAVAILABLE */
export async function notificationOn(app: FastifyInstance, c: Container, options: NotificationOptions): Promise<Notification> {
  const { tenant, ring, configurations, configuration, getProfile, getConsent, recordConsent, recordFact, smtpUrl, outboxPath, processing } = options;
  const [log, store, clock, stopwatch] = [get(c, EVENT_LOG), get(c, STATE_STORE), get(c, CLOCK), get(c, STOPWATCH)];
  const telemetry = processing?.telemetry ?? silent;
  const { partitions } = await log.identity(DELIVERIES_TOPIC);
  const templates = await loadTemplates({ folder: options.messagesFolder, names: messagesOf(configuration()), languages: configuration().shop.languages });
  const channels = channelsOf({ ring, isErased: options.isErased, from: senderOf(options), outboxPath, ...(smtpUrl !== undefined && { smtpUrl }) });
  const definition = deliveriesProcessor(configurations);
  const processor = new Processor(definition, { log, store, clock, stopwatch }, processing);
  const ledgers = ledgerReader({ store, stopwatch, partitions, definition });
  const chance = { newAttempt: randomUUID, jitter: () => systemRandom.next() };
  const deliveryResults = getDeliveryResults({ store, partitions });
  const linkKey = await get(c, SECRETS).get(LINK_KEY);
  const inboxes = inboxFlows(c, { ...options, ledgers, linkKey });
  const rpcs = notificationRpcs({ deliveryResults, ...inboxes, ...(channels.outbox && { mailBox: channels.outbox }) });
  jsonDoor(app, rpcs, () => tenant, telemetry);
  const endStreams = inboxLiveRoute(app, { watch: inboxes.watchInbox, stopwatch });
  const links = linkSigner(linkKey);
  unsubscribeRoutes(app, { links, unsubscribe: unsubscribe({ links, recordConsent, clock }), configuration });
  const clicks = clickSealer(linkKey);
  const events = () => configuration().events;
  clickRoutes(app, { follow: followClick({ links: clicks, log, clock, stopwatch, events }), shop: () => configuration().shop });
  const unsubscribeUrl: UnsubscribeUrl = (link) => {
    const publicUrl = options.publicUrl?.();
    return publicUrl === undefined ? undefined : unsubscribeUrlOf(publicUrl, links.tokenOf(link));
  };
  const clickUrl: ClickUrl = (link) => {
    const publicUrl = options.publicUrl?.();
    return publicUrl === undefined || !URL.canParse(link.target) ? undefined : clickUrlOf(publicUrl, clicks.tokenOf(link));
  };

  await processor.start();
  const ports = {
    log,
    clock,
    stopwatch,
    telemetry,
    ring,
    ledgers,
    templates,
    locale: intlLocale,
    getProfile,
    getConsent,
    configuration,
    channels: channels.byName,
    unsubscribeUrl,
    clickUrl,
    ...chance,
  };
  const delivering = await followDecisions(ports);
  const telling = await tellFacts({ log, clock, telemetry, recordFact, events });
  const forwarding = await forwardFacts({ log, clock, stopwatch, telemetry, policy: () => configuration().delivery });
  const stop = async (graceMs: number): Promise<void> => {
    endStreams();
    await delivering.stop(graceMs);
    await telling.stop(graceMs);
    await Promise.all(forwarding.map((one) => one.stop(graceMs)));
    await processor.stop(graceMs);
    await templates.close();
    for (const channel of channels.byName.values()) await channel.close();
  };
  const ledger = { topic: DELIVERIES_TOPIC, status: () => processor.status(), standing: () => processor.standing(), look: () => processor.look() };
  return { processors: [...forwarding, delivering, telling, ledger], deliveryResults, rpcs, stop };
}

/** What is done with inboxes. */
function inboxFlows(
  c: Container,
  { ring, configuration, getProfile, isErased, ledgers, linkKey }: NotificationOptions & { ledgers: LedgerReader; linkKey: Uint8Array },
) {
  const [log, clock, grants] = [get(c, EVENT_LOG), get(c, CLOCK), inboxGrants(linkKey)];
  const purpose = (): string => {
    const purposes = Object.entries(configuration().purposes);
    return (purposes.find(([, { basis }]) => basis === 'contract') ?? purposes[0])?.[0] ?? '';
  };
  const ports = { inboxOf: inboxOf({ grants, clock }), ledgers, ring, clock, log, isErased };
  return {
    openInbox: openInbox({ grants, clock, getProfile, purpose }),
    listInbox: listInbox(ports),
    markRead: markRead(ports),
    noteClick: noteClick(ports),
    watchInbox: watchInbox(ports),
  };
}

/** The messages that a configuration names, each once. */
export const messagesOf = ({ offers, campaigns }: Configuration): readonly string[] => [
  ...new Set([
    ...offers.map(({ message }) => message),
    ...campaigns.flatMap(({ message, variants }) => [{ message }, ...variants].flatMap((one) => one.message ?? [])),
  ]),
];

const senderOf = ({ configuration, mailFrom = 'shop@example.com' }: NotificationOptions) => ({
  name: configuration().shop.name,
  address: mailFrom,
});
