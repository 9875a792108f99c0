import { sealed } from '@attune/testing/laws/sealed';
import { expect, test } from 'vitest';
import { type ContractCase, contractFault } from './check-contract.ts';
import type { EventContract, FieldContract } from './event-contract.ts';

const field = (type: FieldContract['type'], more: Partial<FieldContract> = {}): FieldContract => ({ type, required: false, personal: false, ...more });
const contract: EventContract = {
  unknownEvents: 'reject',
  events: {
    'Order Completed': {
      fields: {
        order_id: field('string', { required: true, min: 2, max: 5 }),
        total: field('number', { min: 0, max: 100 }),
        products: field('list', { max: 2 }),
        gift: field('boolean'),
        address: field('object', { personal: true }),
        due: field('time', { min: Date.UTC(2026, 0, 1) }),
      },
    },
    toString: { fields: {} },
  },
  traits: {
    email: { type: 'email', personal: true, sensitive: false },
    language: { enum: ['en', 'id'], personal: false, sensitive: false },
    age: { type: 'number', personal: false, sensitive: true },
    name: { type: 'string', personal: true, sensitive: false },
    member: { type: 'boolean', personal: false, sensitive: false },
    born: { type: 'time', personal: true, sensitive: false },
  },
};
const parse = Date.parse;
const faultOf = (call: Partial<ContractCase>, given: EventContract = contract): string => {
  const whole: ContractCase = { type: 'track', name: 'Order Completed', fields: {}, source: 'app', ...call };
  const fault = sealed({ call: (one: ContractCase, by: EventContract) => contractFault(one, by, parse), given: () => [whole, given] });
  return fault === undefined ? 'none' : `${fault.code} ${fault.field}`;
};
const order = (fields: object): string => faultOf({ fields: { order_id: 'o1', ...fields } });
const traits = (fields: object): string => faultOf({ type: 'identify', name: '', fields: fields as ContractCase['fields'] });

test('a name that is not declared is refused, unless the configuration keeps it', () => {
  expect(faultOf({ name: 'Order Complete' })).toBe('EVENT_UNDECLARED event');
  expect(faultOf({ name: 'constructor' })).toBe('EVENT_UNDECLARED event');
  expect(faultOf({ name: 'Order Complete' }, { ...contract, unknownEvents: 'keep' })).toBe('none');
});

test('only a track call has a name to declare', () => {
  for (const type of ['page', 'screen', 'group', 'alias']) expect(faultOf({ type, name: '', fields: { total: 'x' } })).toBe('none');
});

test("names of Attune's own facts are for Attune alone, declared or not", () => {
  const keep: EventContract = { ...contract, unknownEvents: 'keep' };
  for (const name of ['Attune Message Sent', 'attune.message.sent']) {
    expect(faultOf({ name }, keep)).toBe('EVENT_RESERVED event');
    expect(faultOf({ name, source: 'attune' })).toBe('none');
  }
  expect(faultOf({ name: 'Attuned' }, keep)).toBe('none');
});

test('a required field that is absent or null is named', () => {
  expect(faultOf({ fields: { total: 1 } })).toBe('FIELD_MISSING properties.order_id');
  expect(faultOf({ fields: { order_id: null } })).toBe('FIELD_MISSING properties.order_id');
  expect(order({ total: null })).toBe('none');
});

test.each([
  ['order_id', 'oo', 'o'],
  ['order_id', 'ooooo', 'oooooo'],
  ['order_id', 'o1', 12],
  ['total', 0, -0.01],
  ['total', 100, 100.01],
  ['total', 5, '5'],
  ['products', [1, 2], [1, 2, 3]],
  ['products', [], { length: 1 }],
  ['gift', false, 'false'],
  ['address', {}, []],
  ['address', { city: 'Bath' }, 'Bath'],
  ['due', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z'],
  ['due', Date.UTC(2026, 1, 1), 'soon'],
])('%s may be %j and not %j', (name, good, bad) => {
  expect(order({ [name]: good })).toBe('none');
  expect(order({ [name]: bad })).toBe(`FIELD_INVALID properties.${name}`);
});

test.each([
  ['email', 'ada@example.com', 'ada'],
  ['email', 'a@b', 'a@b@c'],
  ['email', `${'a'.repeat(248)}@b.com`, `${'a'.repeat(249)}@b.com1`],
  ['language', 'id', 'fr'],
  ['age', 42, '42'],
  ['name', '', 7],
  ['member', true, 1],
  ['born', '1990-02-01', 'a while ago'],
])('trait %s may be %j and not %j', (name, good, bad) => {
  expect(traits({ [name]: good })).toBe('none');
  expect(traits({ [name]: null })).toBe('none');
  expect(traits({ [name]: bad })).toBe(`FIELD_INVALID traits.${name}`);
});

test('what is not declared may be anything', () => {
  expect(order({ note: ['x'], toString: 1 })).toBe('none');
  expect(traits({ shoe: { size: 5 } })).toBe('none');
});
