import { readFileSync } from 'node:fs';
import { checkConfiguration } from '@attune/configuration/check';
import { profileBytesOf } from '@attune/configuration/profile-bytes';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { expect, test } from 'vitest';

const page = readFileSync('docs/features.md', 'utf8');
const rows = page.split('\n').flatMap((line) => {
  const [kind = '', example = '', , , bytes = ''] = line.replaceAll(/^\| | \|$/g, '').split(' | ');
  return example.startsWith('`{') ? [{ kind: bare(kind), example: bare(example), bytes: Number(bytes) }] : [];
});

function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

/** The shop of the examples, with one feature. */
const shopWith = (feature: string): string => `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: it } } }
events:
  Order Completed:
    role: purchase
    lines: { each: products, item: product_id, quantity: quantity, price: price }
    fields: { total: { type: number }, currency: { type: string, open: true }, products: { type: list, open: true } }
  Order Cancelled: {}
features:
  f: ${feature}
`;

test('each registered kind has its row, in the order of the registry', () => {
  expect(rows.map(({ kind }) => kind)).toEqual(featureKindSpecs.map(({ keyword }) => keyword));
});

test.each(rows.map((row) => [row.example, row] as const))('the example %s is accepted and is bounded as the row says', (_, { kind, example, bytes }) => {
  const checked = checkConfiguration({ text: shopWith(example), file: 'attune.yaml', kinds: featureKindSpecs });
  expect(checked).toMatchObject({ kind: 'ok' });
  if (checked.kind === 'faults') return;
  expect(checked.configuration.features[0]?.kind).toBe(kind);
  expect(profileBytesOf(checked.configuration, featureKindSpecs)?.perIdentifier).toBe(bytes);
});
