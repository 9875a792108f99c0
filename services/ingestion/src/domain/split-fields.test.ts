import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventContract } from './event-contract.ts';
import { splitFields } from './split-fields.ts';

const contract: EventContract = {
  unknownEvents: 'keep',
  events: {
    Order: {
      fields: {
        total: { type: 'number', required: false, personal: false },
        address: { type: 'object', required: false, personal: true },
        order_id: { type: 'string', required: false, personal: false, open: true },
        wish: { type: 'string', required: false, personal: false, open: false },
        gifts: { type: 'list', required: false, personal: false },
        phone: { type: 'string', required: false, personal: true, open: true },
      },
    },
  },
  traits: {
    country: { type: 'string', personal: false, sensitive: false },
    email: { type: 'email', personal: true, sensitive: false },
    gender: { type: 'string', personal: false, sensitive: true },
  },
};
const split = (type: string, name: string, fields: Readonly<Record<string, unknown>>) =>
  sealed({ call: splitFields, given: () => [{ type, name, fields }, contract] });

test('of an event only what is declared and not personal is open', () => {
  const fields = { total: 0.1, address: { city: 'Bath' }, note: 'ring twice', toString: 1 };
  expect(split('track', 'Order', fields)).toEqual({ open: { total: 0.1 }, personal: { address: { city: 'Bath' }, note: 'ring twice', toString: 1 } });
});

test('a text or a list that is declared neither open nor personal is sealed: it may say anything', () => {
  const fields = { order_id: 'o1', wish: 'for Ann', gifts: [{ to: 'Ann' }], phone: '1' };
  expect(split('track', 'Order', fields)).toEqual({ open: { order_id: 'o1' }, personal: { wish: 'for Ann', gifts: [{ to: 'Ann' }], phone: '1' } });
});

test('of a customer only traits that are neither personal nor sensitive are open', () => {
  const traits = { country: 'GB', email: 'ada@example.com', gender: 'f', shoe: 5 };
  expect(split('identify', '', traits)).toEqual({ open: { country: 'GB' }, personal: { email: 'ada@example.com', gender: 'f', shoe: 5 } });
});

test('of an undeclared event, a page, a screen and a group nothing is open', () => {
  for (const [type, name] of [
    ['track', 'Nothing'],
    ['page', ''],
    ['screen', ''],
    ['group', ''],
  ] as const)
    expect(split(type, name, { total: 1, country: 'GB' })).toEqual({ open: {}, personal: { total: 1, country: 'GB' } });
});

test('every field is in one of the two, and as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('total', 'address', 'country', 'email', 'x', 'y'), fc.jsonValue()), (fields) => {
      for (const [type, name] of [
        ['track', 'Order'],
        ['identify', ''],
      ] as const) {
        const { open, personal } = splitFields({ type, name, fields }, contract);
        expect({ ...open, ...personal }).toEqual({ ...fields });
        expect(Object.keys(open).filter((field) => Object.hasOwn(personal, field))).toEqual([]);
      }
    }),
  );
});
