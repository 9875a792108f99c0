import { randomBytes } from 'node:crypto';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { afterEach, expect, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { count, decided, delivered, introduce, outcomes, whereabouts } from '../apart/shop-facts.ts';
import { type ExportedSpan, openTraceCollector } from '../apart/trace-collector.ts';
import { eventually } from './attune-process.ts';

const CUSTOMERS = 8;
const AUTHORIZATION = `Basic ${Buffer.from('demo:').toString('base64')}`;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Sends an order within a span of the shop's own; answers that span's traceparent. */
async function tracedOrder(four: FourServices, userId: string, sampled: boolean): Promise<string> {
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${sampled ? '01' : '00'}`;
  const body = { userId, event: 'Order Completed', properties: { order_id: userId, total: 24.5, products: [] } };
  const headers = { authorization: AUTHORIZATION, traceparent };
  const answer = await fetch(`${four.services.ingestion.address}/v1/track`, { method: 'POST', body: JSON.stringify(body), headers });
  expect(answer.status).toBe(200);
  return traceparent;
}

/** Resolves once each customer has a decision and each message its end; answers how many were sent. */
async function settled(four: FourServices): Promise<number> {
  const decisions = await eventually(
    () => decided(four),
    (it) => outcomes(it) >= CUSTOMERS,
  );
  const deliveries = await eventually(
    () => delivered(four),
    (it) => whereabouts(it) >= count(decisions.offered),
  );
  return count(deliveries.sent);
}

/** Each span of a trace with those above it, the first one last. */
function pathsIn(spans: readonly ExportedSpan[]): ReadonlySet<string> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const named = ({ service, name, attributes }: ExportedSpan): string =>
    [service, name, attributes['attune.processor'] ?? attributes['attune.method'] ?? ''].join(' ').trim();
  const path = (span: ExportedSpan): string => {
    const above = byId.get(span.parentSpanId ?? '');
    return above === undefined ? `${named(span)} < ${span.parentSpanId ?? 'nothing'}` : `${named(span)} < ${path(above)}`;
  };
  return new Set(spans.map(path));
}

test('one trace holds an order from the door to the mail, through four processes, over Kafka and gRPC', { timeout: 150_000 }, async () => {
  const mail = await openMailServer();
  ends.push(() => mail.close());
  const collector = await openTraceCollector();
  ends.push(() => collector.close());
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ATTUNE_TRACE_SHARE: '0', ATTUNE_LOG_LEVEL: 'debug' };
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url, settings });
  ends.push(() => four.remove());
  await four.start();
  const orders: string[] = [];
  for (let i = 0; i < CUSTOMERS; i++) {
    await introduce(four, `user-${i}`);
    orders.push(await tracedOrder(four, `user-${i}`, i > 0));
  }
  const sent = await settled(four);
  expect(sent).toBeGreaterThan(1);
  for (const service of four.all) expect((await service.end('SIGTERM'))?.code, service.said).toBe(0);

  const traces = Map.groupBy(collector.spans, ({ traceId }) => traceId);
  // What is not sampled by the shop is not traced, and what the share leaves out neither: the introductions.
  expect([...traces.keys()].toSorted()).toEqual(orders.slice(1).map(traceIdOf).toSorted());
  const mailed = orders.filter((order) => traces.get(traceIdOf(order))?.some(({ name }) => name === 'channel send'));
  expect(mailed.length).toBeGreaterThanOrEqual(sent - 1);
  for (const order of mailed) {
    const resolver = `attune-ingestion record fold identities < attune-ingestion door publish track < ${order.slice(36, 52)}`;
    const decision = `attune-scoring record fold decisions < attune-feature-store record fold profiles < ${resolver}`;
    const delivery = `attune-notification delivery try < ${decision}`;
    const call = 'attune.features.v1.FeatureStoreService/GetProfile';
    const paths = pathsIn(traces.get(traceIdOf(order)) ?? []);
    for (const path of [
      `attune-notification record fold deliveries < ${decision}`,
      `attune-notification channel send < ${delivery}`,
      `attune-feature-store rpc serve ${call} < attune-notification rpc call ${call} < ${delivery}`,
    ])
      expect(paths).toContain(path);
  }
  for (const { name, said } of four.all)
    expect(linesIn(said), name).toEqual(
      said
        .trim()
        .split('\n')
        .map(() => `attune-${name}`),
    );
  const told = [...collector.bodies, ...four.all.map(({ said }) => said)].join('\n');
  expect(['user-', '@example.com', 'Ann '].filter((personal) => told.includes(personal))).toEqual([]);
});

const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/** Of each line of a log, the service that it names; what is no line of a log is answered as it is. */
const linesIn = (said: string): readonly string[] =>
  said
    .trim()
    .split('\n')
    .map((line) => {
      try {
        const { level, time, service, message } = JSON.parse(line) as Readonly<Record<string, unknown>>;
        return [level, time, service, message].every((part) => typeof part === 'string' && part !== '') ? String(service) : line;
      } catch {
        return line;
      }
    });
