import { describe, expect, it } from 'vitest';
import { compileAmount, compileCondition, type KnownNames, type Values } from './conditions.ts';

const dayMs = 86_400_000;
const names: KnownNames = {
  features: new Map([
    ['orders', { type: 'number' }],
    ['spend', { type: 'number' }],
    ['days_since_order', { type: 'number', unitMs: dayMs }],
    ['hours_since_visit', { type: 'number', unitMs: dayMs / 24 }],
    ['last_topic', { type: 'text' }],
    ['opened', { type: 'truth' }],
  ]),
  traits: new Map([
    ['country', { type: 'text', sensitive: false }],
    ['gender', { type: 'text', sensitive: true }],
  ]),
  segments: new Set(['vip', 'lapsing']),
};
const of = (features: Record<string, unknown>, more: Partial<Values> = {}): Values => ({ features, traits: {}, segments: [], ...more });

function answer(source: string, values: Values) {
  const compiled = compileCondition(source, names);
  if (compiled.kind === 'fault') throw new Error(`${source}: ${compiled.fault} ${compiled.fix}`);
  return compiled.evaluate(values);
}
const refused = (source: string): string => {
  const compiled = compileCondition(source, names);
  return compiled.kind === 'fault' ? `${compiled.fault} ${compiled.fix}` : 'accepted';
};

describe('compileCondition', () => {
  it.each([
    ['orders == 1', { orders: 1 }],
    ['1 == orders', { orders: 1 }],
    ['orders != 2', { orders: 1 }],
    ['spend > 1.5 * orders', { orders: 2, spend: 3.5 }],
    ['spend > 2 * orders + 1', { orders: 2, spend: 5.5 }],
    ['1.5 * 2 == 3', {}],
    ['orders % 2 == 1', { orders: 3 }],
    ['orders in [1, 2, 3]', { orders: 2 }],
    ['opened && last_topic.startsWith("ref")', { opened: true, last_topic: 'refund' }],
    ['days_since_order > days(30)', { days_since_order: 31 }],
    ['hours(36) < days_since_order', { days_since_order: 2 }],
    ['hours_since_visit > days(1)', { hours_since_visit: 25 }],
  ])('holds: %s', (source, features) => {
    expect(answer(source, of(features))).toEqual({ kind: 'holds' });
  });

  it('reads traits and segments', () => {
    expect(answer('traits.country == "ID" && "vip" in segments', of({}, { traits: { country: 'ID' }, segments: ['vip'] }))).toEqual({ kind: 'holds' });
    expect(answer('!("vip" in segments)', of({}))).toEqual({ kind: 'holds' });
  });

  it.each([
    ['orders == 1', {}, { kind: 'unknown', missing: 'orders' }],
    ['!(orders == 1)', {}, { kind: 'unknown', missing: 'orders' }],
    ['orders == 1 && spend > 1', { spend: 0 }, { kind: 'fails' }],
    ['spend > 1 && orders == 1', { spend: 0 }, { kind: 'fails' }],
    ['orders == 1 && spend > 1', { spend: 2 }, { kind: 'unknown', missing: 'orders' }],
    ['orders == 1 || spend > 1', { spend: 2 }, { kind: 'holds' }],
    ['spend > 1 || orders == 1', { spend: 0 }, { kind: 'unknown', missing: 'orders' }],
    ['traits.country == "ID"', {}, { kind: 'unknown', missing: 'traits.country' }],
    ['traits["country"] == "ID"', {}, { kind: 'unknown', missing: 'traits.country' }],
    ['1 / 0 == 1', {}, { kind: 'unknown' }],
  ])('answers %s of %j by the rules for what is missing', (source, features, expected) => {
    expect(answer(source, of(features))).toEqual(expected);
  });

  it.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY, {}, []])('takes %j as missing', (orders) => {
    expect(answer('orders == 1', of({ orders }))).toEqual({ kind: 'unknown', missing: 'orders' });
  });

  it('answers unknown when the segments are missing as a whole', () => {
    expect(answer('"vip" in segments', { features: {}, traits: {} })).toEqual({ kind: 'unknown', missing: 'segments' });
  });

  it('reads own values only', () => {
    expect(answer('orders == 1', of(Object.create({ orders: 1 })))).toEqual({ kind: 'unknown', missing: 'orders' });
  });

  it('says what it reads', () => {
    const compiled = compileCondition('spend > 1 && orders > 1 && traits.country == "ID" && "vip" in segments', names);
    expect(compiled).toMatchObject({ reads: { features: ['orders', 'spend'], traits: ['country'], segments: ['vip'] } });
  });

  it.each([
    ['orders = 1', 'Write =='],
    ['orders === 1', 'Write ==.'],
    ['orders <> 1', 'Write !='],
    ['orders == 1 and spend > 1', 'Write &&'],
    ['orders == 1 OR spend > 1', 'Write ||'],
    ['not orders == 1', 'Write !'],
    ['orders > 1 & spend > 1', 'Write &&'],
    ['days_since_order > 30d', 'Write days(30)'],
    ['spend > 1.500.000', 'Write 1500000'],
    ['spend > 1,500', 'Write 1500'],
    ['ordres > 1', 'Did you mean orders?'],
    ['country == "ID"', 'Write traits.country'],
    ['vip', 'Write "vip" in segments'],
    ['"vipp" in segments', 'Did you mean vip?'],
    ['traits.contry == "ID"', 'Did you mean country?'],
    ['traits.gender == "f"', 'sensitive trait'],
    ['traits["gender"] == "f"', 'sensitive trait'],
    ['gender == "f"', 'sensitive trait'],
    ['last_topic == “refund”', 'quotation mark'],
    ['orders', 'Compare it'],
    ['orders && opened', 'Compare it'],
    ['last_topic == 1', 'mixes types'],
    ['orders > days(30)', 'measures time'],
    ['last_topic.matches("(a+)+$")', 'matches is refused'],
    ['[1].all(x, [1].all(y, x == y))', 'inside another loop'],
    ['cel.bind(x, "a", x == "a")', 'cel.bind is refused'],
    ['', 'does not parse'],
    ['orders > 1 )', 'does not parse'],
    [`orders > ${'1 + '.repeat(600)}1`, 'longer than 2000'],
    [`${'('.repeat(500)}opened${')'.repeat(500)}`, 'too deep'],
    [`${'!'.repeat(1500)}opened`, 'too deep'],
  ])('refuses %j and says %j', (source, says) => {
    expect(refused(source)).toContain(says);
  });
});

