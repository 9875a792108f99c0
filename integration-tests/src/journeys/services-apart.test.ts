import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import { rpcClient } from '@attune/grpc/client';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { afterEach, expect, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { messageIdsOf, openMailServer } from '../apart/mail-server.ts';
import { count, decided, delivered, introduce, order, ordersOf, outcomes, whereabouts } from '../apart/shop-facts.ts';
import { eventually } from './attune-process.ts';

const CUSTOMERS = 30;
const LATER = 4;
const STOP_MS_MAX = 10_000;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Resolves once each of so many customers has a decision and each offer has come to its end; answers how many mails were sent. */
async function settled(four: FourServices, customers: number): Promise<number> {
  const decisions = await eventually(
    () => decided(four),
    (it) => count(it.entered) >= customers && outcomes(it) >= customers,
  );
  expect([count(decisions.entered), outcomes(decisions)]).toEqual([customers, customers]);
  const deliveries = await eventually(
    () => delivered(four),
    (it) => whereabouts(it) >= count(decisions.offered),
  );
  expect(whereabouts(deliveries)).toBe(count(decisions.offered));
  return count(deliveries.sent);
}

/** What a call asks for is recorded and explained; it is no message. */
async function decideAndExplain(four: FourServices, userId: string): Promise<void> {
  const client = rpcClient(four.grpc.scoring, ScoringServiceService, { deadlineMs: 10_000 });
  ends.push(() => client.close());
  const request = { subject: { id: { $case: 'userId' as const, value: userId } }, campaign: 'welcome_back', requestId: `r-${userId}` };
  const { decision } = await client.calls.decide(request);
  expect((await client.calls.decide(request)).decision?.id).toBe(decision?.id);
  const explained = await eventually(
    () => client.calls.explainDecision({ decisionId: decision?.id ?? '' }),
    () => true,
  );
  expect(explained).toMatchObject({ identical: true, decision: { id: decision?.id } });
  expect(explained.sentences.length).toBeGreaterThan(1);
}

test('four processes over Kafka and Redis turn orders into mails, stop within their grace, and go on after a start', { timeout: 150_000 }, async () => {
  const mail = await openMailServer();
  ends.push(() => mail.close());
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url });
  ends.push(() => four.remove());
  await four.start();
  for (let i = 0; i < CUSTOMERS; i++) {
    await introduce(four, `user-${i}`);
    await order(four, `user-${i}`, `o-${i}`);
  }
  const sent = await settled(four, CUSTOMERS);
  expect(sent).toBeGreaterThan(0);
  expect(mail.mails.length).toBe(sent);
  expect(new Set(messageIdsOf(mail.mails)).size).toBe(sent);
  await decideAndExplain(four, 'user-0');
  for (const service of four.all) {
    const ending = await service.end('SIGTERM');
    expect(ending?.code, `${service.name}: ${service.said}`).toBe(0);
    expect(ending?.afterMs).toBeLessThan(STOP_MS_MAX);
  }
  await four.start();
  for (let i = CUSTOMERS; i < CUSTOMERS + LATER; i++) {
    await introduce(four, `user-${i}`);
    await order(four, `user-${i}`, `o-${i}`);
  }
  const sentInAll = await settled(four, CUSTOMERS + LATER);
  expect(mail.mails.length).toBe(sentInAll);
  expect(new Set(messageIdsOf(mail.mails)).size).toBe(sentInAll);
  expect(await ordersOf(four, 'user-1')).toBe(1);
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
