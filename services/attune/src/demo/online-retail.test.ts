import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packOnlineRetail } from '../../../../tools/pack-online-retail.ts';
import { readOnlineRetail, unpackOnlineRetail } from './online-retail.ts';

const products = 'sku,description\n10002,GLOBE\n22041,"FRAME 7"" SINGLE, OLD"\n';
const head = 'invoice,sku,qty,date,price,customer,country';
const orderRow = '500001,22041,2,2010-03-01 10:01:00,2.1,12345,France';
const pack = (...rows: string[]) => packOnlineRetail([head, ...rows, ''].join('\n'), products);

test('the year holds all invoices of identified customers', () => {
  const orders = readOnlineRetail(join(import.meta.dirname, '../../../../examples/gift-barn/data/online-retail.br'));
  expect(orders).toHaveLength(22_686);
  expect(new Set(orders.map(({ customer }) => customer)).size).toBe(4_336);
  expect(orders.flatMap(({ lines }) => lines)).toHaveLength(402_731);
  expect(orders.filter(({ kind, total }) => kind === 'cancellation' && total >= 100)).toHaveLength(493);
  expect(new Date(orders.at(-1)?.atMs ?? 0).toISOString()).toBe('2010-11-30T19:35:00.000Z');
});

test('what is packed is read again', () => {
  const rows = [
    '500001,10002,10,2010-03-01 10:00:00,1.25,12345,France',
    orderRow,
    'C500002,22041,-1,2010-03-02 09:00:00,2.1,12345,France',
    '500003,22041,1,2010-03-02 08:00:00,1.95,12346,Japan',
  ];
  const order = { invoice: '500001', customer: '12345', kind: 'order', country: 'France', atMs: Date.UTC(2010, 2, 1, 10), total: 16.7 };
  const frame = { sku: '22041', description: 'FRAME 7" SINGLE, OLD' };
  expect(unpackOnlineRetail(pack(...rows).text)).toEqual([
    {
      ...order,
      lines: [
        { sku: '10002', description: 'GLOBE', quantity: 10, price: 1.25 },
        { ...frame, quantity: 2, price: 2.1 },
      ],
    },
    {
      ...order,
      invoice: '500003',
      customer: '12346',
      country: 'Japan',
      atMs: Date.UTC(2010, 2, 2, 8),
      total: 1.95,
      lines: [{ ...frame, quantity: 1, price: 1.95 }],
    },
    { ...order, invoice: 'C500002', kind: 'cancellation', atMs: Date.UTC(2010, 2, 2, 9), total: 2.1, lines: [{ ...frame, quantity: 1, price: 2.1 }] },
  ]);
});

test.each([
  ['no pieces', '500001,10002,0,2010-03-01 10:00:00,1.25,12345,France'],
  ['no number of pieces', '500001,10002,,2010-03-01 10:00:00,1.25,12345,France'],
  ['half a piece', '500001,10002,0.5,2010-03-01 10:00:00,1.25,12345,France'],
  ['endless pieces', '500001,10002,Infinity,2010-03-01 10:00:00,1.25,12345,France'],
  ['no price', '500001,10002,1,2010-03-01 10:00:00,NaN,12345,France'],
  ['a price below nothing', '500001,10002,1,2010-03-01 10:00:00,-1,12345,France'],
])('a line of %s is left out and counted', (_, row) => {
  const { text, counts } = pack(orderRow, row);
  expect(counts).toMatchObject({ invoices: 1, lines: 1, absurdLines: 1 });
  expect(unpackOnlineRetail(text)[0]?.lines).toHaveLength(1);
});

test('a line without a customer is left out and counted', () => {
  expect(pack(orderRow, '500009,10002,1,2010-03-01 10:00:00,1.25,,France').counts).toMatchObject({ invoices: 1, linesWithoutCustomer: 1 });
});

test('the order of the rows does not change the pack', () => {
  const other = '500000,10002,1,2010-03-01 10:01:00,1.25,12346,Japan';
  expect(pack(orderRow, other).text).toBe(pack(other, orderRow).text);
});

test('a file that is no pack is refused with a code', () => {
  expect(() => readOnlineRetail(import.meta.filename)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