describe('compileAmount', () => {
  it('gives a number, or names what is missing', () => {
    const compiled = compileAmount('spend * 2 - orders', names);
    if (compiled.kind === 'fault') throw new Error(compiled.fault);
    expect(compiled.evaluate(of({ spend: 2.5, orders: 1 }))).toEqual({ kind: 'value', value: 4 });
    expect(compiled.evaluate(of({ spend: 2.5 }))).toEqual({ kind: 'unknown', missing: 'orders' });
  });

  it('answers unknown for what is not finite', () => {
    const compiled = compileAmount('spend / orders', names);
    expect(compiled.kind === 'compiled' && compiled.evaluate(of({ spend: 1, orders: 0 }))).toEqual({ kind: 'unknown' });
  });

  it('refuses a condition', () => {
    expect(compileAmount('orders > 1', names)).toMatchObject({ kind: 'fault' });
  });
});

describe('conditions on lists and on values by name', () => {
  const known: KnownNames = {
    features: new Map([
      ['favourites', { type: 'texts' }],
      ['last_totals', { type: 'numbers' }],
      ['spend_by', { type: 'number', byName: true }],
      ['bought_by', { type: 'texts', byName: true }],
    ]),
    traits: new Map(),
    segments: new Set(),
  };
  const values: Values = {
    features: { favourites: ['Mugs', 'Lamps'], last_totals: [12, 7.5], spend_by: { Mugs: 30, 'Tea lights': 2 }, bought_by: { Mugs: ['m1'] } },
    traits: {},
  };
  const answered = (source: string, of = values) => {
    const compiled = compileCondition(source, known);
    return compiled.kind === 'fault' ? compiled.fault : compiled.evaluate(of);
  };

  it.each([
    '"Mugs" in favourites',
    'favourites[0] == "Mugs"',
    'size(favourites) == 2',
    '12 in last_totals && 7.5 in last_totals',
    'last_totals.exists(total, total > 10)',
    'last_totals[1] < 8',
    'spend_by["Mugs"] >= 30',
    'spend_by.Mugs > 1.5 * spend_by["Tea lights"]',
    '"Mugs" in spend_by && !("Vases" in spend_by)',
    '"m1" in bought_by["Mugs"]',
  ])('holds: %s', (source) => {
    expect(answered(source)).toEqual({ kind: 'holds' });
  });

  it('is unknown where the name has no value, and says which', () => {
    expect(answered('spend_by["Vases"] > 1')).toEqual({ kind: 'unknown', missing: 'spend_by.Vases' });
    expect(answered('spend_by.Vases > 1')).toEqual({ kind: 'unknown', missing: 'spend_by.Vases' });
    expect(answered('spend_by["Mugs"] > 1', { features: {}, traits: {} })).toEqual({ kind: 'unknown', missing: 'spend_by' });
    expect(answered('favourites[7] == "Mugs"')).toMatchObject({ kind: 'unknown' });
  });

  it('compares like with like', () => {
    expect(answered('favourites == 1')).toContain('mixes types');
    expect(answered('1 in favourites')).toContain('mixes types');
    expect(answered('spend_by["Mugs"] == "thirty"')).toContain('mixes types');
  });
});
