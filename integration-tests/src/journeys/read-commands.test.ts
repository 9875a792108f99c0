import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { FourServices, PARTITIONS } from '../apart/four-services.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { eventually } from './attune-process.ts';

const CUSTOMERS = 24;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** What GetFeatures sent to Redis: reads of profiles, and of who a customer is. */
interface Commands {
  readonly profiles: number;
  readonly identities: number;
}

interface Row {
  readonly values: readonly { readonly status: string }[];
  readonly views: readonly { readonly values: readonly object[] }[];
}

test('however many subjects and views are asked for, Redis gets one command a partition', { timeout: 150_000 }, async () => {
  const mail = await openMailServer();
  ends.push(() => mail.close());
  const { brokers, redisUrl } = endpoints();
  const four = await FourServices.in({ brokers, redisUrl, namespace: freshPrefix(), smtpUrl: mail.url });
  ends.push(() => four.remove());
  await four.start();
  const users = Array.from({ length: CUSTOMERS }, (_, i) => `shopper-${i}`);
  for (const userId of users) await four.track('track', { userId, event: 'Order Completed', properties: { order_id: userId, total: 9, products: [] } });
  const read = async (userIds: readonly string[], views: readonly string[]): Promise<readonly Row[]> => {
    const request = { subjects: userIds.map((userId) => ({ userId })), features: ['orders'], views, purpose: 'personalise' };
    return ((await four.call('feature-store', 'features.v1.FeatureStoreService/GetFeatures', request)) as { rows: readonly Row[] }).rows;
  };
  await eventually(
    () => read(users, []),
    (rows) => rows.every(({ values: [orders] }) => orders?.status === 'VALUE_STATUS_PRESENT'),
  );
  const admin = new Redis(redisUrl);
  ends.push(() => admin.disconnect());
  const monitor = await admin.monitor();
  ends.push(() => monitor.disconnect());
  const sent: string[] = [];
  monitor.on('monitor', (_time: string, args: readonly string[]) => sent.push(args.join(' ')));
  /** Looks of the owners at their partitions name no profile. */
  const commandsOf = async (userIds: readonly string[], views: readonly string[]): Promise<Commands> => {
    const mark = `mark ${sent.length}`;
    sent.length = 0;
    const rows = await read(userIds, views);
    expect(rows.map((row) => row.views.length)).toEqual(userIds.map(() => views.length));
    await admin.echo(mark);
    await eventually(
      async () => sent,
      (all) => all.some((command) => command.includes(mark)),
    );
    const reads = sent.filter((command) => /^hmget /i.test(command));
    const about = (what: string): number => reads.filter((command) => command.includes(what)).length;
    return { profiles: about(':profile:'), identities: about(':identity:') };
  };
  expect(await commandsOf(users.slice(0, 1), ['buying_habit'])).toEqual({ profiles: 1, identities: 1 });
  const many = await commandsOf(users, ['buying_habit', 'clicks']);
  expect(many.profiles).toBeLessThanOrEqual(PARTITIONS);
  expect(many.identities).toBeLessThanOrEqual(PARTITIONS);
  const more = await commandsOf([...users, ...users, ...users], ['buying_habit', 'clicks', 'buying_habit']);
  expect(more).toEqual(many);
});
