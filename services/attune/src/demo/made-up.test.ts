import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOfDemo } from './events-of-demo.ts';
import { MADE_UP, madeUpOf } from './made-up.ts';
import { readOnlineRetail } from './online-retail.ts';

const orders = readOnlineRetail(join(import.meta.dirname, '../../../../examples/gift-barn/data/online-retail.br'));
const customers = [...new Set(orders.map(({ customer }) => customer))];
const all = customers.map(madeUpOf);
const shareOf = (holds: (one: (typeof all)[number]) => boolean): number => all.filter(holds).length / all.length;

test.each([
  ['agreed to marketing', 0.7, shareOf(({ marketing }) => marketing)],
  ['reads Indonesian', 1 / 3, shareOf(({ language }) => language === 'id')],
  ['lives in the west of Indonesia', 1 / 9, shareOf(({ timeZone }) => timeZone === 'Asia/Jakarta')],
  ['lives in its middle', 1 / 9, shareOf(({ timeZone }) => timeZone === 'Asia/Makassar')],
  ['lives in its east', 1 / 9, shareOf(({ timeZone }) => timeZone === 'Asia/Jayapura')],
  ['lives in Britain', 2 / 3, shareOf(({ timeZone }) => timeZone === 'Europe/London')],
  ['agreed to marketing in Britain', (0.7 * 2) / 3, shareOf(({ marketing, language }) => marketing && language === 'en')],
])('the share that %s is as promised', (_, promised, share) => {
  expect(Math.abs(share - promised)).toBeLessThan(0.02);
});

test('addresses belong to nobody and are all different', () => {
  expect(new Set(all.map(({ email }) => email)).size).toBe(customers.length);
  expect(all.every(({ email, name }) => /^[a-z]+\.\d+@example\.com$/.test(email) && email.startsWith(name.toLowerCase()))).toBe(true);
});

test('a customer stays the same from start to start', () => {
  expect(madeUpOf('13085')).toEqual({ email: 'isaac.13085@example.com', name: 'Isaac', language: 'en', timeZone: 'Europe/London', marketing: true });
});

test('what is made up is named, and what the data tell is not', () => {
  const [identify, consent] = eventsOfDemo(orders.slice(0, 1), { shiftMs: 0, currency: 'GBP' }).events;
  const traits = identify?.kind === 'call' ? Object.keys(identify.call().body['traits'] as object) : [];
  const purposes = consent?.kind === 'consent' ? Object.keys(consent.consent.purposes) : [];
  expect([...traits.filter((name) => name !== 'country'), ...purposes.map((name) => `consent.${name}`)]).toEqual(MADE_UP);
});
