import { DeliveryState, InboxRead, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

interface Message {
  readonly id: string;
  readonly decisionId: string;
  readonly subject: string;
  readonly text: string;
  readonly readAtMs?: string;
}
interface Page {
  readonly messages?: readonly Message[];
  readonly nextPageToken?: string;
  readonly unread?: number;
  readonly total?: number;
  readonly reason?: string;
}

const IN_INBOX = { channels: ['inbox'] };
/** Resolves once the delivery is in the log and everything is folded. */
const noted = async (delivery: string): Promise<void> => {
  await until(async () => {
    const deliveries = await world.deliveries();
    expect(deliveries.filter((it) => it.includes('FAILED'))).toEqual([]);
    return deliveries.includes(delivery);
  });
  await until(() => world.idle());
};
const call = <T = Page>(method: string, body: object): Promise<T> => world.call<T>(`NotificationService/${method}`, body);
const tokenOf = async (profileId: string): Promise<string> => (await call<{ readonly token: string }>('OpenInbox', { subject: { profileId } })).token;
const inboxOf = async (profileId: string, more: object = {}): Promise<Page> => call('ListInbox', { token: await tokenOf(profileId), ...more });
const decisionsIn = ({ messages = [] }: Page): readonly string[] => messages.map(({ decisionId }) => decisionId);
const service = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, channels: ['inbox'] };

/** A process that is killed between the claim of a send and its outcome leaves this. */
const claimed = (id: string, profileId: string) => world.foreign(world.decision(id, profileId, IN_INBOX), DeliveryState.DELIVERY_STATE_INTENT, 'killed');

test('a message of the inbox is the template in the language of the customer, and lies nowhere else', async () => {
  world.customer('siti', { language: 'id', name: 'Siti' });
  await world.decide(world.decision('d1', 'siti', IN_INBOX));
  await noted('d1 SENT');
  const { messages = [], unread, total } = await inboxOf('siti');
  expect(messages).toMatchObject([{ decisionId: 'd1', campaign: 'welcome_back', offer: 'second_order_10', language: 'id', promotional: true }]);
  expect(messages[0]?.text).toContain('Siti');
  expect(messages[0]?.text).toContain('https://shop.example/attune/unsubscribe/');
  expect(messages[0]?.text).not.toMatch(/<[a-z]/i);
  expect({ unread, total }).toEqual({ unread: 1, total: 1 });
  expect(await world.mails()).toEqual([]);
});

test('who has no mail address gets the inbox all the same, and who agreed to nothing gets nothing', async () => {
  world.customer('ada', { email: '' });
  world.customer('eve', {}, { service: true });
  await world.decide(world.decision('d1', 'ada', IN_INBOX), world.decision('d2', 'eve', IN_INBOX));
  await noted('d1 SENT');
  await noted('d2 DROPPED NO_CONSENT');
  expect(decisionsIn(await inboxOf('ada'))).toEqual(['d1']);
  expect(decisionsIn(await inboxOf('eve'))).toEqual([]);
});

test('pages lead from the newest message to the oldest, each once', async () => {
  world.customer('ada');
  for (const id of ['d1', 'd2', 'd3']) {
    await world.decide(world.decision(id, 'ada', service));
    await noted(`${id} SENT`);
  }
  const first = await inboxOf('ada', { pageSize: 2 });
  const second = await inboxOf('ada', { pageSize: 2, pageToken: first.nextPageToken });
  expect([decisionsIn(first), decisionsIn(second)]).toEqual([['d3', 'd2'], ['d1']]);
  expect(second.nextPageToken ?? '').toBe('');
  expect((await inboxOf('ada', { pageToken: "1' OR 1" })).reason).toBe('REQUEST_INVALID');
});

test('reading is noted once, however often it is said, and stands after a start', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', service));
  await noted('d1 SENT');
  const token = await tokenOf('ada');
  const [message] = (await call('ListInbox', { token })).messages ?? [];
  const marked = () => call<{ readonly unread?: number; readonly position?: object }>('MarkRead', { token, ids: [message?.id, 'm_unknown', message?.id] });
  expect((await marked()).position).toBeDefined();
  world.moveTo('2026-06-01T13:00:00Z');
  expect(await marked()).toEqual({}); // nothing more in the log
  await world.service?.stop(1_000);
  await world.start();
  expect(await inboxOf('ada')).toMatchObject({ messages: [{ readAtMs: String(Date.parse('2026-06-01T12:00:00Z')) }] });
});

