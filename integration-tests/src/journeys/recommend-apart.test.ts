import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { afterEach, expect, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { eventually } from './attune-process.ts';

const ROUNDS = 10;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Answer {
  readonly items?: readonly { readonly id: string; readonly score: number }[];
  readonly generation?: string;
  readonly history?: string;
  readonly itemsStale?: boolean;
}

const ids = ({ items = [] }: Answer): string[] => items.map(({ id }) => id);

/** An answer whose items are current: one that could not ask the log in time says so, and is asked for again. */
async function recommend(address: string, subject?: object): Promise<Answer> {
  return eventually(
    () => recommendOnce(address, subject),
    ({ itemsStale = false }) => !itemsStale,
  );
}

async function recommendOnce(address: string, subject?: object): Promise<Answer> {
  const answer = await fetch(`${address}/attune.scoring.v1.ScoringService/Recommend`, { method: 'POST', body: JSON.stringify({ subject }) });
  return answer.ok ? ((await answer.json()) as Answer) : {};
}

const publish = (four: FourServices, ...items: object[]) => four.call('ingestion', 'ingestion.v1.IngestionService/PublishItems', { items });
const buy = (four: FourServices, userId: string, ...goods: string[]): Promise<void> => {
  const products = goods.map((id) => ({ product_id: id, quantity: 1, price: 3 }));
  return four.track('track', { userId, event: 'Order Completed', properties: { order_id: `${userId}-${goods}`, total: 9, products } });
};

test('two processes of scoring give one answer a generation, and what is out of stock is gone from the next answer of each', { timeout: 150_000 }, async () => {
  const mail = await openMailServer();
  ends.push(() => mail.close());
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url });
  ends.push(() => four.remove());
  await four.start();
  const [ann, first] = [{ user_id: 'ann' }, four.services.scoring];
  await publish(four, { id: 'cup' }, { id: 'pot' });
  for (const [customer, ...goods] of [
    ['ann', 'tea'],
    ['bob', 'tea', 'cup'],
    ['cem', 'tea', 'pot'],
    ['dia', 'tea', 'cup'],
  ] as const)
    await buy(four, customer, ...goods);
  const complete = (answer: Answer): boolean => ids(answer).join() === 'cup,pot' && answer.history === 'VALUE_STATUS_PRESENT';
  const known = await eventually(() => recommend(first.address, ann), complete);
  const twin = four.twin('scoring');
  await twin.start();
  const same = await eventually(
    () => recommend(twin.address, ann),
    ({ generation }) => generation === known.generation,
  );
  expect(same.items).toEqual(known.items);
  for (let round = 0; round < ROUNDS; round++) {
    for (const available of [false, true]) {
      await publish(four, { id: 'cup', available });
      const answers = await Promise.all([first, twin].map(({ address }) => recommend(address, ann)));
      expect(answers.map(ids)).toEqual(Array(2).fill(available ? ['cup', 'pot'] : ['pot']));
    }
  }
  await four.call('feature-store', 'privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'ann' }, purposes: { personalise: false } });
  expect(await recommend(twin.address, ann)).toMatchObject({ fallback: true, history: 'VALUE_STATUS_WITHHELD' });
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
