import { Item } from '@attune/contracts/messages/log/v1/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';
import { ITEMS } from './publish-items.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const post = (payload: object, key = 'demo') =>
  world.app.inject({
    method: 'POST',
    url: '/attune.ingestion.v1.IngestionService/PublishItems',
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
    payload,
  });
const mug = { id: 'mug', titles: { en: 'Mug', id: 'Cangkir' }, category: ['Home', 'Kitchen'], price: { minor: '250', currency: 'GBP' }, tags: ['new'] };

test('items are appended under their ids, available unless they say otherwise, and answered with their positions in order', async () => {
  const answer = await post({ items: [mug, { id: 'pan', available: false }] });
  expect(answer.statusCode).toBe(200);
  const { positions } = answer.json() as { positions: { topic: string; partition?: number; offset?: string }[] };
  const records = await recordsOf(world, ITEMS);
  const at = (id: string) => records.find(({ key }) => key === id);
  expect(positions.map(({ topic, partition = 0, offset = '0' }) => `${topic}/${partition}/${offset}`)).toEqual(
    ['mug', 'pan'].map((id) => `${ITEMS}/${at(id)?.partition}/${at(id)?.offset}`),
  );
  const items = records.map(({ value }) => Item.decode(value));
  expect(items.find(({ id }) => id === 'mug')).toMatchObject({
    titles: { en: 'Mug', id: 'Cangkir' },
    available: true,
    price: { minor: 250n, currency: 'GBP' },
    receivedAtMs: BigInt(world.nowMs),
  });
  expect(items.find(({ id }) => id === 'pan')?.available).toBe(false);
  expect(at('mug')?.headers).toMatchObject({ type: 'attune.log.v1.Item' });
});

test.each([
  [[], 'items'],
  [[mug, { id: '' }], 'items[1].id'],
  [[{ ...mug, id: 'a\nb' }], 'items[0].id'],
  [[{ ...mug, price: { minor: '-1', currency: 'GBP' } }], 'items[0].price.minor'],
  [[{ ...mug, price: { minor: '1', currency: 'pounds' } }], 'items[0].price.currency'],
  [[{ ...mug, titles: { en: 'x'.repeat(501) } }], 'items[0].titles'],
  [[{ ...mug, tags: Array(51).fill('x') }], 'items[0].tags'],
  [[{ ...mug, category: ['x'.repeat(257)] }], 'items[0].category'],
  [Array(501).fill(mug), 'items'],
])('of wrong items none is taken, and the field is named (%#)', async (items, field) => {
  const answer = await post({ items });
  expect(answer.json()).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining(field) });
  expect(await recordsOf(world, ITEMS)).toEqual([]);
});

test('without a write key nothing is taken', async () => {
  expect((await post({ items: [mug] }, 'wrong')).json()).toMatchObject({ reason: 'WRITE_KEY_UNKNOWN' });
});
