import { seededRandom } from '@attune/kernel/random';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { logOf } from '../apart/log-facts.ts';
import { mailReport } from '../apart/mail-report.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { settledMessages, settledProfiles } from '../apart/settled.ts';
import { streamShop, worthwhile } from '../apart/shop-stream.ts';

const STOP_MS_MAX = 10_000;
const ROUNDS = 2;

test('each service that is stopped twice under load ends in order within ten seconds, and nothing is lost, doubled or unknown', {
  timeout: 300_000,
}, async () => {
  const mail = await openMailServer();
  onTestFinished(() => mail.close());
  const where = { ...endpoints(), namespace: freshPrefix() };
  const log = logOf(where);
  onTestFinished(() => log.close());
  const four = await FourServices.in({ ...where, smtpUrl: mail.url, shop: worthwhile });
  onTestFinished(() => four.remove());
  await four.start();
  let going = true;
  const stream = streamShop(four, seededRandom('stopped'), () => going);
  const stops: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const service of four.all) {
        const before = mail.mails.length;
        const ending = await service.end('SIGTERM');
        expect([service.name, ending?.code, service.said]).toEqual([service.name, 0, service.said]);
        expect(ending?.afterMs, service.name).toBeLessThan(STOP_MS_MAX);
        stops.push(Math.round(ending?.afterMs ?? 0));
        await service.start();
        expect(mail.mails.length).toBeGreaterThanOrEqual(before);
      }
  } finally {
    going = false;
  }
  const published = await stream;

  const profileOf = await settledProfiles(four, published);
  const facts = await settledMessages(four, published, log);
  const { promotionsSentTwice, serviceSentTwice, unknown, unexplained, sent } = mailReport(mail.mails, facts);
  console.log(JSON.stringify({ customers: published.events.size, stopsInMs: stops, decisions: facts.decisions.size, mails: mail.mails.length }));
  expect(facts.decisions.size).toBe(profileOf.size);
  expect([...facts.decisions.values()].filter((ids) => ids.size !== 1)).toEqual([]);
  expect({ promotionsSentTwice, serviceSentTwice, unexplained, unknown: [...unknown.seen, ...unknown.unseen] }).toEqual({
    promotionsSentTwice: [],
    serviceSentTwice: [],
    unexplained: [],
    unknown: [],
  });
  expect(sent.size).toBeGreaterThan(0);
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
