import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { Event, PublishEventsRequest, PublishEventsResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { AcceptedEvent } from '@attune/contracts/messages/log/v1/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, REJECTED } from '../container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const { path } = IngestionServiceService.publishEvents;
const order = (more: object = {}): object => ({ name: 'Order Completed', user_id: 'ada', properties: { order_id: 'o1', lines: [{ n: 1 }, null] }, ...more });
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

async function overJson(events: unknown, authorization: string | undefined = basic('demo')) {
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await world.app.inject({ method: 'POST', url: path, payload: JSON.stringify({ events }), headers });
  return {
    status: answer.statusCode,
    ...(answer.json() as { reason?: string; verdicts?: { accepted?: object; rejected?: { code: string; field: string } }[] }),
  };
}

async function overBytes(events: readonly Event[]) {
  const rpc = world.ingestion.rpcs.find((one) => one.path === path);
  const tenant = rpc?.tenantOf?.(basic('demo')) ?? 'none';
  const bytes = await rpc?.answerBytes(tenant, Buffer.from(PublishEventsRequest.encode({ events: [...events] }).finish()));
  return PublishEventsResponse.decode(bytes ?? new Uint8Array()).verdicts.map(({ verdict }) => verdict);
}

const accepted = async () => (await recordsOf(world, ACCEPTED)).map(({ value }) => AcceptedEvent.decode(value).record);

test('each event has its verdict, in order, and a refused one holds up no other', async () => {
  const { status, verdicts } = await overJson([
    order({ message_id: 'm1' }),
    order({ user_id: 'guest' }),
    order({ properties: {} }),
    { type: 'steal', user_id: 'a' },
  ]);
  expect(status).toBe(200);
  expect(verdicts?.[0]).toMatchObject({ accepted: { messageId: 'm1', position: { topic: ACCEPTED } } });
  expect(verdicts?.slice(1)).toMatchObject([
    { rejected: { code: 'IDENTIFIER_JUNK', field: 'userId', fix: expect.stringMatching(/\w/) } },
    { rejected: { code: 'FIELD_MISSING', field: 'properties.order_id' } },
    { rejected: { code: 'EVENT_MALFORMED', field: 'type' } },
  ]);
  expect([(await recordsOf(world, ACCEPTED)).length, (await recordsOf(world, REJECTED)).length]).toEqual([1, 3]);
});

test('an event as a message is the event as JSON, its times included', async () => {
  const sentAt = new Date(world.nowMs - 60_000);
  const timestamp = new Date(world.nowMs - 120_000);
  await overJson([order({ timestamp, sent_at: sentAt, message_id: 'm' })]);
  await overBytes([
    Event.fromPartial({ name: 'Order Completed', userId: 'ada', messageId: 'm', timestamp, sentAt, properties: { order_id: 'o1', lines: [{ n: 1 }, null] } }),
  ]);
  const [one, other] = await accepted();
  expect(other).toEqual(one);
  expect(one?.$case === 'event' && one.value.timestampMs).toBe(BigInt(world.nowMs - 60_000));
});

test('traits of a customer and a visitor without a name arrive', async () => {
  await overBytes([Event.fromPartial({ type: 'identify', anonymousId: 'v1', traits: { country: 'ID' } })]);
  expect((await accepted())[0]).toMatchObject({ $case: 'event', value: { openJson: '{"country":"ID"}' } });
});

test('the write key is asked for on both doors, and nothing else stands for it', async () => {
  const rpc = world.ingestion.rpcs.find((one) => one.path === path);
  for (const authorization of [undefined, basic('wrong'), 'Bearer demo', '', 'Basic']) {
    expect(() => rpc?.tenantOf?.(authorization)).toThrow(expect.objectContaining({ code: 'WRITE_KEY_UNKNOWN' }));
    if (authorization !== undefined) expect(await overJson([order()], authorization)).toMatchObject({ status: 401, reason: 'WRITE_KEY_UNKNOWN' });
  }
  expect((await world.app.inject({ method: 'POST', url: path, payload: '{}' })).statusCode).toBe(401);
});

test('what is no request, or too much of it, is refused as a whole', async () => {
  expect(await overJson([order({ timestamp: 'soon' })])).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
  expect(await overJson([order({ timestamp: 7 })])).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
  expect(await overJson([7])).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
  await expect(overBytes(Array.from({ length: 2_501 }, () => Event.fromPartial({})))).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' });
  const large = Event.fromPartial({ userId: 'ada', name: 'Order Completed', properties: { order_id: 'y'.repeat(30_000) } });
  await expect(overBytes(Array.from({ length: 18 }, () => large))).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' });
});

test('a time beyond the calendar, a number that is none and a nest are refused by the door', async () => {
  const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) });
  const events = [{ timestamp: new Date(8.64e15) }, { properties: { order_id: 'o', n: Number.NaN } }, { properties: nested(20) }];
  const verdicts = await overBytes(events.map((more) => Event.fromPartial({ name: 'Order Completed', userId: 'ada', properties: { order_id: 'o' }, ...more })));
  expect(verdicts.map((verdict) => verdict?.$case === 'rejected' && verdict.value.code)).toEqual([
    'TIMESTAMP_OUT_OF_RANGE',
    'NUMBER_NOT_FINITE',
    'EVENT_TOO_DEEP',
  ]);
});
