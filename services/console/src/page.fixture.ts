import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import {
  GetDeliveryResultsResponse,
  GetMailResponse,
  type InboxMessage,
  ListMailsResponse,
  MailSummary,
} from '@attune/contracts/messages/notification/v1/notification';
import { ExplainDecisionResponse, GetCampaignResultsResponse, RecommendationReason, RecommendResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import { speakPlainly } from '@attune/grpc/http-errors';
import { systemStopwatch } from '@attune/runtime/world';
import { fastify } from 'fastify';
import type { Entry } from './domain/entry.ts';
import { addEntry, emptyModel, type ReadModel } from './domain/read-model.ts';
import { experiment } from './page-experiment.fixture.ts';
import { inboxRoutes, letter } from './page-inbox.fixture.ts';
import { rules, segmentRoutes } from './page-segments.fixture.ts';
import type { ConsoleStatus } from './ports.ts';
import { consoleRoutes } from './transport/http.ts';
import { liveRoute } from './transport/live.ts';
import { pageRoutes } from './transport/page.ts';

/** A process as the page sees it, with answers that stand still but for the stream. */
export interface PageWorld {
  readonly url: string;
  readonly model: ReadModel;
  /** The inbox of every customer, newest first; what is put in shows on the page. */
  readonly letters: InboxMessage[];
  /** Stops as a killed process does. */
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 2, 14, 12, 4);

/** Serves the built page and canned answers; port 0 takes a free one. `story` false: nothing has happened yet. */
export async function pageWorld(assetsFolder: string, { port = 0, story = true } = {}): Promise<PageWorld> {
  const app = fastify({ forceCloseConnections: true });
  speakPlainly(app);
  const model = emptyModel();
  if (story) tell(model);
  const letters = story ? [letter('m_1', 'A thank-you from Gift Barn')] : [];
  const status = async (): Promise<ConsoleStatus> => ({ ...told, eventsPerSecond: story ? 214 : 0, rejected: model.rejected });
  const forgetErased = async (): Promise<void> => {};
  consoleRoutes(app, model, { status, forgetErased });
  const endStreams = liveRoute(app, model, { status, stopwatch: systemStopwatch, forgetErased });
  await pageRoutes(app, assetsFolder);
  app.post('/attune.features.v1.FeatureStoreService/GetProfile', async ({ body }) =>
    GetProfileResponse.toJSON(profileFor(GetProfileRequest.fromJSON(JSON.parse(String(body))).purpose)),
  );
  app.post('/attune.scoring.v1.ScoringService/ExplainDecision', async () => ExplainDecisionResponse.toJSON(explained));
  app.post('/attune.scoring.v1.ScoringService/Recommend', async () => RecommendResponse.toJSON(recommended));
  app.post('/attune.scoring.v1.ScoringService/GetCampaignResults', async () =>
    GetCampaignResultsResponse.toJSON(story ? campaigns : GetCampaignResultsResponse.fromPartial({})),
  );
  app.post('/attune.notification.v1.NotificationService/GetDeliveryResults', async () => GetDeliveryResultsResponse.toJSON(deliveries));
  app.post('/attune.notification.v1.OutboxService/ListMails', async () =>
    ListMailsResponse.toJSON(ListMailsResponse.fromPartial(story ? { mails, total: 928n } : {})),
  );
  app.post('/attune.notification.v1.OutboxService/GetMail', async () => GetMailResponse.toJSON(mail));
  segmentRoutes(app, { nowMs: NOW_MS, story });
  inboxRoutes(app, letters);
  app.server.listen(port, '127.0.0.1');
  await app.ready();
  if (!app.server.listening) await once(app.server, 'listening');
  const { port: taken } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    model,
    letters,
    close: async () => {
      endStreams();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

const told: ConsoleStatus = {
  clockMs: NOW_MS,
  replay: { fromMs: NOW_MS - 260 * DAY_MS, toMs: NOW_MS + 100 * DAY_MS, atMs: NOW_MS, publishedEvents: 21_340, totalEvents: 30_000, done: false },
  eventsPerSecond: 214,
  lag: 12,
  rejected: 1,
  pid: 4711,
  madeUp: ['traits.email', 'traits.name'],
  madeUpOf: '^1\\d{4}$',
  version: '0.1.0',
  shop: 'Gift Barn',
  currency: 'GBP',
  timeZone: 'Europe/London',
  ...{ recommenders: ['also_bought'], rules },
};

const NAMES = ['Order Completed', 'Product Viewed', 'Order Cancelled', 'Promotion Clicked'] as const;

function tell(model: ReadModel): void {
  const second = Math.floor(systemStopwatch.elapsedMs() / 1_000);
  for (let i = 0; i < 6_000; i++) {
    const name = NAMES[i % 19 === 0 ? 2 : i % 11 === 0 ? 3 : i % 3 === 0 ? 0 : 1];
    const age = Math.floor(60 * ((i * 0.618) % 1) ** (i % 2 === 0 ? 1 : 1.2));
    const profileId = `p_${(i * 7) % 40}`;
    const atMs = NOW_MS - Math.floor((260 - 40 * Math.sin(i / 900)) * DAY_MS * (1 - i / 6_000));
    const fields = name === 'Product Viewed' ? { product_id: String(21_000 + (i % 90)) } : { order_id: `${536_000 + i}`, total: 20 + ((i * 37) % 300) + 0.2 };
    addEntry(
      model,
      {
        kind: 'event',
        id: `event/${i}`,
        atMs,
        profileId,
        customer: String(13_085 + ((i * 7) % 40)),
        name: name ?? '',
        lines: name === 'Order Completed' ? 1 + (i % 15) : 0,
        fields,
      },
      second - age,
    );
  }
  for (const entry of newest) addEntry(model, entry);
  model.roles.set('Order Completed', 'purchase').set('Order Cancelled', 'cancellation');
}

const base = (id: string, minutesAgo: number) => ({ id, atMs: NOW_MS - minutesAgo * 60_000, profileId: 'p_0', customer: '13085' });
const decided = { decisionId: 'd_7f3a', campaign: 'welcome_back', offer: 'second_order_10' };

const newest: readonly Entry[] = [
  {
    ...base('r1', 6),
    kind: 'rejected',
    profileId: '',
    customer: '',
    code: 'FIELD_MISSING',
    field: 'properties.order_id',
    reason: 'missing',
    fix: 'Send the field that the answer names.',
    source: 'app',
  },
  { ...base('s1', 5), kind: 'entered', segment: 'first_timer' },
  { ...base('c1', 5), kind: 'consent', purposes: { marketing: true } },
  { ...base('d1', 4), kind: 'decided', ...decided, outcome: 'OFFER', message: 'second-order', explored: false },
  { ...base('m1', 3), kind: 'delivery', deliveryId: 'm1', ...decided, channel: 'email', state: 'HELD', reason: 'QUIET_HOURS', untilMs: NOW_MS + 4 * 3_600_000 },
  { ...base('m2', 2), kind: 'delivery', deliveryId: 'm1', ...decided, channel: 'email', state: 'SENT', reason: '', untilMs: 0 },
  { ...base('s2', 1), kind: 'left', segment: 'first_timer' },
  { ...base('d2', 0), kind: 'decided', ...decided, outcome: 'HELD_OUT', offer: '', message: '', explored: false },
];

const minutes = (n: number): bigint => BigInt(NOW_MS - n * 60_000);
const num = (name: string, value: number, ago: number): NamedValue =>
  NamedValue.fromPartial({ name, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind: { $case: 'number', value } }, eventTimeMs: minutes(ago) });
const text = (name: string, value: string): NamedValue =>
  NamedValue.fromPartial({ name, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind: { $case: 'text', value } }, eventTimeMs: minutes(900) });
const withheld = (name: string): NamedValue => NamedValue.fromPartial({ name, status: ValueStatus.VALUE_STATUS_WITHHELD });

const values = [
  num('orders', 7, 2),
  num('orders_90d', 4, 2),
  NamedValue.fromPartial({
    name: 'spend_90d',
    status: ValueStatus.VALUE_STATUS_PRESENT,
    value: { kind: { $case: 'money', value: { minor: 161_020n, currency: 'GBP' } } },
    eventTimeMs: minutes(2),
  }),
  num('days_since_order', 3, 4_320),
  NamedValue.fromPartial({ name: 'usual_gap_days', status: ValueStatus.VALUE_STATUS_MISSING }),
];

function profileFor(purpose: string): GetProfileResponse {
  const isOpen = purpose !== 'personalise';
  return GetProfileResponse.fromPartial({
    profileId: 'p_0',
    features: purpose === 'service' ? values.map(({ name }) => withheld(name)) : values,
    traits: [
      text('traits.country', 'United Kingdom'),
      isOpen ? text('traits.email', 'ada@example.com') : withheld('traits.email'),
      isOpen ? text('traits.name', 'Ada L.') : withheld('traits.name'),
    ],
    segments: ['first_timer', 'vip'],
    consent: { service: true, personalise: true, marketing: false },
    position: { topic: 'attune.activity.v1', partition: 2, offset: 5_412n },
    nowMs: BigInt(NOW_MS),
    events: 31n,
  });
}

const explained = ExplainDecisionResponse.fromPartial({
  identical: true,
  replayedFrom: 'record',
  sentences: [
    'second_order_10 won: an acceptance is worth £12.00, it is accepted with a chance of 0.38, and it costs £3.00.',
    'we_miss_you_15 was not eligible: the customer is not in lapsing.',
    'Had orders been 2, your_favourites would have been eligible.',
  ],
  decision: {
    id: 'd_7f3a',
    profileId: 'p_0',
    campaign: 'welcome_back',
    cause: 'p_0/2/5412/first_timer',
    nowMs: BigInt(NOW_MS - 240_000),
    configurationVersion: 'b2f1c0de77',
    runtimeVersion: '0.1.0',
    outcome: DecisionOutcome.DECISION_OUTCOME_OFFER,
    offer: 'second_order_10',
    message: 'second-order',
    propensity: 0.95,
    holdoutPlace: 0.6123,
    holdoutShare: 0.1,
    purpose: 'marketing',
    segments: ['first_timer'],
    values: [...values.slice(0, 4), withheld('traits.name')],
    candidates: [
      { offer: 'second_order_10', eligible: true, valueMinor: 1_200n, costMinor: 300n, propensity: 0.38, score: 156, probability: 0.95 },
      { offer: 'your_favourites', eligible: true, valueMinor: 800n, costMinor: 0n, propensity: 0.05, score: 40, probability: 0.05 },
      {
        offer: 'we_miss_you_15',
        valueMinor: 2_500n,
        costMinor: 900n,
        propensity: 0.05,
        exclusions: [{ reason: 'NOT_ELIGIBLE', detail: '"lapsing" in segments' }],
      },
    ],
  },
});

const recommended = RecommendResponse.fromPartial({
  items: [
    {
      id: '22423',
      title: 'REGENCY CAKESTAND',
      reason: RecommendationReason.RECOMMENDATION_REASON_BOUGHT_TOGETHER,
      becauseOf: '85123A',
      words: 'bought together with WHITE HANGING HEART',
    },
    { id: '84879', reason: RecommendationReason.RECOMMENDATION_REASON_POPULAR, words: 'popular' },
  ],
});

const campaigns = GetCampaignResultsResponse.fromPartial({
  campaigns: [
    { campaign: 'apology', entered: 214n, messaged: 214n },
    {
      campaign: 'welcome_back',
      entered: 1_210n,
      heldOut: 121n,
      offered: 1_024n,
      nothing: 41n,
      noConsent: 24n,
      treatedSettled: 980n,
      treatedReached: 187n,
      heldOutSettled: 112n,
      heldOutReached: 21n,
      goalEvent: 'Order Completed',
      goalWithinMs: BigInt(14 * DAY_MS),
      lift: 0.003,
      liftLow: -0.0727,
      liftHigh: 0.0787,
      ...experiment,
      offers: [
        { offer: 'second_order_10', sent: 611n, accepted: 102n, explored: 12n },
        { offer: 'we_miss_you_15', sent: 317n, accepted: 49n, explored: 9n },
      ],
    },
  ],
});

const deliveries = GetDeliveryResultsResponse.fromPartial({
  campaigns: [
    { campaign: 'apology', sent: 214n },
    { campaign: 'welcome_back', sent: 843n, held: 21n, notSent: { CAPPED: 96n, EXPIRED: 41n, NO_ADDRESS: 23n } },
  ],
});

const mails = Array.from({ length: 12 }, (_, i) =>
  MailSummary.fromPartial({
    id: `m${i}`,
    profileId: 'p_0',
    decisionId: 'd_7f3a',
    campaign: 'welcome_back',
    offer: 'second_order_10',
    to: `customer-${13_085 + i}@example.com`,
    subject: i % 3 === 0 ? 'Ten per cent off your second order' : 'Diskon sepuluh persen untuk pesanan kedua Anda',
    language: i % 3 === 0 ? 'en' : 'id',
    sentAtMs: minutes(2 + i * 40),
  }),
);

const mail = GetMailResponse.fromPartial({
  summary: mails[0],
  text: 'Hello Ada,\n\nten per cent off your second order.\n',
  source: 'From: Gift Barn <hello@example.com>\r\nTo: customer-13085@example.com\r\nSubject: Ten per cent off your second order\r\n\r\nHello Ada,',
  html: `<!doctype html><html><head><link href="https://fonts.example/css" rel="stylesheet"><style>@import url(https://fonts.example/css);
    body{margin:0;background:#f3efe7;font-family:Georgia,serif;color:#2b2b2b}main{max-width:560px;margin:24px auto;background:#fff;padding:32px}
    a{display:inline-block;background:#14532d;color:#fff;padding:12px 22px;text-decoration:none;border-radius:6px}</style></head>
    <body><main><h1>Thank you, Ada.</h1><p>Your first parcel is on its way. The second is <b>ten per cent off</b> until Sunday.</p><p><a href="https://example.com">See what is new</a></p>
    <p style="color:#777;font-size:12px">You get this because you agreed to hear of offers. Unsubscribe at any time.</p></main></body></html>`,
});