test('a promotion whose process was killed between claim and outcome comes into the inbox once', async () => {
  world.customer('ada');
  await claimed('d1', 'ada');
  await noted('d1 SENT');
  await world.foreign(world.decision('d1', 'ada', IN_INBOX), DeliveryState.DELIVERY_STATE_SENT, 'killed');
  await world.service?.stop(1_000);
  await world.start();
  await until(() => world.idle());
  expect(decisionsIn(await inboxOf('ada'))).toEqual(['d1']);
  expect((await world.deliveries()).filter((it) => it.includes('UNKNOWN'))).toEqual([]);
});

test('a decision that comes again, before and after a start, is one message', async () => {
  world.customer('ada');
  const decision = world.decision('d1', 'ada', IN_INBOX);
  await world.decide(decision, decision);
  await noted('d1 SENT');
  await world.service?.stop(1_000);
  await world.start();
  await world.decide(decision);
  await until(() => world.idle());
  expect(await inboxOf('ada')).toMatchObject({ total: 1 });
  expect((await world.deliveries()).filter((it) => it === 'd1 SENT')).toHaveLength(1);
});

test('a token opens one inbox, until it expires; any other is refused by every call', async () => {
  world.customer('ada');
  world.customer('eve');
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await noted('d1 SENT');
  expect(decisionsIn(await inboxOf('eve'))).toEqual([]);
  const token = await tokenOf('ada');
  const [said = '', signature = ''] = token.split('.');
  const forged = Buffer.from(JSON.stringify(['default', 'ada', '9999999999999'])).toString('base64url');
  const refused = async (given: string): Promise<void> => {
    expect((await call('ListInbox', { token: given })).reason).toBe('INBOX_TOKEN_INVALID');
    expect((await call('MarkRead', { token: given, ids: ['m'] })).reason).toBe('INBOX_TOKEN_INVALID');
    expect((await world.app.inject({ method: 'GET', url: `/inbox/live?token=${given}` })).statusCode).toBe(401);
  };
  for (const given of ['', said, `${said}.${signature}x`, `${forged}.${signature}`]) await refused(given);
  world.moveTo('2026-06-08T12:00:00Z');
  await refused(token);
});

test('a link to unsubscribe is no token of an inbox', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await noted('d1 SENT');
  const [message] = (await inboxOf('ada')).messages ?? [];
  const link = /\/unsubscribe\/([\w.-]+)/.exec(message?.text ?? '')?.[1] ?? '';
  expect(link).not.toBe('');
  expect((await call('ListInbox', { token: link })).reason).toBe('INBOX_TOKEN_INVALID');
});

