import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { ReplayRejectedRequest, ReplayRejectedResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { AcceptedEvent, Activity, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { dayKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, ACTIVITY, EVENTS, REJECTED } from '../container.ts';
import { replayedEvents } from '../flows/replayed-events.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const CANARY = 'ada.lovelace@example.com';
const HOUR_MS = 3_600_000;
const { listRejected, getRejected, replayRejected } = IngestionServiceService;
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

interface Entry {
  readonly id: string;
  readonly code: string;
  readonly field?: string;
  readonly hasOriginal?: boolean;
}
interface Answer {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly rejected?: readonly Entry[];
  readonly nextPageToken?: string;
  readonly outcomes?: readonly { readonly id: string; readonly verdict: { readonly accepted?: { readonly messageId: string }; readonly rejected?: object } }[];
}

async function ask({ path }: { readonly path: string }, request: object, authorization = basic('demo')): Promise<Answer> {
  const answer = await world.app.inject({ method: 'POST', url: path, payload: JSON.stringify(request), headers: { authorization } });
  return { status: answer.statusCode, ...(answer.json() as object) };
}

async function codesOf(request: object): Promise<readonly string[]> {
  return ((await ask(listRejected, request)).rejected ?? []).map(({ code }) => code);
}

const track = (...bodies: object[]) =>
  world.ingestion.publish(
    'default',
    bodies.map((body) => ({ body, type: 'track' as const })),
  );
const shipped = (more: object = {}): object => ({ userId: CANARY, event: 'Order Shipped', properties: { carrier: 'x', note: CANARY }, ...more });
const declare = (): void => {
  const field = { type: 'string', required: true, personal: false, open: true } as const;
  world.contract = { ...world.contract, events: { ...world.contract.events, 'Order Shipped': { fields: { carrier: field } } } };
};
const accepted = async () =>
  (await recordsOf(world, ACCEPTED)).flatMap(({ value }) => {
    const { record } = AcceptedEvent.decode(value);
    return record?.$case === 'event' ? [record.value] : [];
  });
const counted = async () => (await recordsOf(world, ACTIVITY)).filter(({ value }) => Activity.decode(value).record !== undefined).length;
const onlyId = async (): Promise<string> => (await ask(listRejected, {})).rejected?.[0]?.id ?? 'none';

test('what was refused is listed newest first with code, field, reason and fix, and nothing of what was sent', async () => {
  const refused = [
    shipped(),
    { userId: CANARY, event: 'Order Completed', properties: { order_id: 7 } },
    { userId: CANARY, event: 'Order Completed', timestamp: `yesterday ${CANARY}`, properties: {} },
    { userId: CANARY, event: 'Order Completed', properties: { [CANARY]: { __proto__: null, constructor: 1 } } },
    { userId: CANARY, event: CANARY, properties: { list: Array(20).fill('y'.repeat(2_000)) } },
  ];
  for (const body of refused) {
    await track(body);
    world.nowMs += 1_000;
  }
  const answer = await ask(listRejected, {});
  expect(answer.rejected).toMatchObject([
    { code: 'EVENT_UNDECLARED', field: 'event' },
    { code: 'KEY_FORBIDDEN', field: 'properties', hasOriginal: true },
    { code: 'TIMESTAMP_INVALID', field: 'timestamp' },
    {
      code: 'FIELD_INVALID',
      field: 'properties.order_id',
      reason: expect.stringContaining('wrong type'),
      fix: expect.stringContaining('as its contract declares'),
      receivedAtMs: String(world.nowMs - 4_000),
      hasOriginal: true,
    },
    { code: 'EVENT_UNDECLARED', field: 'event' },
  ]);
  expect(answer.rejected?.[0]?.hasOriginal ?? false).toBe(false);
  expect(answer.nextPageToken ?? '').toBe('');
  expect(JSON.stringify(answer)).not.toMatch(/lovelace|example\.com/);
});

test('pages hold each one once while others arrive, and a code picks its own', async () => {
  for (let i = 0; i < 7; i++) {
    await track(i % 2 === 0 ? shipped({ messageId: `m${i}` }) : { userId: 'ada', event: 'Order Completed', messageId: `m${i}` });
    world.nowMs += 1_000;
  }
  const seen: Entry[] = [];
  let pageToken = '';
  do {
    const { rejected = [], nextPageToken = '' } = await ask(listRejected, { pageSize: 3, pageToken });
    expect(rejected.length).toBeLessThanOrEqual(3);
    seen.push(...rejected);
    pageToken = nextPageToken;
    await track(shipped());
  } while (pageToken !== '');
  expect(seen.map(({ code }) => code)).toEqual([...Array(3).fill(['EVENT_UNDECLARED', 'FIELD_MISSING']), 'EVENT_UNDECLARED'].flat());
  expect(new Set(seen.map(({ id }) => id)).size).toBe(7);
  expect(await codesOf({ code: 'FIELD_MISSING' })).toEqual(Array(3).fill('FIELD_MISSING'));
});

test('a code that is rare is found behind pages that hold none', async () => {
  await track({ userId: 'ada', event: 'Order Completed' });
  world.nowMs += 1_000;
  for (let i = 0; i < 3; i++) await track(...Array.from({ length: 900 }, () => shipped()));
  const first = await ask(listRejected, { code: 'FIELD_MISSING' });
  expect(first.rejected ?? []).toEqual([]);
  expect((await ask(listRejected, { code: 'FIELD_MISSING', pageToken: first.nextPageToken })).rejected).toMatchObject([{ code: 'FIELD_MISSING' }]);
});

test('one is opened as it came, with the kind that its path named', async () => {
  await track(shipped({ messageId: 'm1' }));
  const answer = (await ask(getRejected, { id: await onlyId() })) as Answer & { readonly originalJson: string };
  expect(answer).toMatchObject({ status: 200, rejected: { code: 'EVENT_UNDECLARED' } });
  expect(JSON.parse(answer.originalJson)).toEqual({ type: 'track', ...shipped({ messageId: 'm1' }) });
});

test('an event that the contract has come to know is accepted under its message id, counts once however often it is sent again, and happened when it did', async () => {
  const timestamp = new Date(world.nowMs - 2 * HOUR_MS).toISOString();
  await track(shipped({ messageId: 'm1', timestamp, sentAt: new Date(world.nowMs - HOUR_MS).toISOString() }));
  const happenedAtMs = world.nowMs - HOUR_MS;
  const id = await onlyId();
  world.nowMs += 5 * HOUR_MS;
  expect((await ask(replayRejected, { ids: [id] })).outcomes).toMatchObject([{ id, verdict: { rejected: { code: 'EVENT_UNDECLARED', field: 'event' } } }]);
  expect(await codesOf({})).toEqual(['EVENT_UNDECLARED']);
  declare();
  for (let time = 0; time < 2; time++)
    expect((await ask(replayRejected, { ids: [id] })).outcomes).toMatchObject([{ id, verdict: { accepted: { messageId: 'm1' } } }]);
  await track(shipped({ messageId: 'm1', timestamp: happenedAtMs }));
  await until(async () => (await recordsOf(world, ACTIVITY)).length === 2);
  expect(await counted()).toBe(1);
  expect((await accepted())[0]).toMatchObject({ messageId: 'm1', timestampMs: BigInt(happenedAtMs), receivedAtMs: BigInt(world.nowMs) });
});

test('one that its sender did not name, or gave no time, is named and dated by its refusal', async () => {
  await track(shipped());
  const [record] = await recordsOf(world, REJECTED);
  const refusedAtMs = world.nowMs;
  world.nowMs += 30 * HOUR_MS;
  declare();
  const ids = [await onlyId()];
  const bytes = Buffer.from(ReplayRejectedRequest.encode({ ids: [...ids, ...ids] }).finish());
  const rpc = world.ingestion.rpcs.find(({ path }) => path === replayRejected.path);
  const { outcomes } = ReplayRejectedResponse.decode((await rpc?.answerBytes('default', bytes)) ?? new Uint8Array());
  expect(outcomes.map(({ verdict }) => verdict?.verdict?.$case === 'accepted' && verdict.verdict.value.messageId)).toEqual([record?.key, record?.key]);
  expect((await accepted()).map(({ timestampMs }) => timestampMs)).toEqual([BigInt(refusedAtMs)]);
});

test('one that was accepted says so in the list, and is not sent once more when the resolver has long forgotten it, whichever process is asked', async () => {
  await track(shipped({ messageId: 'm1' }), shipped({ messageId: 'm2' }));
  declare();
  const ids = ((await ask(listRejected, {})).rejected ?? []).map(({ id }) => id);
  const first = await ask(replayRejected, { ids: ids.slice(0, 1) });
  world.nowMs += 30 * HOUR_MS;
  const restarted = replayedEvents({ log: world.log, clock: { nowMs: () => world.nowMs } });
  expect([...(await restarted.of('default')).keys()]).toEqual(ids.slice(0, 1));
  expect((await restarted.of('other')).size).toBe(0);
  expect((await ask(listRejected, {})).rejected).toMatchObject([{ id: ids[0], replayed: true }, { id: ids[1] }]);
  expect((await ask(getRejected, { id: ids[0] })) as object).toMatchObject({ rejected: { replayed: true } });
  expect((await ask(replayRejected, { ids: ids.slice(0, 1) })).outcomes).toEqual(first.outcomes);
  expect(await accepted()).toHaveLength(1);
});

test('one that came by the topic is sent again under the name of its place', async () => {
  await world.log.append('default', EVENTS, [{ key: 'k', value: Buffer.from(JSON.stringify({ type: 'track', ...shipped() })) }]);
  await until(async () => (await recordsOf(world, REJECTED)).length === 1);
  declare();
  const { outcomes } = await ask(replayRejected, { ids: [await onlyId()] });
  expect(outcomes?.[0]?.verdict.accepted?.messageId).toMatch(/^attune\.events\.v1\/\d\/0\/\d+$/);
});

test("what is not kept, older than 72 hours, another tenant's, or no id of this list is unknown, and holds up no other", async () => {
  await track(shipped({ messageId: 'old' }));
  const old = await onlyId();
  world.nowMs += 73 * HOUR_MS;
  await track(shipped({ messageId: 'm1' }), { ...shipped({ messageId: 'large' }), pad: Array(20).fill('y'.repeat(2_000)) });
  const foreign = RejectedEvent.encode(RejectedEvent.fromPartial({ code: 'FIELD_MISSING', receivedAtMs: BigInt(world.nowMs) })).finish();
  const headers = { type: 'attune.log.v1.RejectedEvent' };
  const [place] = await world.log.append('other', REJECTED, [{ key: 'k', value: foreign, headers }]);
  const [junk] = await world.log.append('default', REJECTED, [{ key: 'k', value: Uint8Array.of(255, 255), headers }]);
  const { rejected = [] } = await ask(listRejected, {});
  expect(rejected.map(({ code }) => code)).toEqual(['EVENT_UNDECLARED', 'EVENT_UNDECLARED']);
  const kept = rejected.find(({ hasOriginal }) => hasOriginal)?.id ?? '';
  const large = rejected.find(({ id }) => id !== kept)?.id ?? '';
  const unknown = [old, `${place?.partition}-${place?.offset}`, `${junk?.partition}-${junk?.offset}`, '0-99999', '9-0', '-1-0', 'x', ''];
  for (const id of unknown) expect(await ask(getRejected, { id })).toMatchObject({ status: 404, reason: 'REJECT_UNKNOWN' });
  expect(await ask(getRejected, { id: large })).toMatchObject({ status: 200, rejected: { id: large } });
  declare();
  const { outcomes } = await ask(replayRejected, { ids: [...unknown, large, kept] });
  expect(outcomes?.map(({ verdict }) => (verdict.accepted ? 'accepted' : (verdict.rejected as Entry).code))).toEqual([
    ...[...unknown, large].map(() => 'REJECT_UNKNOWN'),
    'accepted',
  ]);
});

test('one whose key was destroyed says so, and stays listed', async () => {
  await track(shipped());
  await world.keys.destroy('default', [dayKey(world.nowMs)]);
  world.elapsedMs += 60_001;
  const id = await onlyId();
  expect(await ask(getRejected, { id })).toMatchObject({ status: 410, reason: 'ERASED' });
  expect((await ask(replayRejected, { ids: [id] })).outcomes).toMatchObject([{ id, verdict: { rejected: { code: 'ERASED' } } }]);
});

test.each([
  ['listRejected', { pageSize: 101 }, /page_size/],
  ['listRejected', { pageSize: -1 }, /page_size/],
  ['listRejected', { pageToken: '1.2.3' }, /page_token/],
  ['listRejected', { pageToken: 'x.-1' }, /page_token/],
  ['listRejected', { code: 'FIELD_MISING' }, /code.*nearest is FIELD_MISSING/],
  ['listRejected', { code: CANARY }, /code is unknown; docs\/errors\.md/],
  ['replayRejected', {}, /ids/],
  ['replayRejected', { ids: Array(101).fill('0-0') }, /ids/],
] as const)('%s refuses %j and says which field', async (method, request, field) => {
  const answer = await ask(IngestionServiceService[method], request);
  expect(answer).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', message: expect.stringMatching(field) });
  expect(answer.message).not.toContain(CANARY);
});

test('the write key is asked for', async () => {
  for (const method of [listRejected, getRejected, replayRejected]) {
    expect(await ask(method, {}, basic('wrong'))).toMatchObject({ status: 401, reason: 'WRITE_KEY_UNKNOWN' });
    const rpc = world.ingestion.rpcs.find(({ path }) => path === method.path);
    expect(() => rpc?.tenantOf?.(undefined)).toThrow(expect.objectContaining({ code: 'WRITE_KEY_UNKNOWN' }));
  }
});
