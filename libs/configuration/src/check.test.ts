import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkConfiguration, type Fault } from './check.ts';
import { testKinds } from './test-kinds.fixture.ts';

const demo = readFileSync(new URL('../../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
const checked = (text: string, messages?: readonly string[]) =>
  checkConfiguration({ text, file: 'attune.yaml', kinds: testKinds, ...(messages && { messages }) });
const faultsOf = (text: string, messages?: readonly string[]): readonly Fault[] => {
  const result = checked(text, messages);
  return result.kind === 'faults' ? result.faults : [];
};

/** The demo with one text replaced, and the line on which the mistake then stands. */
function planted(right: string, wrong: string): { text: string; line: number } {
  const at = demo.indexOf(right);
  if (at < 0) throw new Error(`the demo no longer has: ${right}`);
  const lead = /^\n*/.exec(right)?.[0].length ?? 0;
  return { text: demo.replace(right, () => wrong), line: demo.slice(0, at + lead).split('\n').length };
}

/** Right text, wrong text, and what the one fault says: path, fault and fix. The fault stands on the line of the change, or of `at`. */
const mistakes: readonly (readonly [right: string, wrong: string, says: RegExp, at?: string])[] = [
  ['attune: 1 ', 'attune: 2 ', /^attune: The language version is not 1\. → Begin/],
  ['currency: GBP', 'currency: pounds', /^shop\.currency: .* → Write its three capital letters/],
  ['time_zone: Europe/London', 'time_zone: Europe/Lundon', /^shop\.time_zone: This is not a time zone/],
  ['name: Gift Barn, ', '', /^shop\.name: name is missing\. → Add it: a text/],
  ['\npurposes:', '\npurpses:', /^purpses: purpses is not a word known here\. → Did you mean purposes\?/],
  ['basis: consent', 'basis: consnt', /basis: consnt is not a word known here\. → Did you mean consent\?/],
  ['keep: 6y', 'keep: six years', /keep: six years is not a duration\. → Write a whole number and s, m, h, d or y/],
  ['type: email, personal', 'typ: email, personal', /^traits\.email\.typ: typ .* → Did you mean type\?/],
  [
    'personal: true, purposes: [service, marketing] }\n  name',
    'personal: yes, purposes: [service, marketing] }\n  name',
    /personal: This is not true or false/,
  ],
  [
    'purposes: [service, personalise] }',
    'purposes: [service, personalize] }',
    /^traits\.country\.purposes\.1: There is no purpose personalize\. → Did you mean personalise\?/,
  ],
  ['enum: [en, id]', 'enum: [en, id], type: string', /^traits\.language: A trait has either a type or an enum/],
  ['allowed: 7d', 'allowed: 7 days', /^late_events\.allowed: 7 days is not a duration/],
  ['role: purchase', 'role: purchse', /role: purchse is not .* → Did you mean purchase\?/],
  ['each: products', 'each: product', /each: There is no field of Order Completed named product\. → Did you mean products\?/],
  ['type: number, min: 0, required', 'type: nubmer, min: 0, required', /type: nubmer is not .* → Did you mean number\?/],
  ['min: 0, required: true }', 'min: 10, max: 5, required: true }', /min is more than max/],
  ['type: list, max: 500', 'type: list, min: 1, max: 500', /min: min bounds numbers, and products is a list/],
  ['{ count: Order Completed }', '{ cuont: Order Completed }', /^features\.orders: .* → Did you mean count\?/],
  ['{ count: Order Completed, window: 90d }', '{ count: Order Completed, windw: 90d }', /^features\.orders_90d\.windw: windw .* → Did you mean window\?/],
  ['{ count: Order Completed, window: 90d }', '{ count: Order Completed, window: 1.5d }', /^features\.orders_90d\.window: 1\.5d is not a duration/],
  ['{ count: Order Completed }', '{ count: Order Complete }', /^features\.orders\.count: There is no event Order Complete\. → Did you mean Order Completed\?/],
  ['sum: total, of: Order Completed', 'sum: totl, of: Order Completed', /sum: There is no field of Order Completed named totl\. → Did you mean total\?/],
  ['sum: total, of: Order Completed', 'sum: order_id, of: Order Completed', /sum: order_id is a string, and sum needs a number/],
  ['sum: total, of: Order Completed, window', 'sum: total, window', /of: of is missing\. → Add it: a text/],
  ['{ count: Order Completed }', '{ count: Order Completed, sum: total }', /A feature has one kind, and this one has count and sum/],
  ['unit: days, min_events: 3', 'unit: weeks, min_events: 3', /unit: weeks is not a word known here\. → Known here: days, hours/],
  ['min_events: 3', 'min_events: 0', /min_events: This is less than 1/],
  [
    '[orders, orders_90d, spend',
    '[orders, order_90d, spend',
    /^views\.buying_habit\.features\.1: There is no feature or trait order_90d\. → Did you mean orders_90d\?/,
  ],
  [
    '[promotion_clicks_90d, lost',
    '[promotion_clicks_90d, lsot',
    /^views\.clicks\.1: There is no feature or trait lsot_to_cancel\. → Did you mean lost_to_cancel\?/,
  ],
  [
    'traits.country], purpose',
    'traits.contry], purpose',
    /^views\.buying_habit\.features\.5: There is no feature or trait traits\.contry\. → Did you mean traits\.country\?/,
  ],
  [
    'traits.country], purpose',
    'traits.gender], purpose',
    /^views\.buying_habit\.features\.5: traits\.gender is sensitive, and no view may name it\. → Remove it/,
  ],
  [
    'traits.country], purpose',
    'traits.email], purpose',
    /traits\.email may not be used for personalise: it would always be withheld\. → Add personalise to its purposes/,
  ],
  ['traits.country], purpose', 'orders.London], purpose', /There is no feature or trait orders\.London/],
  ['traits.country], purpose', 'orders], purpose', /^views\.buying_habit\.features\.5: orders stands twice in the view/],
  [
    '], purpose: personalise }\n  clicks',
    '], purpose: persnalise }\n  clicks',
    /^views\.buying_habit\.purpose: There is no purpose persnalise\. → Did you mean personalise\?/,
  ],
  [
    '], purpose: personalise }\n  clicks',
    '], purposes: personalise }\n  clicks',
    /^views\.buying_habit\.purposes: purposes is not a word known here\. → Did you mean purpose\?/,
  ],
  ['clicks: [promotion_clicks_90d, lost_to_cancel]', 'clicks: promotion_clicks_90d', /^views\.clicks: This is not a view\. → Write a list of features/],
  ['], purpose: personalise }\n  clicks', '], purpose: personalise, max_age: 2 days }\n  clicks', /^views\.buying_habit\.max_age: 2 days is not a duration/],
  ['unit: days, min_events: 3', 'unit: days, max_age: 1.5d', /^features\.usual_gap_days\.max_age: 1\.5d is not a duration/],
  ['clicks: [promotion_clicks_90d, lost_to_cancel]', 'clicks: []', /^views\.clicks: This is less than 1/],
  ['clicks: [promotion', 'clicks: [7, promotion', /^views\.clicks\.0: This is not a text/],
  [
    '{ recent_items: Order Completed }',
    '{ recent_items: Support Case Opened }',
    /^features\.bought\.recent_items: Support Case Opened does not say where its items/,
  ],
  [
    'history: bought,',
    'history: bougth,',
    /^recommenders\.also_bought\.history: There is no feature of kind recent_items named bougth\. → Did you mean bought\?/,
  ],
  ['history: bought,', 'history: bought, purpose: service,', /^recommenders\.also_bought\.history: bought may not be used for service/],
  ['bought_within_30d]', 'sold_out]', /^recommenders\.also_bought\.exclude\.1: sold_out excludes nothing that is known/],
  ['orders == 1', 'bought == 1', /^segments\.first_timer: There is no feature bought/],
  ['orders == 1', 'orders = 1', /^segments\.first_timer: = does not compare\. → Write ==/],
  ['spend_90d >= 1500', 'spend_90 >= 1500', /^segments\.vip: There is no feature spend_90\. → Did you mean spend_90d\?/],
  ['spend_90d >= 1500', 'traits.gender == "f"', /^segments\.vip: gender is a sensitive trait: no rule may use it/],
  ['spend_90d >= 1500', '1', /^segments\.vip: This is not a text/],
  ['who: orders >= 2', 'who: \'"vipp" in segments\'', /^offers\.your_favourites\.who: There is no segment vipp\. → Did you mean vip\?/],
  ['value: 60.00', 'value: much', /^offers\.we_miss_you_15\.value: This is not a number/],
  ['sent: 40', 'sent: 1', /^offers\.second_order_10\.prior: More are accepted than sent/],
  ['purpose: marketing', 'purpose: markting', /^campaigns\.welcome_back\.purpose: There is no purpose markting\. → Did you mean marketing\?/],
  [
    '[service, personalise, marketing] }',
    '[personalise, marketing] }',
    /^campaigns\.apology\.start\.segment\.0: let_down may not be used for service, since it reads lost_to_cancel: the campaign would never begin\. → Add service to the purposes of lost_to_cancel/,
    'segment: let_down',
  ],
  [
    '[service, personalise, marketing] }',
    '[service, personalise] }',
    /^delivery\.pause_promotions\.from\.1: let_down may not be used for marketing, since it reads lost_to_cancel: it cannot decide what is sent for marketing\./,
    'segment.let_down',
  ],
  ['[first_timer, lapsing]', '[first_timer, lapsng]', /start\.segment\.1: There is no segment lapsng\. → Did you mean lapsing\?/],
  ['we_miss_you_15, your', 'we_miss_you, your', /offers\.1: There is no offer we_miss_you\. → Did you mean we_miss_you_15\?/],
  ['by: propensity * value - cost', 'by: propensty * value - cost', /choose\.by: There is no feature propensty\. → Did you mean propensity\?/],
  ['explore: 0.05', 'explore: 5', /choose\.explore: This is more than 1\. → Write at most 1/],
  ['channels: [email, inbox]', 'channels: [emial, inbox]', /channels\.0: emial .* → Did you mean email\?/],
  ['goal: { event: Order Completed', 'goal: { event: Order Copleted', /goal\.event: There is no event Order Copleted/],
  ['holdout: 10%', 'holdout: 10', /holdout: 10 is not a percentage\. → Write 0% to 100%/],
  ['holdout: 10%', 'variants: { a: { share: 50% }, b: { share: 40% } }', /^campaigns\.welcome_back\.variants: The shares of the variants do not make 100%/],
  [
    'holdout: 10%',
    'variants: { a: { share: 50% }, treated: { share: 50% } }',
    /^campaigns\.welcome_back\.variants\.treated: .* → Give the variant another name/,
  ],
  [
    'holdout: 10%',
    'variants: { a: { share: 100%, offers: [your_favorites] } }',
    /variants\.a\.offers\.0: There is no offer your_favorites\. → Did you mean your_favourites/,
  ],
  ['holdout: 10%', 'variants: { a: { share: 100%, offers: [your_favourites], message: apology } }', /variants\.a: A variant has either offers or one message/],
  ['holdout: 10%', 'variants: { a: { share: 100%, choose: { by: valu - cost } } }', /variants\.a\.choose\.by: .* → Did you mean value/],
  ['expires: 3d', 'expires: soon', /expires: soon is not a duration/],
  ['from: "21:00"', 'from: 21', /quiet_hours\.from: 21 is not a time of day\. → Write hours and minutes in quotes/],
  ['fallback_zone: shop', 'fallback_zone: shp', /fallback_zone: shp is not a time zone/],
  ['at_most: 2, per: 7d', 'at_most: 0, per: 7d', /at_most: This is less than 1/],
  ['per: day', 'per: fortnight', /per: This is neither a day nor a duration/],
  ['role.complaint, ', 'role.complant, ', /from\.0: There is no role complant\. → Did you mean complaint\?/],
  ['stop_everything: false', 'stop_everything: nope', /stop_everything: This is not true or false/],
  ['  vip: ', '  VIP: ', /VIP is not a name\. → Write lower case letters/],
  ['shop: {', 'shop: [', /This is not YAML/],
];

describe('checkConfiguration', () => {
  it('reads the demo shop', () => {
    const result = checked(demo);
    expect(result).toMatchObject({ kind: 'ok', configuration: { version: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    if (result.kind !== 'ok') return;
    const { features, segments, campaigns, delivery } = result.configuration;
    expect(features.find(({ name }) => name === 'spend_90d')).toEqual({
      name: 'spend_90d',
      kind: 'sum',
      event: 'Order Completed',
      field: 'total',
      windowMs: 90 * 86_400_000,
      decimals: 2,
      purposes: ['personalise', 'marketing'],
    });
    expect(segments.map(({ name }) => name)).toEqual(['first_timer', 'vip', 'lapsing', 'let_down']);
    expect(campaigns[0]).toMatchObject({ variants: [], holdout: 0.1, expiresMs: 3 * 86_400_000, start: { segments: ['first_timer', 'lapsing'] } });
    expect(delivery.pausePromotions).toMatchObject({ fromEvents: ['Support Case Opened'], fromSegments: ['let_down'], untilEvents: ['Support Case Closed'] });
  });

  const placed = mistakes.map(([right, wrong, says, at]) => [right, wrong, says, at ?? right] as const);

  it.each(placed)('finds the mistake in %j → %j on its line', (right, wrong, says, at) => {
    const { text } = planted(right, wrong);
    const { line } = planted(at, wrong);
    const faults = faultsOf(text);
    expect(faults.map(({ path, fault, fix }) => `${path}: ${fault} → ${fix}`)).toContainEqual(expect.stringMatching(says));
    expect(faults.find(({ path, fault, fix }) => says.test(`${path}: ${fault} → ${fix}`))?.line).toBe(line);
  });

  it('names the column of the value, and of the key when the key is wrong', () => {
    expect(faultsOf(planted('keep: 6y', 'keep: 6x').text)[0]).toMatchObject({ line: 5, column: 37 });
    expect(faultsOf(planted('keep: 6y', 'kep: 6y').text)).toContainEqual(expect.objectContaining({ line: 5, column: 31, path: 'purposes.service.kep' }));
  });

  it('tells several mistakes at once in the order of the file', () => {
    const text = demo.replace('keep: 6y', 'keep: 6x').replace('expires: 3d', 'expires: 3x');
    expect(faultsOf(text).map(({ path }) => path)).toEqual(['purposes.service.keep', 'campaigns.welcome_back.expires']);
  });

  it('checks the names of messages when they are given', () => {
    const messages = ['second-order', 'we-miss-you', 'favourites', 'apology', 'vip-thanks'];
    expect(checked(demo, messages).kind).toBe('ok');
    expect(faultsOf(demo, ['second-orders', ...messages.slice(1)])[0]).toMatchObject({
      path: 'offers.second_order_10.message',
      fix: 'Did you mean second-orders?',
    });
  });

  it('changes its version with every change of the text', () => {
    const [one, other] = [checked(demo), checked(`${demo}\n`)];
    expect(one.kind === 'ok' && other.kind === 'ok' && one.configuration.version !== other.configuration.version).toBe(true);
  });

  it('says what an empty file lacks', () => {
    expect(faultsOf('').map(({ path }) => path)).toEqual(expect.arrayContaining(['attune', 'shop', 'purposes', 'events']));
  });

  it('takes a new kind of feature without a change here', () => {
    const kinds = [
      ...testKinds,
      { keyword: 'longest', operand: 'field', options: { of: { type: 'event', required: true, doc: '' } }, result: 'number', doc: '' } as const,
    ];
    const text = planted('{ count: Order Completed }', '{ longest: total, of: Order Completed }').text;
    expect(checkConfiguration({ text, file: 'f', kinds }).kind).toBe('ok');
  });

  it('gives a feature the type of the field that it reads', () => {
    const withLast = planted('{ count: Order Completed }', '{ last: total, of: Order Completed }').text;
    expect(checked(withLast).kind).toBe('ok');
    expect(faultsOf(withLast.replace('last: total', 'last: order_id'))[0]?.fault).toContain('mixes types');
    expect(faultsOf(withLast.replace('last: total', 'last: products'))[0]?.fault).toContain('last needs one value');
  });
});

describe('checkConfiguration, given something hostile', () => {
  it.each([
    ['a megabyte', `a: ${'x'.repeat(1_000_000)}`, /larger than/],
    ['deep brackets', `a: ${'['.repeat(100_000)}`, /nests deeper/],
    ['deep indents', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /nests deeper/],
    ['deep dashes', `${'- '.repeat(10_000)}a`, /nests deeper/],
    ['tabs', demo.replace('  vip:', '\tvip:'), /tab/i],
    ['a key twice', demo.replace('  vip:', '  first_timer: orders > 1\n  vip:'), /stands twice/],
    ['a key __proto__', demo.replace('  vip:', '  __proto__:'), /__proto__ is not a name/],
    ['an alias to nothing', demo.replace('orders == 1', '*nothing'), /alias/i],
    ['a tag', demo.replace('orders == 1', '!!js/function orders'), /./],
    ['a second document', `${demo}\n---\nattune: 1\n`, /not YAML/],
    ['a condition that does not parse', demo.replace('orders == 1', 'orders == ('), /does not parse/],
  ])('answers %s with a fault', (_what, text, says) => {
    const started = process.cpuUsage().user;
    const faults = faultsOf(text);
    expect(faults.map(({ fault }) => fault)).toContainEqual(expect.stringMatching(says));
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(3_000_000);
  });

  it('refuses aliases that unfold to millions', () => {
    const bomb = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
    ].join('\n');
    expect(faultsOf(bomb)[0]?.fault).toContain('aliases');
  });

  it('tells at most a hundred faults', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `wrong${i}: 1`).join('\n');
    expect(faultsOf(`${demo}\n${keys}`)).toHaveLength(100);
  });

  it('reads a file of thousands of keys in seconds', () => {
    const traits = Array.from({ length: 15_000 }, (_, i) => `  t${i}: { type: string }`).join('\n');
    expect(checked(demo.replace('traits: ', `traits:\n${traits}\n#`)).kind).toBe('ok');
  }, 20_000);

  it('takes the words that YAML 1.1 would turn into booleans as words', () => {
    expect(checked(demo.replace('enum: [en, id]', 'enum: [no, on, yes, n]').replace('Gift Barn', 'NO')).kind).toBe('ok');
  });
});

it('says that a recommender has nothing to learn from where the lines of purchases are sealed', () => {
  const faults = faultsOf(demo.replace('required: true, open: true } # open:', 'required: true } # open:'));
  expect(faults.map(({ path }) => path)).toEqual(['also_bought', 'like_carts', 'popular_now'].map((name) => `recommenders.${name}.kind`));
  for (const { fault } of faults) expect(fault).toMatch(/^There is nothing to learn from/);
});
