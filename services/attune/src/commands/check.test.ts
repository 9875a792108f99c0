import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-check-'));
  file = join(folder, 'attune.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('counts what a good file declares', () => {
  writeFileSync(file, text);
  expect(check(file, kinds)).toEqual({ exitCode: 0, lines: [expect.stringMatching(/^ok: 1 feature, 1 segment, 1 offer, 0 campaigns, version [0-9a-f]{12}$/)] });
});

it('prints each fault with its place and its fix', () => {
  writeFileSync(file, text.replace('window: 90d', 'window: ninety'));
  const { exitCode, lines } = check(file, kinds);
  expect(exitCode).toBe(1);
  expect(lines[0]).toBe(`${file}:6:45 features.orders.window: ninety is not a duration. → Write a whole number and s, m, h, d or y, such as 15m, 2h or 90d.`);
  expect(lines.at(-1)).toBe('1 fault');
});

it('checks the messages in the folder beside the file', () => {
  writeFileSync(file, text);
  cpSync(file, join(folder, 'messages', 'welcom.en.mjml'));
  expect(check(file, kinds).lines[0]).toContain('There is no message welcome. → Did you mean welcom?');
  cpSync(file, join(folder, 'messages', 'welcome.en.mjml'));
  expect(check(file, kinds).exitCode).toBe(0);
});

it('says that a file cannot be read', () => {
  expect(check(join(folder, 'none.yaml'), kinds)).toEqual({ exitCode: 2, lines: [expect.stringContaining('cannot be read (ENOENT)')] });
});

it('changes nothing in the file', () => {
  writeFileSync(file, text);
  check(file, kinds);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
