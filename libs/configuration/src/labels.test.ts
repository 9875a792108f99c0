import { expect, test } from 'vitest';
import { checkConfiguration, type Fault } from './check.ts';
import { testKinds } from './test-kinds.fixture.ts';

const text = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: choose } } }
events:
  Order Completed: { role: purchase, fields: { total: { type: number, decimals: 3 }, city: { type: string } } }
  Product Viewed: {}
features: { orders: { count: Order Completed } }
views:
  habit: { features: [orders], purpose: personalise }
  open: [orders]
labels:
  again: { event: role.purchase, within: 28d, view: habit, where: total > 10.0 }
  spend: { sum: total, of: Order Completed, within: 7d, view: open, purpose: personalise, moments: { each: Product Viewed } }
`;
const checked = (document: string) => checkConfiguration({ text: document, file: 'attune.yaml', kinds: testKinds });
const said = ({ line, path, fault, fix }: Fault): string => `${line} ${path}: ${fault} → ${fix}`;

test('a label is compiled with its event, its field and its moments', () => {
  const result = checked(text);
  expect(result.kind === 'ok' ? result.configuration.labels : result.faults).toMatchObject([
    {
      name: 'again',
      kind: 'event',
      event: 'Order Completed',
      withinMs: 28 * 86_400_000,
      purpose: 'personalise',
      moments: { kind: 'every', everyMs: 28 * 86_400_000 },
    },
    { name: 'spend', kind: 'sum', field: 'total', decimals: 3, view: 'open', purpose: 'personalise', moments: { kind: 'each', event: 'Product Viewed' } },
  ]);
});

/** Right text, wrong text, and what is said, with the line. */
const mistakes: readonly (readonly [right: string, wrong: string, says: RegExp])[] = [
  ['event: role.purchase', 'event: Order Complete', /^12 labels\.again\.event: There is no event Order Complete\. → Did you mean Order Completed\?/],
  ['event: role.purchase', 'event: role.refund', /^12 labels\.again\.event: No event has the role refund\./],
  ['event: role.purchase, ', '', /^12 labels\.again: A label says one thing\. → Write event/],
  ['  again: {', '  orders: {', /^12 labels\.orders: orders is also a value of habit: a dataset would have two columns of that name\. → Give the label/],
  ['  again: {', '  offset: {', /^12 labels\.offset: offset is what a dataset calls one of its own columns\. → Give the label another name/],
  ['within: 28d, ', '', /^12 labels\.again\.within: The duration is missing\./],
  ['within: 28d', 'within: 28', /^12 labels\.again\.within: 28 is not a duration\./],
  ['view: habit', 'view: habits', /^12 labels\.again\.view: There is no view habits\. → Did you mean habit\?/],
  ['view: habit', 'view: open', /^12 labels\.again\.view: open declares no purpose\. → Give the label one/],
  ['where: total > 10.0', 'where: totals > 10.0', /^12 labels\.again\.where: .*totals/],
  ['sum: total', 'sum: city', /^13 labels\.spend\.sum: city is no number, and sum needs one\. → Name a field with type: number\./],
  ['sum: total', 'sum: totl', /^13 labels\.spend\.sum: There is no field of Order Completed named totl\. → Did you mean total\?/],
  [', of: Order Completed', '', /^13 labels\.spend: sum and of belong together\./],
  ['purpose: personalise, moments', 'purpose: personalize, moments', /^13 labels\.spend\.purpose: There is no purpose personalize\./],
  ['each: Product Viewed', 'each: Product Seen', /^13 labels\.spend\.moments\.each: There is no event Product Seen\./],
  ['each: Product Viewed', 'decisions: hello', /^13 labels\.spend\.moments\.decisions: There is no campaign hello\./],
  ['each: Product Viewed', 'each: Product Viewed, every: 7d', /^13 labels\.spend\.moments: A label has one kind of moments\./],
];

test.each(mistakes)('%s written as %s is told with line and fix', (right, wrong, says) => {
  const result = checked(text.replace(right, wrong));
  expect(result.kind === 'faults' ? result.faults.map(said) : []).toContainEqual(expect.stringMatching(says));
});

test('a value that is named like a column of its own is told where a label would have it in its rows', () => {
  const named = text.replaceAll('orders', 'partition');
  const result = checked(named);
  expect(result.kind === 'faults' ? result.faults.map(said) : []).toEqual([
    '12 labels.again: partition is what a dataset calls one of its own columns. → Give the feature another name, or leave it out of habit.',
    '13 labels.spend: partition is what a dataset calls one of its own columns. → Give the feature another name, or leave it out of open.',
  ]);
});
