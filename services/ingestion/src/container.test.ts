import { AcceptedEvent, Activity, RejectedEvent, type Sealed } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { dayKey, subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, ACTIVITY, REJECTED } from './container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from './ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const EMAIL = 'ada.lovelace@example.com';
const anOrder = (more: object = {}): object => ({
  userId: EMAIL,
  event: 'Order Completed',
  properties: { order_id: 'o1', total: 12.5, note: `for ${EMAIL}`, [EMAIL]: true },
  ...more,
});
const publish = (...bodies: object[]) =>
  world.ingestion.publish(
    'default',
    bodies.map((body) => ({ body: { type: 'track', ...body } })),
  );
const activities = async () => (await recordsOf(world, ACTIVITY)).map(({ key, value }) => ({ key, ...Activity.decode(value) }));
const accepted = async () => (await recordsOf(world, ACCEPTED)).map(({ key, value }) => ({ key, ...AcceptedEvent.decode(value) }));
const untilActivities = (count: number) => until(async () => (await activities()).length >= count);
const opened = (sealed: Sealed | undefined, subject: string, id: string): unknown =>
  sealed && JSON.parse(Buffer.from(world.ring.open(sealed, { tenant: 'default', subject, id })).toString());

test('two events, one of them sent twice, become two activities and an empty one, and nothing personal lies in clear', async () => {
  const answers = await publish(anOrder({ messageId: 'm1' }), anOrder({ messageId: 'm2' }), anOrder({ messageId: 'm1' }), { ...anOrder(), event: EMAIL });
  expect(answers.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted', 'rejected']);
  await untilActivities(3);
  const [first, second, repeat] = await activities();
  const { profileId } = await world.ingestion.resolve('default', { id: { $case: 'userId', value: EMAIL } });
  expect(profileId).toMatch(/^p_[\w-]{16}$/);
  const leaf = (await accepted())[0]?.key;
  const { partition } = (await recordsOf(world, ACCEPTED))[0] ?? {};
  for (const [offset, activity] of [first, second, repeat].entries())
    expect(activity).toMatchObject({ key: profileId, profileId, leaf, acceptedOffset: BigInt(offset), acceptedPartition: partition });
  expect(repeat?.record).toBeUndefined();
  for (const [activity, messageId] of [
    [first, 'm1'],
    [second, 'm2'],
  ] as const) {
    if (activity?.record?.$case !== 'event') throw new Error('no event');
    const { value } = activity.record;
    expect(value).toMatchObject({
      messageId,
      name: 'Order Completed',
      receivedAtMs: BigInt(world.nowMs),
      source: 'app',
      openJson: '{"order_id":"o1","total":12.5}',
    });
    expect(value.sealed?.keyId).toBe(subjectKey(profileId));
    expect(opened(value.sealed, profileId, messageId)).toEqual({ identifier: EMAIL, fields: { note: `for ${EMAIL}`, [EMAIL]: true } });
  }
  for (const topic of [ACCEPTED, ACTIVITY, REJECTED]) {
    const records = await recordsOf(world, topic);
    expect(records.length).toBeGreaterThan(0);
    for (const { key, headers, value } of records) {
      const inClear = `${key} ${JSON.stringify(headers)} ${Buffer.from(value).toString('latin1')}`;
      expect(inClear).not.toMatch(/lovelace|example\.com/);
      expect(headers).toMatchObject({ 'content-type': 'application/x-protobuf', type: expect.stringMatching(/^attune\.log\.v1\.\w+$/) });
    }
  }
});

test('consent of a leaf reaches the profile of that identifier, though nobody names it; what is no leaf is refused', async () => {
  await publish(anOrder());
  await untilActivities(1);
  const leaf = (await accepted())[0]?.key ?? '';
  await world.ingestion.acceptConsent('default', { leaf, purposes: { marketing: false }, messageId: '' });
  await untilActivities(2);
  const [order, consent] = await activities();
  expect(consent).toMatchObject({ profileId: order?.profileId, leaf, record: { $case: 'consent', value: { purposes: { marketing: false } } } });
  const wrong = ['x', EMAIL, `${leaf}x`].map((one) => world.ingestion.acceptConsent('default', { leaf: one, purposes: { a: true }, messageId: '' }));
  for (const answer of wrong) await expect(answer).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('each answer names the place of its own event, refused ones between them or not', async () => {
  const named = (userId: string) => anOrder({ userId, messageId: `of ${userId}` });
  const answers = await publish(named('a'), { userId: 'guest', event: 'x' }, named('b'), named('c'), named('d'));
  const places = (await recordsOf(world, ACCEPTED)).map(({ partition, offset, value }) => {
    const { record } = AcceptedEvent.decode(value);
    return [record?.$case === 'event' && record.value.messageId, { topic: ACCEPTED, partition, offset }] as const;
  });
  const byMessage = new Map(places);
  const told = answers.flatMap((answer) => (answer.kind === 'accepted' ? [answer] : []));
  expect(told.map(({ messageId }) => messageId)).toEqual(['of a', 'of b', 'of c', 'of d']);
  for (const { messageId, position } of told) expect(position).toEqual(byMessage.get(messageId));
});

test('the id of an emission comes from profile, partition and offset', async () => {
  await publish(anOrder());
  await untilActivities(1);
  const [activity] = await recordsOf(world, ACTIVITY);
  const [cause] = await recordsOf(world, ACCEPTED);
  expect(activity?.headers['id']).toBe(`${activity?.key}/${cause?.partition}/${cause?.offset}/activity`);
});

test('what the door does not let in is told why, and kept sealed for who may look', async () => {
  const wrong = { userId: 'ada', event: 'Order Completed', properties: { total: 5 } };
  const deep = { userId: 'ada', event: 'x', [EMAIL]: { constructor: 1 } };
  const answers = await publish(wrong, deep, { userId: 'ada', event: 'Attune Message Sent' });
  expect(answers).toEqual([
    { kind: 'rejected', code: 'FIELD_MISSING', field: 'properties.order_id' },
    { kind: 'rejected', code: 'KEY_FORBIDDEN', field: `${EMAIL}.constructor` },
    { kind: 'rejected', code: 'EVENT_RESERVED', field: 'event' },
  ]);
  const records = await recordsOf(world, REJECTED);
  const told = records.map(({ key, value }) => ({ key, ...RejectedEvent.decode(value) }));
  const missing = told.find(({ code }) => code === 'FIELD_MISSING');
  expect(missing).toMatchObject({ field: 'properties.order_id', receivedAtMs: BigInt(world.nowMs), source: 'app', fix: expect.stringMatching(/\w/) });
  expect(opened(missing?.original, 'rejected', missing?.key ?? '')).toEqual({ type: 'track', ...wrong });
  expect(told.find(({ code }) => code === 'KEY_FORBIDDEN')?.field).toBe('');
  expect(await recordsOf(world, ACCEPTED)).toEqual([]);
});

test('of a refused event above 32 KiB, or too deep to be written, only the verdict is kept', async () => {
  let deep: object = {};
  for (let i = 0; i < 50_000; i++) deep = { a: deep };
  await publish({ userId: 'ada', event: 'x', properties: { list: Array(20).fill('y'.repeat(2_000)) } }, { userId: 'ada', event: 'x', properties: deep });
  const told = (await recordsOf(world, REJECTED)).map(({ value }) => RejectedEvent.decode(value));
  expect(told.map(({ code }) => code).toSorted()).toEqual(['EVENT_TOO_DEEP', 'EVENT_UNDECLARED']);
  expect(told.map(({ original }) => original)).toEqual([undefined, undefined]);
});

test("Attune's own facts pass under the name that applications may not use", async () => {
  const [answer] = await world.ingestion.publish('default', [{ body: { userId: 'ada', event: 'Attune Message Sent' }, type: 'track', source: 'attune' }]);
  expect(answer?.kind).toBe('accepted');
  expect((await accepted())[0]?.record).toMatchObject({ $case: 'event', value: { source: 'attune' } });
});

test('consent takes the way of events: to the same profile, and a repeat changes nothing', async () => {
  await publish(anOrder());
  const given = { subject: { id: { $case: 'userId' as const, value: EMAIL } }, purposes: { marketing: true, personalise: false }, messageId: 'c1' };
  expect(await world.ingestion.acceptConsent('default', given)).toMatchObject({ topic: ACCEPTED, offset: 1 });
  await world.ingestion.acceptConsent('default', given);
  await untilActivities(3);
  const [event, consent, repeat] = await activities();
  expect(consent).toMatchObject({ profileId: event?.profileId, record: { $case: 'consent', value: { messageId: 'c1', receivedAtMs: BigInt(world.nowMs) } } });
  expect(consent?.record?.$case === 'consent' && { ...consent.record.value.purposes }).toEqual({ marketing: true, personalise: false });
  expect(repeat?.record).toBeUndefined();
  const [, record] = await accepted();
  expect(opened(record?.identifier, record?.key ?? '', 'c1')).toEqual({ identifier: EMAIL });
});

test.each([
  ['a profile id', { subject: { id: { $case: 'profileId' as const, value: 'p_a' } } }],
  ['a placeholder', { subject: { id: { $case: 'userId' as const, value: 'guest' } } }],
  ['nobody', { subject: undefined }],
  ['no purposes', { purposes: {} }],
  ['a line end in the message id', { messageId: 'a\nb' }],
])('consent of %s is refused', async (_, wrong) => {
  const given = { subject: { id: { $case: 'userId' as const, value: 'ada' } }, purposes: { marketing: true }, messageId: '', ...wrong };
  await expect(world.ingestion.acceptConsent('default', given)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  expect(await recordsOf(world, ACCEPTED)).toEqual([]);
});

test('a subject that is known by no record is unknown, and a profile id answers itself', async () => {
  const resolve = (kind: 'userId' | 'anonymousId' | 'profileId', value: string) => world.ingestion.resolve('default', { id: { $case: kind, value } });
  await publish({ ...anOrder(), userId: undefined, anonymousId: 'x1' });
  await untilActivities(1);
  expect(await resolve('anonymousId', 'x1')).toMatchObject({ profileId: (await activities())[0]?.profileId, position: { topic: ACCEPTED, offset: 0n } });
  await expect(resolve('userId', 'x1')).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
  expect(await resolve('profileId', 'p_a')).toEqual({ profileId: 'p_a', position: undefined });
  const many = await world.ingestion.resolveMany('default', [
    { id: { $case: 'userId', value: 'x1' } },
    { id: { $case: 'anonymousId', value: 'x1' } },
    { id: { $case: 'profileId', value: 'p_a' } },
  ]);
  expect(many.map(({ profileId }) => profileId)).toEqual(['', (await activities())[0]?.profileId, 'p_a']);
  await expect(world.ingestion.resolveMany('default', [{}])).rejects.toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining('subjects[0]') });
  await expect(world.ingestion.resolve('default', undefined)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('an event whose day was destroyed goes on without its personal fields', async () => {
  await publish(anOrder());
  await untilActivities(1);
  const [record] = await recordsOf(world, ACCEPTED);
  if (record === undefined) throw new Error('no record');
  await world.keys.destroy('default', [dayKey(world.nowMs)]);
  world.elapsedMs += 60_001;
  const event = AcceptedEvent.decode(record.value);
  if (event.record?.$case === 'event') event.record.value.messageId = 'm-again';
  await world.log.append('default', ACCEPTED, [{ key: record.key, value: AcceptedEvent.encode(event).finish() }]);
  await untilActivities(2);
  const again = (await activities())[1];
  expect(again?.record).toMatchObject({ $case: 'event', value: { messageId: 'm-again', openJson: '{"order_id":"o1","total":12.5}' } });
  expect(again?.record?.$case === 'event' && again.record.value.sealed).toBeUndefined();
});

test('events of an erased profile go on without their personal fields', async () => {
  await publish(anOrder());
  await untilActivities(1);
  const [before] = await activities();
  await world.keys.destroy('default', [subjectKey(before?.profileId ?? '')]);
  world.elapsedMs += 60_001;
  await publish(anOrder());
  await untilActivities(2);
  const after = (await activities())[1];
  expect(after?.record).toMatchObject({ $case: 'event', value: { name: 'Order Completed' } });
  expect(after?.record?.$case === 'event' && after.record.value.sealed).toBeUndefined();
});

test('a record that is none is set aside with a rejection, and the next one of its key is resolved', async () => {
  const junk = { key: 'k', value: Uint8Array.of(255, 255, 255), partition: 0 };
  const consent = AcceptedEvent.encode(
    AcceptedEvent.fromPartial({ record: { $case: 'consent', value: { messageId: 'c1', receivedAtMs: BigInt(world.nowMs) } } }),
  );
  const empty = { key: 'k', value: new Uint8Array(), partition: 0 };
  await world.log.append('default', ACCEPTED, [junk, empty, { key: 'k', value: consent.finish(), partition: 0 }]);
  await untilActivities(1);
  expect(await activities()).toMatchObject([{ leaf: 'k', acceptedOffset: 2n }]);
  const rejections = (await recordsOf(world, REJECTED)).map(({ value }) => RejectedEvent.decode(value));
  expect(rejections).toMatchObject([{ code: 'RECORD_SKIPPED', original: undefined }]);
});

const resolved = async ($case: 'userId' | 'anonymousId', value: string): Promise<string> =>
  (await world.ingestion.resolve('default', { id: { $case, value } })).profileId;
const rejections = async () => (await recordsOf(world, REJECTED)).map(({ value }) => RejectedEvent.decode(value));

test('an event that names a visitor and a customer gives the visitor’s later events to the customer, under the customer’s key', async () => {
  const visit = (messageId: string, more: object = {}): object => ({ ...anOrder({ messageId, ...more }), userId: undefined, anonymousId: 'v-1' });
  await publish(visit('m1'));
  await untilActivities(1);
  const visitor = await resolved('anonymousId', 'v-1');
  const visitorLeaf = (await activities())[0]?.leaf;
  await publish({ type: 'identify', userId: 'ada', anonymousId: 'v-1', traits: {}, messageId: 'm2' });
  await untilActivities(3);
  const ada = await resolved('userId', 'ada');
  expect(visitor).not.toBe(ada);
  expect(await resolved('anonymousId', 'v-1')).toBe(ada);
  const [, away] = (await recordsOf(world, ACTIVITY)).filter(({ key }) => key === visitor);
  expect(away?.headers).toMatchObject({ 'moved-to': ada });
  const told = Activity.decode(away?.value ?? new Uint8Array());
  expect(told).toMatchObject({ leaf: visitorLeaf, record: { $case: 'movedAway', value: { toProfileId: ada, receivedAtMs: BigInt(world.nowMs) } } });
  await publish(visit('m3'), visit('m1'));
  await untilActivities(5);
  const [late, repeat] = (await activities()).filter(({ leaf, profileId }) => profileId === ada && leaf === visitorLeaf).slice(-2);
  expect(late?.record?.$case === 'event' && opened(late.record.value.sealed, ada, 'm3')).toMatchObject({ identifier: 'v-1' });
  expect(repeat?.record).toBeUndefined();
  expect(await rejections()).toEqual([]);
});

test('an alias call gives the visitor that it names to the customer, and one that was never seen is the customer from its first event on', async () => {
  await publish({ type: 'alias', userId: 'ada', previousId: 'v-2', messageId: 'm1' });
  await untilActivities(2);
  const ada = await resolved('userId', 'ada');
  expect(await resolved('anonymousId', 'v-2')).toBe(ada);
  expect((await activities()).every(({ profileId }) => profileId === ada)).toBe(true);
});

test('a device of two customers is the one’s whose events named it last, and each keeps what came before', async () => {
  const at = (userId: string, messageId: string): object => anOrder({ userId, anonymousId: 'tablet', messageId });
  const visit = (messageId: string): object => ({ type: 'page', anonymousId: 'tablet', messageId });
  await publish(visit('m0'), at('ada', 'm1'));
  await untilActivities(3);
  await publish(visit('m2'), at('bea', 'm3'));
  await untilActivities(7);
  await publish(visit('m4'), at('ada', 'm5'));
  await untilActivities(11);
  await publish(visit('m6'));
  await untilActivities(12);
  const [ada, bea] = [await resolved('userId', 'ada'), await resolved('userId', 'bea')];
  const visits = (await activities()).flatMap(({ key, record }) =>
    record?.$case === 'event' && record.value.name === '' ? [[record.value.messageId, key]] : [],
  );
  expect(Object.fromEntries(visits.slice(1))).toEqual({ m2: ada, m4: bea, m6: ada });
  expect(await rejections()).toEqual([]);
});

const authorization = `Basic ${Buffer.from('demo:').toString('base64')}`;
const identityCall = async (method: string, body: object) =>
  (await world.app.inject({ method: 'POST', url: `/attune.identity.v1.IdentityService/${method}`, payload: body, headers: { authorization } })).json();

test('a device of five customers is quarantined: listed by its hash, joined with nobody, and with the next one once it is allowed', async () => {
  const at = (userId: string): object => anOrder({ userId, anonymousId: 'till' });
  const ownerOf = ($case: 'userId' | 'anonymousId', value: string) => resolved($case, value).catch(() => $case);
  const untilOwned = (userId: string) => until(async () => (await ownerOf('anonymousId', 'till')) === (await ownerOf('userId', userId)));
  for (const userId of ['a', 'b', 'c', 'd']) {
    await publish(at(userId));
    await untilOwned(userId);
  }
  expect(await identityCall('ListQuarantined', {})).toEqual({});
  await publish(at('e'));
  await until(async () => (await rejections()).length === 1);
  expect((await rejections()).map(({ code, field }) => ({ code, field }))).toEqual([{ code: 'IDENTIFIER_SHARED', field: 'anonymousId' }]);
  const { quarantined } = await identityCall('ListQuarantined', {});
  const history = await identityCall('History', { subject: { anonymousId: 'till' } });
  expect(quarantined).toEqual([{ leaf: history.leaf, sinceMs: String(world.nowMs), reason: 'QUARANTINE_REASON_CUSTOMERS' }]);
  expect(JSON.stringify([quarantined, history])).not.toContain('till');
  expect(history).toMatchObject({ state: 'IDENTIFIER_STATE_QUARANTINED', profileId: await resolved('anonymousId', 'till') });
  const kinds = history.changes.map(({ kind }: { readonly kind: string }) => kind.replace('IDENTIFIER_CHANGE_KIND_', ''));
  expect(kinds).toEqual(['OPENED', 'HANDED_ON', 'HANDED_ON', 'HANDED_ON', 'QUARANTINED']);

  const owners = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((userId) => resolved('userId', userId)));
  expect(owners).not.toContain(await resolved('anonymousId', 'till'));
  await identityCall('AllowIdentifier', { leaf: history.leaf });
  await until(async () => Object.keys(await identityCall('ListQuarantined', {})).length === 0);
  await publish(at('f'));
  await untilOwned('f');
  expect(await identityCall('AllowIdentifier', { subject: { profileId: 'p_x' } })).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('a customer of too many devices within a day is quarantined, and the history tells the record that each joined by', async () => {
  await publish(...Array.from({ length: 34 }, (_, i) => anOrder({ userId: 'bot', anonymousId: `v-${i}` })));
  await until(async () => (await activities()).length === 34 + 32);
  const { quarantined } = await identityCall('ListQuarantined', { page_size: 1 });
  const history = await identityCall('History', { subject: { userId: 'bot' } });
  expect(quarantined).toMatchObject([{ leaf: history.leaf, reason: 'QUARANTINE_REASON_DEVICES' }]);
  expect(history.joined).toHaveLength(32);
  const device = await identityCall('History', { leaf: history.joined[7].leaf });
  const [partition, offset] = device.changes[0].record.split('/');
  const source = (await recordsOf(world, ACCEPTED)).find((one) => one.partition === Number(partition) && one.offset === Number(offset));
  expect(source?.key).toBe(history.leaf);
  expect(AcceptedEvent.decode(source?.value ?? new Uint8Array()).alsoKnownBy).toEqual([device.leaf]);
});

test('a customer takes back consent for a device that is another’s by now, and only for this customer', async () => {
  await publish({ type: 'page', anonymousId: 'tablet', messageId: 'm0' });
  await untilActivities(1);
  await publish(anOrder({ userId: 'ada', anonymousId: 'tablet', messageId: 'm1' }));
  await untilActivities(3);
  await publish(anOrder({ userId: 'bea', anonymousId: 'tablet', messageId: 'm2' }));
  await untilActivities(6);
  const [ada, bea] = [await resolved('userId', 'ada'), await resolved('anonymousId', 'tablet')];
  const leaf = (await activities()).find(({ record }) => record?.$case === 'movedAway')?.leaf ?? '';
  const said = { leaf, purposes: { marketing: false } };
  await world.ingestion.acceptConsent('default', { ...said, profileId: ada, messageId: 'c1' });
  await world.ingestion.acceptConsent('default', { ...said, messageId: 'c2' });
  await untilActivities(8);
  const words = (await activities()).filter(({ record }) => record?.$case === 'consent').map(({ key, leaf: of }) => [key, of]);
  expect(words.toSorted()).toEqual(
    [
      [ada, leaf],
      [bea, leaf],
    ].toSorted(),
  );
});

test('a placeholder beside a customer joins nobody, and the event counts', async () => {
  await publish(anOrder({ userId: 'ada', anonymousId: 'undefined' }), anOrder({ userId: 'bea', anonymousId: '' }));
  await untilActivities(2);
  expect((await accepted()).map(({ alsoKnownBy }) => alsoKnownBy)).toEqual([[], []]);
});
