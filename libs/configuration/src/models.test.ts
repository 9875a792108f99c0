import { expect, test } from 'vitest';
import { checkConfiguration, type Fault } from './check.ts';
import { EXPLAIN_STEPS_MAX, type ModelFile } from './fit-model.ts';
import { testKinds } from './test-kinds.fixture.ts';

const text = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes:
  personalise: { basis: legitimate_interest, keep: 2y, tell: { en: choose } }
  marketing: { basis: consent, keep: 2y, tell: { en: write } }
traits:
  country: { type: string, purposes: [personalise] }
  member: { type: boolean, purposes: [personalise] }
events: { Order Completed: { role: purchase, item: product_id, fields: { total: { type: number }, product_id: { type: string, open: true } } } }
features:
  orders: { count: Order Completed }
  spend: { sum: total, of: Order Completed }
  bought: { recent_items: Order Completed }
views:
  habit: { features: [orders, spend, traits.country, traits.member], purpose: personalise }
  open: [orders, spend]
models:
  again:
    kind: { file: again.txt }
    view: habit
    inputs:
      traits.country: { codes: [DE, GB], missing: 0 }
    missing: nan
    stale_after: 90d
`;
const named: ModelFile = { kind: 'model', features: ['spend', 'country', 'member', 'orders'], categories: [], explainSteps: 10 };
const checked = (document: string, file: ModelFile | undefined = named) =>
  checkConfiguration({ text: document, file: 'attune.yaml', kinds: testKinds, modelFile: () => file });
const faultsOf = (document: string, file?: ModelFile): readonly Fault[] => {
  const result = checked(document, file);
  return result.kind === 'faults' ? result.faults : [];
};
const said = ({ line, path, fault, fix }: Fault): string => `${line} ${path}: ${fault} → ${fix}`;

test('a model is compiled with a value of the view in each place', () => {
  const result = checked(text);
  expect(result.kind === 'ok' && result.configuration.models).toEqual([
    {
      ...{ name: 'again', file: 'again.txt', view: 'habit', purpose: 'personalise', withheld: 'refuse', staleAfterMs: 90 * 86_400_000, contributions: true },
      inputs: [
        { name: 'orders', missing: 'nan' },
        { name: 'spend', missing: 'nan' },
        { name: 'traits.country', codes: { DE: 0, GB: 1 }, missing: 0 },
        { name: 'traits.member', missing: 'nan' },
      ],
    },
  ]);
});

/** Right text, wrong text, the line on which the fault stands, and what it says. */
const mistakes: readonly (readonly [right: string, wrong: string, line: number, says: RegExp])[] = [
  ['view: habit', 'view: habits', 20, /models\.again\.view: There is no view habits\. → Did you mean habit\?/],
  ['view: habit', 'view: open', 20, /models\.again\.view: open declares no purpose\. → Give the model one/],
  ['view: habit', 'view: habit\n    purpose: personalize', 21, /models\.again\.purpose: There is no purpose personalize\. → Did you mean personalise\?/],
  ['view: habit', 'view: habit\n    purpose: marketing', 21, /traits\.country may not be used for marketing: it would always be withheld/],
  ['traits.country: {', 'traits.contry: {', 22, /There is no value of habit named traits\.contry\. → Did you mean traits\.country\?/],
  ['codes: [DE, GB], ', '', 20, /traits\.country is a text, and a model reads numbers\. → Write the codes of its training/],
  [
    '      traits.country',
    '      spend: { codes: [a] }\n      traits.country',
    22,
    /inputs\.spend\.codes: spend is no text, and codes stand for texts\. → Remove codes/,
  ],
  ['[orders, spend, traits', '[orders, bought, spend, traits', 20, /bought is not one value, and a model reads numbers/],
  ['missing: nan', 'missing: none', 23, /models\.again\.missing: This is not what a missing value becomes\. → Write nan, refuse, or a number/],
  ['codes: [DE, GB]', 'codes: DE', 22, /These are no codes\. → Write a list of texts/],
  ['kind: { file: again.txt }', 'kind: { fil: again.txt }', 19, /Did you mean file\?/],
  ['    stale_after', '    withheld: zero\n    stale_after', 24, /withheld: zero is not a word known here/],
];

test.each(mistakes)('%s written as %s is told with its line and a fix', (right, wrong, line, says) => {
  const faults = faultsOf(text.replace(right, () => wrong));
  expect(faults.map(said).find((one) => says.test(one))).toMatch(new RegExp(`^${line} `));
});

test('names that the model and its view do not share are told', () => {
  const other: ModelFile = { kind: 'model', features: ['spend', 'land', 'member', 'orders'], categories: [], explainSteps: 1 };
  expect(faultsOf(text, other).map(said)).toEqual([
    '20 models.again.view: The model reads land, which habit does not have. → Add it to the view, or say which value it is: inputs: { <value>: { as: land } }.',
    '20 models.again.view: The model has no feature named traits.country. → It has spend, land, member, orders.',
  ]);
  expect(faultsOf(text.replace('missing: 0', 'missing: 0, as: land'), other)).toEqual([]);
});

test('a model without names reads its view by place, if it has as many', () => {
  const columns = (count: number): ModelFile => ({
    kind: 'model',
    features: Array.from({ length: count }, (_, i) => `Column_${i}`),
    categories: [],
    explainSteps: 1,
  });
  expect(faultsOf(text, columns(4))).toEqual([]);
  expect(faultsOf(text, columns(5)).map(said)).toEqual([
    '20 models.again.view: The model has no names for its 5 features, and habit has 4 values. → Name a view of as many, in the order of the training, or train with names.',
  ]);
});

test('a file that is no model, and one too large to be explained, are faults of the line that names it', () => {
  const broken: ModelFile = { kind: 'fault', fault: 'again.txt cannot be read (ENOENT).', fix: 'Check the path.' };
  expect(faultsOf(text, broken).map(said)).toEqual(['19 models.again.kind.file: again.txt cannot be read (ENOENT). → Check the path.']);
  const large: ModelFile = { ...named, explainSteps: EXPLAIN_STEPS_MAX + 1 };
  expect(faultsOf(text, large).map(said)).toEqual([expect.stringMatching(/^19 .*too large to be explained in a call\. → Write contributions: false/)]);
  expect(faultsOf(text.replace('missing: nan', 'contributions: false'), large)).toEqual([]);
});

test('codes that are not those of the training are told with those that are', () => {
  const trained: ModelFile = {
    ...named,
    categories: [
      ['small', 'large'],
      ['DE', 'GB'],
    ],
  };
  expect(faultsOf(text, trained)).toEqual([]);
  expect(faultsOf(text.replace('[DE, GB]', '{ GB: 1, DE: 0 }'), trained)).toEqual([]);
  for (const other of ['[GB, DE]', '[DE]', '[DE, GB, ID]', '{ DE: 0, GB: 2 }'])
    expect(faultsOf(text.replace('[DE, GB]', other), trained).map(said)).toEqual([
      '22 models.again.inputs.traits.country.codes: The training gave the categories of traits.country other codes. → Write all of them in the order of the training: codes: [small, large] or codes: [DE, GB].',
    ]);
});
