import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureKindSpecs } from '@attune/feature-store/composition';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { check } from './check.ts';

const kinds: readonly FeatureKindSpec[] = [
  { keyword: 'count', operand: 'event', options: { window: { type: 'window', required: false, doc: '' } }, result: 'number', doc: '' },
];
const text = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { marketing: { basis: consent, keep: 2y, tell: { en: offers } } }
events: { Order Completed: { role: purchase } }
features:
  orders: { count: Order Completed, window: 90d }
segments: { first_timer: orders == 1 }
offers: { welcome: { message: welcome, value: 5 } }
`;
let folder: string;
let file: string;

const mail = (words: string): string => `<mjml>
  <mj-head><mj-title>Hi</mj-title></mj-head>
  <mj-body><mj-section><mj-column>
    <mj-text>${words}</mj-text>
  </mj-column></mj-section></mj-body>
</mjml>`;
const write = (name: string, words: string): void => writeFileSync(join(folder, 'messages', name), mail(words));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-check-'));
  file = join(folder, 'attune.yaml');
  mkdirSync(join(folder, 'messages'));
  write('welcome.en.mjml', 'Dear {{ customer.name }}');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('counts what a good file declares', async () => {
  writeFileSync(file, text);
  expect(await check(file, kinds)).toEqual({
    exitCode: 0,
    lines: [
      expect.stringMatching(/^ok: 1 feature, 1 segment, 1 offer, 0 campaigns, version [0-9a-f]{12}$/),
      'segment first_timer: time alone can change it: the next crossing of orders is computed exactly',
    ],
  });
});

it('says how large a profile can grow, where every kind declares its bound', async () => {
  writeFileSync(file, text.replace('segments:', '  older: { count: Order Completed }\nsegments:'));
  const bounded = kinds.map((kind) => ({ ...kind, bytesMax: ({ windowMs }: { readonly windowMs?: number }) => (windowMs === undefined ? 20 : 1_480) }));
  const { lines } = await check(file, bounded);
  expect(lines[1]).toBe('features keep at most 1.5 kB of each identifier of a customer, of 8 at most; the largest is orders, 1.5 kB');
});

it('accepts the example that uses every kind of feature, and says how much it may keep', async () => {
  const { exitCode, lines } = await check('examples/feature-kinds/attune.yaml', featureKindSpecs);
  expect({ exitCode, lines }).toEqual({
    exitCode: 0,
    lines: [
      expect.stringMatching(/^ok: 31 features, 3 segments, /),
      expect.stringMatching(/^features keep at most 392\.1 kB .*; the largest is worth_by_category, 113\.3 kB$/),
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^segment \w+: /)),
    ],
  });
});

it('says for each segment how what time alone changes in it is found', async () => {
  const { lines } = await check('examples/gift-barn/attune.yaml', featureKindSpecs);
  expect(lines).toEqual(
    expect.arrayContaining([
      'segment first_timer: only events change it',
      'segment lapsing: time alone can change it: the next crossing of days_since_order is computed exactly',
    ]),
  );
  writeFileSync(file, text.replace('orders == 1', 'orders % 2 == 1').replace('2 == 1', '2.0 == 1.0'));
  expect((await check(file, kinds)).lines.at(-1)).toBe('segment first_timer: time alone can change it: each change of orders is walked');
});

it('prints each fault with its place and its fix', async () => {
  writeFileSync(file, text.replace('window: 90d', 'window: ninety'));
  const { exitCode, lines } = await check(file, kinds);
  expect(exitCode).toBe(1);
  expect(lines[0]).toBe(`${file}:6:45 features.orders.window: ninety is not a duration. → Write a whole number and s, m, h, d or y, such as 15m, 2h or 90d.`);
  expect(lines.at(-1)).toBe('1 fault; names and rules are looked at once these are mended');
});

it('names the line of a message that has no template', async () => {
  writeFileSync(file, text.replace('message: welcome', 'message: welcom'));
  expect((await check(file, kinds)).lines[0]).toMatch(
    /^\S+attune\.yaml:8:\d+ offers\.welcome\.message: There is no message welcom\. → Did you mean welcome\?$/,
  );
  rmSync(join(folder, 'messages'), { recursive: true });
  expect(await check(file, kinds)).toMatchObject({ exitCode: 1, lines: [expect.stringContaining('There is no message welcom.'), '1 fault'] });
});

it('names the file that lacks in the first language of the shop', async () => {
  writeFileSync(file, text.replace('[en]', '[id, en]'));
  expect(await check(file, kinds)).toMatchObject({ exitCode: 1, lines: [expect.stringContaining(join(folder, 'messages', 'welcome.id.mjml')), '1 fault'] });
});

it('names file and line of each template that is broken, in any language', async () => {
  writeFileSync(file, text.replace('[en]', '[en, id]'));
  write('welcome.en.mjml', '{{ customer.nam }}');
  write('welcome.id.mjml', '{% if %}');
  const { exitCode, lines } = await check(file, kinds);
  expect(exitCode).toBe(1);
  expect(lines).toEqual([expect.stringContaining('welcome.en.mjml:4'), expect.stringContaining('welcome.id.mjml:4'), '2 faults']);
});

it('says that a file cannot be read', async () => {
  expect(await check(join(folder, 'none.yaml'), kinds)).toEqual({ exitCode: 2, lines: [expect.stringContaining('cannot be read (ENOENT)')] });
});

it('changes nothing in the file', async () => {
  writeFileSync(file, text);
  await check(file, kinds);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
