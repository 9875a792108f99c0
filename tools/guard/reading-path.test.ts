import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** One event from the door to an e-mail, in the order in which a newcomer reads it. */
const readingPath = [
  'services/ingestion/src/domain/admit-event.ts',
  'services/ingestion/src/domain/resolve-identity.ts',
  'services/feature-store/src/domain/fold-profile.ts',
  'services/feature-store/src/domain/find-transitions.ts',
  'services/scoring/src/flows/decide-on-transition.ts',
  'services/scoring/src/domain/decide-offer.ts',
  'services/notification/src/flows/deliver-decision.ts',
  'services/notification/src/domain/admit-message.ts',
  'services/notification/src/adapters/channels/email.ts',
];
const linesMax = 120;

test.each(readingPath)('%s is there and short', (path) => {
  expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(linesMax);
});

test('ARCHITECTURE.md tells the reading path in this order', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  const places = readingPath.map((path) => text.indexOf(path));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
