import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { telemetryPage } from './generate-telemetry-docs.ts';

test('the committed page is what the tables say: after a change of a table, npm run docs:telemetry', () => {
  expect(readFileSync('docs/telemetry.md', 'utf8')).toBe(telemetryPage());
});
