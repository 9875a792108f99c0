import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED } from '../container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
const order = (more: object = {}): object => ({ type: 'track', userId: 'ada', event: 'Order Completed', properties: { order_id: 'o1' }, ...more });

async function post(url: string, body: unknown, headers: Record<string, string> = basic('demo')) {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const answer = await world.app.inject({ method: 'POST', url, payload, headers });
  return { status: answer.statusCode, ...(answer.json() as { reason?: string; success?: boolean; verdicts?: { success: boolean; reason?: string }[] }) };
}

test('one event is answered with its position', async () => {
  expect(await post('/v1/track', order({ messageId: 'm1' }))).toMatchObject({
    status: 200,
    success: true,
    messageId: 'm1',
    position: { topic: ACCEPTED, offset: 0 },
  });
  expect(await post('/v1/identify', { userId: 'ada', traits: { email: 'x' } })).toMatchObject({ status: 400, reason: 'FIELD_INVALID' });
});

test.each(['/v1/batch?verdicts=1', '/v1/b?verdicts=1'])('a batch to %s is answered with a verdict for each event', async (path) => {
  const batch = [order(), order({ userId: 'guest' }), 7, { userId: 'ada' }, { type: 'identify', userId: 'ada', anonymousId: null, traits: {} }];
  const answer = await post(path, { batch });
  expect(answer).toMatchObject({ status: 200, success: true });
  expect(answer.verdicts?.map(({ success, reason }) => reason ?? success)).toEqual([true, 'IDENTIFIER_JUNK', 'EVENT_MALFORMED', 'EVENT_MALFORMED', true]);
  expect(await recordsOf(world, ACCEPTED)).toHaveLength(2);
});

test('without being asked for verdicts a batch is answered as Segment does, whatever was refused of it', async () => {
  expect(await post('/v1/batch', { batch: [order(), 7] })).toEqual({ status: 200, success: true });
  expect(await post('/v1/b?verdicts=yes', { batch: [7] })).toEqual({ status: 200, success: true });
  expect(await recordsOf(world, ACCEPTED)).toHaveLength(1);
});

test.each([
  ['t', { event: 'Order Completed', properties: { order_id: 'o1' } }],
  ['i', { traits: {} }],
  ['p', {}],
  ['s', {}],
  ['g', { groupId: 'g' }],
  ['a', { previousId: 'b' }],
])('a browser may send to /v1/%s as text, with the write key in the body', async (letter, more) => {
  const headers = { 'content-type': 'text/plain', origin: 'https://shop.example' };
  expect(await post(`/v1/${letter}`, { ...more, userId: 'ada', writeKey: 'demo' }, headers)).toMatchObject({ status: 200, success: true });
  expect(await recordsOf(world, ACCEPTED)).toHaveLength(1);
});

test('the write key may stand in the body where there is no header, and only there', async () => {
  expect(await post('/v1/batch', { writeKey: 'demo', batch: [order()] }, {})).toMatchObject({ status: 200 });
  expect(await post('/v1/track', { ...order(), writeKey: 'demo' }, {})).toMatchObject({ status: 200 });
  expect(await post('/v1/track', { ...order(), writeKey: 'demo' }, basic('wrong'))).toMatchObject({ status: 401, reason: 'WRITE_KEY_UNKNOWN' });
  expect(await post('/v1/track', { ...order(), writeKey: 'wrong' }, {})).toMatchObject({ status: 401 });
  expect(await post('/v1/batch', { batch: [order()] }, {})).toMatchObject({ status: 401 });
  expect(await post('/v1/batch', { writeKey: 'demo', batch: [order()] }, { authorization: 'Bearer demo' })).toMatchObject({ status: 401 });
});

