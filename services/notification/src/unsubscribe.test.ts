import type { GetMailResponse } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

const SCANS = 1_000;
const URLENCODED = 'application/x-www-form-urlencoded';
const ONE_CLICK = { payload: 'List-Unsubscribe=One-Click', headers: { 'content-type': URLENCODED } };
const noted = (delivery: string): Promise<void> => until(async () => (await world.deliveries()).includes(delivery));
const mailed = async (id: string): Promise<GetMailResponse> => {
  await noted(`${id} SENT`);
  const mail = (await world.mails()).find(({ decisionId }) => decisionId === id);
  return world.call<GetMailResponse>('OutboxService/GetMail', { id: mail?.id });
};
const linkOf = ({ text }: GetMailResponse): string => /https:\/\/shop\.example\/attune(\/unsubscribe\/[\w.-]+)/.exec(text)?.[1] ?? '';
const service = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, channels: ['email'] };
const consent = (profileId: string) => world.customers.get(profileId)?.consent;

test('a promotion names its link in the header, in the page and in the plain part; a message of service has none', async () => {
  world.customer('siti', { language: 'id' });
  await world.decide(world.decision('d1', 'siti'), world.decision('d2', 'siti', service));
  const promotion = await mailed('d1');
  const link = linkOf(promotion);
  const unfolded = promotion.source.replaceAll('\r\n ', ' ');
  expect(unfolded).toContain(`\r\nList-Unsubscribe: <https://shop.example/attune${link}>\r\n`);
  expect(unfolded).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
  expect(promotion.html).toContain(`href="https://shop.example/attune${link}"`);
  expect(promotion.html).not.toContain('cukup balas');
  const apology = await mailed('d2');
  expect(`${apology.source}${apology.html}`).not.toMatch(/unsubscribe/i);
});

test('where nobody reaches the process, a promotion says how else to stop and has no header', async () => {
  world.publicUrl = undefined;
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  const { source, text } = await mailed('d1');
  expect(source).not.toMatch(/List-Unsubscribe|\/unsubscribe\//);
  expect(text).toContain('answer with the word “stop”');
});

type Scan = readonly [
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'OPTIONS' | 'PATCH' | 'POST',
  status: number,
  more: Pick<InjectOptions, 'payload' | 'headers'>,
];

/** What mail scanners, previews and curious people try. */
const scans: readonly Scan[] = [
  ['GET', 200, {}],
  ['HEAD', 200, {}],
  ['GET', 200, { headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' } }],
  ['GET', 200, { headers: { 'x-http-method-override': 'POST' } }],
  ['PUT', 404, ONE_CLICK],
  ['DELETE', 404, ONE_CLICK],
  ['PATCH', 404, ONE_CLICK],
  ['OPTIONS', 404, {}],
  ['POST', 400, {}],
  ['POST', 400, { payload: '', headers: { 'content-type': URLENCODED } }],
  ['POST', 400, { payload: 'List-Unsubscribe=Two-Clicks', headers: { 'content-type': URLENCODED } }],
  ['POST', 400, { payload: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'text/plain' } }],
  ['POST', 400, { payload: '{"List-Unsubscribe":"One-Click"}', headers: { 'content-type': 'application/json' } }],
  ['POST', 400, { payload: '--x', headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
];

test('a thousand tries of scanners, by whatever method and without the words of one click, see a page and change nothing', async () => {
  world.customer('siti', { language: 'id' });
  await world.decide(world.decision('d1', 'siti'));
  const url = linkOf(await mailed('d1'));
  await until(() => world.idle());
  const before = await world.deliveries();
  const tries = Array.from({ length: SCANS }, (_, scan) => scans[scan % scans.length] ?? expect.unreachable());
  const statuses = await Promise.all(tries.map(async ([method, , more]) => (await world.app.inject({ url, ...more, method })).statusCode));
  expect(statuses).toEqual(tries.map(([, status]) => status));
  expect(world.consentsRecorded).toBe(0);
  expect(await world.deliveries()).toEqual(before);
  const { headers, payload } = await world.app.inject({ method: 'GET', url });
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  expect(headers['set-cookie']).toBeUndefined();
  expect(payload).toContain('Gift Barn memakai data Anda untuk mengirimi Anda penawaran.');
  expect(payload.match(/<button>/g)).toHaveLength(1);
  expect(payload).not.toMatch(/<script|siti/);
}, 30_000);

test('one click ends promotions from the next send on, held ones too, and the apology still comes', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  const url = linkOf(await mailed('d1'));
  world.moveTo('2026-06-02T22:00:00Z');
  await world.decide(world.decision('d2', 'ada'));
  await noted('d2 HELD QUIET_HOURS');
  const oneClick = { method: 'POST' as const, url, ...ONE_CLICK };
  const multipart = {
    payload: '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  };
  const answers = [await world.app.inject(oneClick), await world.app.inject({ ...oneClick, ...multipart })];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect(answers[0]?.payload).toContain('You are unsubscribed');
  expect(answers[0]?.payload).toBe(answers[1]?.payload);
  expect(consent('ada')).toEqual({ service: true, marketing: false });
  expect(new Set(world.facts)).toEqual(new Set([expect.stringMatching(/^ada Unsubscribed m_[\w-]+\/unsubscribed$/)]));
  world.moveTo('2026-06-03T12:00:00Z');
  await world.decide(world.decision('d3', 'ada'), world.decision('d4', 'ada', service));
  await noted('d2 DROPPED NO_CONSENT');
  await noted('d3 DROPPED NO_CONSENT');
  await mailed('d4');
  expect((await world.mails()).map(({ decisionId }) => decisionId)).toEqual(['d4', 'd1']);
});

test('a link that was cut off or made up is answered 404 and takes back nothing, by whatever method', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  const url = linkOf(await mailed('d1'));
  const [said = '', signature = ''] = url.slice('/unsubscribe/'.length).split('.');
  const forged = Buffer.from(JSON.stringify(['default', 'eve', 'marketing', 'm', 'en'])).toString('base64url');
  for (const token of [
    said,
    `${said}.`,
    `${said}.${signature}x`,
    `${forged}.${signature}`,
    `${said}.${'A'.repeat(43)}`,
    '',
    '%00',
    '../x',
    'x'.repeat(2_000),
  ]) {
    for (const method of ['GET', 'POST'] as const) {
      const answer = await world.app.inject({ method, url: `/unsubscribe/${token}`, ...(method === 'POST' && ONE_CLICK) });
      expect({ token, method, status: answer.statusCode }).toEqual({ token, method, status: 404 });
    }
  }
  expect(world.consentsRecorded).toBe(0);
});

test('where consent cannot be confirmed the page says so, with its button', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  const url = linkOf(await mailed('d1'));
  for (const code of ['LOG_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'SUBJECT_UNKNOWN'] as const) {
    world.consentFault = new AttuneError(code);
    const { statusCode, payload } = await world.app.inject({ method: 'POST', url, ...ONE_CLICK });
    expect({ code, statusCode }).toEqual({ code, statusCode: 503 });
    expect(payload).toContain('<button>');
  }
});
