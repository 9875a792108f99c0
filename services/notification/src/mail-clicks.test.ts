import type { GetMailResponse } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(() => {
  world = new NotificationWorld();
});
afterEach(() => world.end());

const NOON = '2026-06-01T12:00:00Z';
const PUBLIC = 'https://shop.example/attune';
const TARGET = 'https://giftbarn.example/welcome-back?decision=d1';
const service = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, channels: ['email'] };
const mailed = async (id: string): Promise<GetMailResponse> => {
  await until(async () => (await world.deliveries()).includes(`${id} SENT`));
  const mail = (await world.mails()).find(({ decisionId }) => decisionId === id);
  return world.call<GetMailResponse>('OutboxService/GetMail', { id: mail?.id });
};
const linksIn = (part: string): readonly string[] => [...part.matchAll(/https:\/\/shop\.example\/attune(\/c\/[\w-]+)/g)].map(([, path = '']) => path);
const promoted = async (): Promise<string> => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', { hops: 1 }));
  return linksIn((await mailed('d1')).text)[0] ?? '';
};
const follow = (url: string, headers: Readonly<Record<string, string>> = {}, method: 'GET' | 'HEAD' = 'GET') => world.app.inject({ method, url, headers });

test('the links of a promotion lead through Attune in both parts, the one to unsubscribe does not, and those of a message of service neither', async () => {
  await world.begin(NOON);
  const link = await promoted();
  const { html, text, source } = await mailed('d1');
  expect(new Set(linksIn(html))).toEqual(new Set([link]));
  expect(`${html}${text}`).not.toContain('giftbarn.example');
  expect(html).toContain(`href="${PUBLIC}/unsubscribe/`);
  expect(text).toContain(`${PUBLIC}/unsubscribe/`);
  expect(source).not.toContain('giftbarn.example/welcome-back');
  await world.decide(world.decision('d2', 'ada', service));
  expect(linksIn((await mailed('d2')).html)).toEqual([]);
});

test('a click leads on at once and is one event, however often it is made, also over a start', async () => {
  await world.begin(NOON);
  const link = await promoted();
  for (let time = 0; time < 3; time++) {
    const { statusCode, headers } = await follow(link, { 'user-agent': 'Mozilla/5.0 (Macintosh)' });
    expect([statusCode, headers.location, headers['referrer-policy']]).toEqual([302, TARGET, 'no-referrer']);
  }
  await until(() => world.idle());
  const clicked = expect.stringMatching(/^ada Promotion Clicked m_[\w-]{22}\/clicked\/\d$/);
  expect(world.facts).toEqual([clicked]);
  expect(world.told[0]).toMatchObject({ leaf: 'leaf-of-ada', fact: { hops: 1, causes: ['d1'], properties: { promotion_id: 'd1', channel: 'email' } } });
  await world.service?.stop(0);
  await world.app.close();
  await world.start();
  await follow(link);
  await until(() => world.idle());
  // The resolver knows the repeat by its id.
  expect(new Set(world.facts).size).toBe(1);
});

test('the click is the event that the configuration gives the role, under the field that it names for the decision, and the inbox alike', async () => {
  world.document = world.document.replace(
    'Promotion Clicked: { role: click, decision: promotion_id }',
    'Banner Followed: { role: click, decision: answer_to }',
  );
  world.document = world.document.replace('count: Promotion Clicked', 'count: Banner Followed');
  await world.begin(NOON);
  await follow(await promoted());
  await until(async () => world.told.length === 1);
  expect(world.told[0]?.fact).toMatchObject({ name: 'Banner Followed', properties: { answer_to: 'd1' } });
});

test('who only asks, loads ahead or says to be a machine is led on and not counted', async () => {
  await world.begin(NOON);
  const link = await promoted();
  const machines: readonly (readonly ['GET' | 'HEAD', Readonly<Record<string, string>>])[] = [
    ['HEAD', {}],
    ['GET', { purpose: 'prefetch' }],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { 'x-moz': 'prefetch' }],
    ['GET', { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' }],
    ['GET', { 'user-agent': 'Slackbot-LinkExpanding 1.0' }],
    ['GET', { 'user-agent': 'facebookexternalhit/1.1' }],
  ];
  for (const [method, headers] of machines) expect((await follow(link, headers, method)).headers.location).toBe(TARGET);
  await until(() => world.idle());
  expect(world.facts).toEqual([]);
});

test('a token that was not made here leads nowhere', async () => {
  await world.begin(NOON);
  const link = await promoted();
  for (const path of [
    `${link}x`,
    link.slice(0, -1),
    '/c/',
    '/c/https://evil.example',
    '/c/%2e%2e',
    `/c/${Buffer.from('["https://evil.example"]').toString('base64url')}`,
  ]) {
    const { statusCode, headers } = await follow(path);
    expect({ path, statusCode, location: headers.location }).toEqual({ path, statusCode: 404, location: undefined });
  }
});

test('where the log is away the customer gets to the shop all the same', async () => {
  await world.begin(NOON);
  const link = await promoted();
  const append = world.log.append.bind(world.log);
  world.log.append = async () => Promise.reject(new AttuneError('LOG_UNAVAILABLE'));
  expect((await follow(link)).headers.location).toBe(TARGET);
  world.log.append = append;
  await follow(link);
  await until(async () => world.facts.length === 1);
});

test('the setting, and an address that nobody reaches, leave links as the template has them', async () => {
  world.document = world.document.replace('stop_everything: false', 'count_clicks: false\n  stop_everything: false');
  await world.begin(NOON);
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  expect((await mailed('d1')).html).toContain(`href="${TARGET}"`);
});

test('where nobody reaches the process links stay as they are', async () => {
  world.publicUrl = undefined;
  await world.begin(NOON);
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  const { html, text } = await mailed('d1');
  expect(html).toContain(`href="${TARGET}"`);
  expect(text).toContain(TARGET);
});

test('a mail that a server took has the same links, whole, in both parts', async () => {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        mails.push(Buffer.concat(pieces).toString('latin1'));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await world.begin(NOON);
  await world.service?.stop(0);
  await world.app.close();
  const address = server.server.address();
  await world.start(`smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => mails.length === 1);
  const plain = (mails[0] ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
  const links = linksIn(plain);
  expect([links.length, new Set(links).size]).toEqual([2, 1]);
  expect((await follow(links[0] ?? '')).headers.location).toBe(TARGET);
});