test('nothing that was written lies in clear in the log or the store, and after ninety days it lies there no more', async () => {
  world.customer('ada', { name: 'Ada Lovelace' });
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await noted('d1 SENT');
  for (const partition of [0, 1]) {
    for (const { value } of await world.log.read('attune.deliveries.v1', partition, 0, 1_000))
      expect(Buffer.from(value).toString('latin1')).not.toContain('Lovelace');
  }
  expect(await world.inboxBytes('ada')).toMatch(/"inbox":\[\{/);
  expect(await world.inboxBytes('ada')).not.toContain('Lovelace');
  world.moveTo('2026-08-30T12:00:01Z');
  await until(async () => /"inbox":\[\]/.test(await world.inboxBytes('ada')));
});

test('a stream says how the inbox stands, and says it again when a message comes and when it is read', async () => {
  world.customer('ada');
  const address = await world.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await tokenOf('ada');
  const leaving = new AbortController();
  const answer = await fetch(`${address}/inbox/live?token=${token}`, { signal: leaving.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const said: { unread: number; total: number }[] = [];
  const listening = (async () => {
    let text = '';
    for await (const piece of answer.body ?? []) {
      text += Buffer.from(piece).toString('utf8');
      for (const [, data = ''] of text.matchAll(/data: (.*)\n\n/g)) said.push(JSON.parse(data) as (typeof said)[number]);
      text = text.slice(text.lastIndexOf('\n\n') + 2);
    }
  })();
  await until(async () => said.length === 1);
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await until(async () => said.length === 2);
  const [message] = (await call('ListInbox', { token })).messages ?? [];
  await call('MarkRead', { token, ids: [message?.id] });
  await until(async () => said.length === 3);
  leaving.abort();
  await expect(listening).rejects.toThrow();
  expect(said.map(({ unread, total }) => [unread, total])).toEqual([
    [0, 0],
    [1, 1],
    [0, 1],
  ]);
  expect(JSON.stringify(said)).not.toContain('welcome');
});

test('what a customer did in the inbox is told to the door, each deed under an id of its own, also where the door was away', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', IN_INBOX), world.decision('d2', 'ada', service));
  await noted('d1 SENT');
  await noted('d2 SENT');
  const token = await tokenOf('ada');
  const { messages = [] } = await call('ListInbox', { token });
  const promotion = messages.find(({ decisionId }) => decisionId === 'd1')?.id ?? '';
  const apology = messages.find(({ decisionId }) => decisionId === 'd2')?.id ?? '';
  world.factFault = new AttuneError('LOG_UNAVAILABLE');
  await call('MarkRead', { token, ids: [promotion] });
  for (const id of [promotion, apology]) expect(await call<{ readonly position?: object }>('NoteClick', { token, id })).toHaveProperty('position');
  expect(world.facts).toEqual([]);
  world.factFault = undefined;
  await until(() => world.idle());
  expect(world.facts).toEqual([
    `ada Inbox Message Opened ${promotion}/opened`,
    `ada Promotion Clicked ${promotion}/clicked`,
    `ada Inbox Message Clicked ${apology}/clicked`,
  ]);
  expect(await inboxOf('ada')).not.toHaveProperty('unread'); // a click is a reading too
  expect((await call('NoteClick', { token, id: 'm_unknown' })).reason).toBe('REQUEST_INVALID');
});

test('a customer who is erased holds up nobody: nothing is told of them any more', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', service));
  await noted('d1 SENT');
  const { messages = [] } = await inboxOf('ada');
  world.factFault = new AttuneError('SUBJECT_UNKNOWN');
  await call('MarkRead', { token: await tokenOf('ada'), ids: [messages[0]?.id] });
  await until(() => world.idle());
  expect(world.facts).toEqual([]);
});

const becomes = (visitor: string, mergedInto: string) =>
  world.change({ profileId: visitor, id: `${visitor} is ${mergedInto}`, kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto });
const standing = async (profileId: string): Promise<readonly unknown[]> => {
  const page = await inboxOf(profileId);
  return [decisionsIn(page), page.unread ?? 0, page.total ?? 0];
};

test('what a visitor had in the inbox is the customer’s once the visitor is known, in order of time, read as it was, and nowhere else', async () => {
  world.customer('visitor', { name: 'Dear guest' });
  world.customer('ada');
  const sendTo = async (profileId: string, id: string, at: string): Promise<void> => {
    world.moveTo(at);
    await world.decide(world.decision(id, profileId, service));
    await noted(`${id} SENT`);
  };
  await sendTo('visitor', 'd1', '2026-06-01T12:00:00Z');
  await sendTo('ada', 'd2', '2026-06-01T12:01:00Z');
  await sendTo('visitor', 'd3', '2026-06-01T12:02:00Z');
  const before = await inboxOf('visitor');
  await call('MarkRead', { token: await tokenOf('visitor'), ids: [before.messages?.[1]?.id] });
  await becomes('visitor', 'ada');
  await becomes('visitor', 'ada');
  await until(async () => decisionsIn(await inboxOf('ada')).length === 3);
  await until(() => world.idle());
  expect(await standing('ada')).toEqual([['d3', 'd2', 'd1'], 2, 3]);
  expect(await standing('visitor')).toEqual([[], 0, 0]);
  const { messages = [] } = await inboxOf('ada');
  expect(messages.map(({ id, text }) => [id, text]).filter(([id]) => id !== messages[1]?.id)).toEqual(before.messages?.map(({ id, text }) => [id, text]));
  // Reading and clicking are the customer's now.
  expect(await call('MarkRead', { token: await tokenOf('ada'), ids: [messages[0]?.id] })).toMatchObject({ unread: 1 });
});

test('what comes to the visitor’s inbox later, and a reading that was under way, follow to the customer, and are told once', async () => {
  world.customer('visitor');
  world.customer('ada');
  await world.decide(world.decision('d1', 'visitor', service));
  await noted('d1 SENT');
  const id = (await inboxOf('visitor')).messages?.[0]?.id ?? '';
  await becomes('visitor', 'ada');
  await until(async () => decisionsIn(await inboxOf('ada')).length === 1);
  // As a call of another process that looked before the merge appends it after.
  const read = InboxRead.fromPartial({ profileId: 'visitor', ids: [id], decisionIds: ['d1'], atMs: BigInt(world.clock.nowMs()) });
  await world.log.append('default', 'attune.deliveries.v1', [
    { key: 'visitor', value: InboxRead.encode(read).finish(), headers: { type: 'attune.log.v1.InboxRead' } },
  ]);
  await world.decide(world.decision('d2', 'visitor', service));
  await until(async () => decisionsIn(await inboxOf('ada')).length === 2 && (await inboxOf('ada')).unread === 1);
  await until(() => world.idle());
  expect(await standing('ada')).toEqual([['d2', 'd1'], 1, 2]);
  expect(await standing('visitor')).toEqual([[], 0, 0]);
  expect(world.facts).toEqual([`visitor Inbox Message Opened ${id}/opened`]);
});
