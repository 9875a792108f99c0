import { readFileSync } from 'node:fs';
import { errorTable } from '@attune/kernel/errors';
import { expect, test } from 'vitest';
import { errorPage } from './generate-error-docs.ts';

const committed = readFileSync('docs/errors.md', 'utf8');

test('the committed page is what the table says: after a change of the table, npm run docs:errors', () => {
  expect(committed).toBe(errorPage());
});

test('each code is an anchor of the page', () => {
  expect([...committed.matchAll(/^## (.+)$/gm)].map(([, code]) => code)).toEqual(Object.keys(errorTable));
});

test('each gRPC status of the table has its name on the page', () => {
  expect(committed).not.toMatch(/gRPC \d+ ,/);
});
