import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemStopwatch } from '@attune/runtime/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-'));
const base = readConfiguration(EXAMPLE);
const aboutItem = '{ item: product_id, fields: { product_id: { type: string, required: true, open: true } } }';
const document = base.document
  .replace(
    '  Product Viewed: { role: view, item: product_id }\n',
    `  Product Viewed: ${aboutItem}\n  Item Hidden: ${aboutItem}\n  Less Of This: ${aboutItem}\n`,
  )
  .replace(
    '\nfeatures:',
    '\nfeatures:\n  viewed: { recent_items: Product Viewed }\n  hidden: { recent_items: Item Hidden }\n  less: { recent_items: Less Of This }',
  )
  .replace(
    /also_bought: \{.*\n/,
    'also_bought: { kind: co_purchase, history: bought, viewed: viewed, refused: hidden, less_of: less, exclude: [bought], placements: [default] }\n',
  );
let attune: Attune;

interface Answer {
  readonly items?: readonly { readonly id: string; readonly score: number }[];
  readonly generation?: string;
  readonly history?: string;
  readonly position?: object;
}

const call = async (path: string, payload: unknown): Promise<Answer> => {
  const answer = await attune.app.inject({ method: 'POST', url: path, payload: JSON.stringify(payload), headers: { authorization: `Basic ${btoa('demo:')}` } });
  expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
  return answer.json();
};
/** What is recommended to a customer by the next call that knows of a write. */
const answerTo = async (userId: string, atLeast?: object) => {
  const { items = [] } = await call('/attune.scoring.v1.ScoringService/Recommend', { subject: { userId }, ...(atLeast && { atLeast }) });
  return items;
};
const recommendTo = async (userId: string, atLeast?: object): Promise<readonly string[]> => (await answerTo(userId, atLeast)).map(({ id }) => id);
let sent = 0;
const track = async (userId: string, event: string, properties: object): Promise<object | undefined> => {
  const { position } = await call('/v1/track', { userId, event, properties, messageId: `m${sent++}` });
  return position;
};
const about = (userId: string, event: string, id: string) => track(userId, event, { product_id: id });
const order = (userId: string, ...ids: readonly string[]) =>
  track(userId, 'Order Completed', { order_id: `${userId}-${ids}`, total: 9, products: ids.map((id) => ({ product_id: id, quantity: 1, price: 3 })) });
const goods = (kind: string): readonly string[] => [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `${kind}_${number}`);

beforeAll(async () => {
  attune = await embedded({
    ...base,
    document,
    configuration: base.configurations.accept(document),
    settings: readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' }),
    clock: { nowMs: () => Date.UTC(2026, 5, 3, 12) },
    pageFolder: folder,
    demo: () => ({ madeUp: [] }),
  });
  for (const kind of ['tea', 'tool'])
    for (let other = 0; other < 8; other++) await order(`${kind} buyer ${other}`, ...goods(kind).filter((_, at) => at !== other));
  for (const customer of ['ann', 'bob', 'cem', 'dia'])
    for (const pair of [
      [0, 1],
      [1, 2],
      [0, 2],
    ])
      await order(customer, ...pair.map((at) => `tea_${at + 1}`));
  await attune.pipeline.settle(systemStopwatch);
  while ((await recommendTo('ann')).length < 8) await systemStopwatch.sleep(20);
}, 60_000);
afterAll(async () => {
  await attune.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('what a customer is not interested in is gone from the very next call, for that customer alone, and stays gone when the word comes again', async () => {
  const [first = '', ...others] = await recommendTo('ann');
  const position = await about('ann', 'Item Hidden', first);
  expect((await recommendTo('ann', position)).slice(0, others.length)).toEqual(others);
  expect(await recommendTo('ann', await about('ann', 'Item Hidden', first))).not.toContain(first);
  expect(await recommendTo('bob')).toContain(first);
});

test('what a customer wants less of is gone, and what is like it counts less, from the very next call on', async () => {
  const before = new Map((await answerTo('bob')).map(({ id, score }) => [id, score]));
  const after = await answerTo('bob', await about('bob', 'Less Of This', 'tea_4'));
  expect(after.map(({ id }) => id)).not.toContain('tea_4');
  const teas = after.filter(({ id }) => id.startsWith('tea'));
  expect(teas).not.toHaveLength(0);
  for (const { id, score } of teas) expect(score).toBeLessThan(0.7 * (before.get(id) ?? 0));
});

test('after a change of taste the list follows within five events', async () => {
  const kinds = (ids: readonly string[]): readonly string[] => ids.slice(0, 5).map((id) => id.split('_')[0] ?? '');
  expect(kinds(await recommendTo('cem'))).toEqual(Array(5).fill('tea'));
  let position: object | undefined;
  for (let event = 1; event <= 5; event++) position = await about('cem', 'Product Viewed', `tool_${event}`);
  expect(kinds(await recommendTo('cem', position))).toEqual(Array(5).fill('tool'));
});

test('what was refused is erased with the person', async () => {
  const [first = ''] = await recommendTo('dia');
  expect(await recommendTo('dia', await about('dia', 'Item Hidden', first))).not.toContain(first);
  await call('/attune.privacy.v1.PrivacyService/EraseProfile', { subject: { userId: 'dia' } });
  await attune.pipeline.settle(systemStopwatch);
  expect(await recommendTo('dia')).toContain(first);
});
