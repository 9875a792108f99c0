import { readFileSync } from 'node:fs';
import { Configurations } from '@attune/configuration/configurations';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { expect, test } from 'vitest';
import { EXAMPLE } from '../read-configuration.ts';
import { type DatasetWords, datasetAsked } from './dataset-options.ts';

const configuration = new Configurations(featureKindSpecs).of(readFileSync(EXAMPLE, 'utf8'));
const asked = (name: string, words: Partial<DatasetWords> = {}) =>
  datasetAsked(configuration, name, { share: '100%', seed: '1', asRecorded: false, maxRows: '100', ...words });
const DAY = 86_400_000;

test('a label says its view, purpose and moments, and words say otherwise', () => {
  expect(asked('buys_again')).toMatchObject({
    purpose: 'personalise',
    moments: { kind: 'every', everyMs: 28 * DAY },
    share: 1,
    view: { name: 'buying_habit' },
  });
  const words = { view: 'clicks', purpose: 'marketing', decisions: 'welcome_back', from: '2026-01-31', to: '2026-02-01T00:00:00+01:00', share: '12.5%' };
  expect(asked('buys_again', words)).toMatchObject({
    ...{ view: { name: 'clicks' }, purpose: 'marketing', moments: { kind: 'decisions', campaign: 'welcome_back' }, share: 0.125 },
    ...{ fromMs: Date.UTC(2026, 0, 31), toMs: Date.UTC(2026, 0, 31, 23) },
  });
  expect(asked('buys_again', { decisions: true }).moments).toEqual({ kind: 'decisions' });
  expect(asked('buys_again', { every: '7d' }).moments).toEqual({ kind: 'every', everyMs: 7 * DAY });
  expect(asked('buys_again', { each: 'Order Cancelled' }).moments).toEqual({ kind: 'each', event: 'Order Cancelled' });
});

test.each<[string, Partial<DatasetWords>, RegExp]>([
  ['buys_agian', {}, /There is no label buys_agian\. .*buys_again/],
  ['buys_again', { view: 'habit' }, /There is no view habit\./],
  ['buys_again', { purpose: 'marketting' }, /--purpose: there is no purpose marketting\. .*marketing/],
  ['buys_again', { each: 'Order Complete' }, /--each: there is no event Order Complete\. .*Order Completed/],
  ['buys_again', { every: '7' }, /--every: 7 is not a duration/],
  ['buys_again', { every: '7d', decisions: true }, /Give one of --each, --every and --decisions/],
  ['buys_again', { decisions: 'welcome' }, /--decisions: there is no campaign welcome/],
  ['buys_again', { from: 'yesterday' }, /--from: yesterday is no date/],
  ['buys_again', { share: '0%' }, /--share: 0% is not a part/],
  ['buys_again', { maxRows: '1e9' }, /--max-rows: 1e9 is no whole number/],
  ['buys_again', { positions: '/nowhere/manifest.json' }, /--positions: \/nowhere\/manifest\.json is no manifest/],
])('%s with %j is refused with what to write', (name, words, says) => {
  expect(() => asked(name, words)).toThrow(says);
});

test('a view in which the label would stand twice is refused', () => {
  const { labels } = configuration;
  const named = { ...configuration, labels: labels.map((label) => ({ ...label, name: 'lost_to_cancel' })) };
  const words = { share: '100%', seed: '1', asRecorded: false, maxRows: '100' };
  expect(datasetAsked(named, 'lost_to_cancel', words).view.name).toBe('buying_habit');
  expect(() => datasetAsked(named, 'lost_to_cancel', { ...words, view: 'clicks' })).toThrow(/lost_to_cancel is also a value of clicks: .* Name another --view/);
});