test('a gzip body is read by its header or its first bytes, whatever its content type', async () => {
  const zipped = gzipSync(JSON.stringify({ batch: [order()] }));
  expect(await post('/v1/batch', zipped, { ...basic('demo'), 'content-encoding': 'gzip', 'content-type': 'application/json' })).toMatchObject({ status: 200 });
  expect(await post('/v1/batch', zipped, { ...basic('demo'), 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({ status: 200 });
  expect(await post('/v1/track', gzipSync(JSON.stringify(order())))).toMatchObject({ status: 200 });
  expect(await post('/v1/batch', zipped.subarray(0, 20))).toMatchObject({ status: 400, reason: 'BODY_UNREADABLE' });
  expect(await post('/v1/batch', '{}', { ...basic('demo'), 'content-encoding': 'gzip' })).toMatchObject({ status: 400, reason: 'BODY_UNREADABLE' });
});

test('a small body that inflates beyond its bound is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
  expect(bomb.length).toBeLessThan(100_000);
  expect(await post('/v1/batch', bomb)).toMatchObject({ status: 413, reason: 'BATCH_TOO_LARGE' });
  expect(await post('/v1/track', gzipSync(JSON.stringify(order({ pad: ' '.repeat(33_000) }))))).toMatchObject({ status: 413, reason: 'EVENT_TOO_LARGE' });
});

test('a batch may have 2,500 events and no more, each of at most 32 KiB', async () => {
  const many = Array(2_500).fill(7);
  expect((await post('/v1/batch?verdicts=1', { batch: many })).verdicts).toHaveLength(2_500);
  expect(await post('/v1/batch', { batch: [...many, 7] })).toMatchObject({ status: 413, reason: 'BATCH_TOO_LARGE' });
  const large = order({ context: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [i, 'y'.repeat(8_000)])) });
  expect((await post('/v1/batch?verdicts=1', { batch: [large, order()] })).verdicts?.map(({ reason }) => reason)).toEqual(['EVENT_TOO_LARGE', undefined]);
});

test.each([[[]], [{}], [{ batch: {} }], [null], [7]])('the batch %j is malformed', async (body) => {
  expect(await post('/v1/batch', body)).toMatchObject({ status: 400, reason: 'BATCH_MALFORMED' });
});

test('an empty batch is a batch', async () => {
  expect(await post('/v1/batch?verdicts=1', { batch: [] })).toMatchObject({ status: 200, verdicts: [] });
});

test('the time at which a batch was sent sets the clock of its events right', async () => {
  const sentAt = new Date(world.nowMs + 3_600_000).toISOString();
  const wrong = order({ timestamp: new Date(world.nowMs + 90_000_000).toISOString() });
  expect((await post('/v1/batch?verdicts=1', { batch: [wrong] })).verdicts?.[0]?.reason).toBe('TIMESTAMP_OUT_OF_RANGE');
  expect((await post('/v1/batch?verdicts=1', { sentAt, batch: [wrong] })).verdicts?.[0]?.success).toBe(true);
});

test('the profile of an identifier is found with the write key alone', async () => {
  const path = '/attune.identity.v1.IdentityService/Resolve';
  expect(await post(path, { subject: { profile_id: 'p_a' } })).toMatchObject({ status: 200, profileId: 'p_a' });
  expect(await post(path, { subject: { user_id: 'nobody' } })).toMatchObject({ status: 404, reason: 'SUBJECT_UNKNOWN' });
  expect(await post(path, {})).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
  expect(await post(path, 'x')).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
  expect(await post(path, { subject: { profile_id: 'p_a' } }, {})).toMatchObject({ status: 401 });
});

test('every hostile body is answered with its code, also where names must be declared', async () => {
  const corpus = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../testdata/hostile/track.json'), 'utf8')) as {
    readonly title: string;
    readonly body?: string;
    readonly base64?: string;
    readonly code: string;
  }[];
  expect(corpus.length).toBeGreaterThan(40);
  for (const { title, body = '', base64, code } of corpus) {
    const { status, reason } = await post('/v1/track', base64 === undefined ? body : Buffer.from(base64, 'base64'));
    expect({ title, status, reason }).toEqual({ title, status: 400, reason: code });
  }
  expect(await recordsOf(world, ACCEPTED)).toEqual([]);
});

test('what a sender does wrong leaves no word in the log, and what breaks inside does', async () => {
  const wrong = order({ 'ada@example.com': { constructor: 1 } });
  expect(await post('/v1/track', wrong)).toMatchObject({ reason: 'KEY_FORBIDDEN' });
  await post('/v1/batch', { batch: [wrong] });
  await post('/v1/batch', []);
  await post('/v1/track', '{');
  await post('/v1/track', order(), {});
  await post('/attune.identity.v1.IdentityService/Resolve', { subject: { user_id: 'ada@example.com' } });
  expect(world.logged).toEqual([]);
  await world.log.close();
  expect(await post('/v1/track', order())).toMatchObject({ status: 503, reason: 'LOG_UNAVAILABLE' });
  expect(world.logged).toHaveLength(1);
});
