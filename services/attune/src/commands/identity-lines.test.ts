import { HistoryResponse, IdentifierChangeKind, IdentifierState, QuarantineReason } from '@attune/contracts/messages/identity/v1/identity';
import { expect, test } from 'vitest';
import { namedBy } from './identity.ts';
import { historyLines, quarantined, quarantineLines } from './identity-lines.ts';

const atMs = BigInt(Date.UTC(2026, 10, 24, 12));
const answer = HistoryResponse.fromPartial({
  leaf: 'leaf-of-the-device',
  profileId: 'p_bea',
  state: IdentifierState.IDENTIFIER_STATE_JOINED,
  changes: [
    { kind: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_MERGED, atMs, fromProfileId: 'p_visitor', toProfileId: 'p_ada', byLeaf: 'leaf-of-ada', record: '1/7' },
    { kind: IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_HANDED_ON, atMs, fromProfileId: 'p_ada', toProfileId: 'p_bea', byLeaf: '', record: '' },
  ],
});

test('a history tells each change on a line, with whom and by which record', () => {
  const lines = historyLines(answer, { json: false });
  expect(lines[0]).toBe('leaf-of-the-device leads to the profile of a customer: p_bea');
  expect(lines[3]).toMatch(/^2026-11-24 12:00:00.000 UTC +merged +p_visitor +p_ada +leaf-of-ada +1\/7$/);
  expect(lines[4]).toMatch(/handed on +p_ada +p_bea +- +-$/);
  expect(historyLines({ ...answer, changes: [] }, { json: false })).toContain('nothing became of it');
});

test('all pages of the quarantine are listed, and an empty one says so', async () => {
  const one = (leaf: string) => ({ leaf, sinceMs: atMs, reason: QuarantineReason.QUARANTINE_REASON_CUSTOMERS });
  const found = await quarantined({
    listQuarantined: async ({ pageToken }) =>
      pageToken === '' ? { quarantined: [one('a')], nextPageToken: '1' } : { quarantined: [one('b')], nextPageToken: '' },
  });
  expect(quarantineLines(found, { json: false }).slice(1, 3)).toEqual([expect.stringMatching(/^a .*too many customers/), expect.stringMatching(/^b /)]);
  expect(quarantineLines([], { json: false })).toEqual(['nothing is quarantined']);
});

test('one identifier is to be named', () => {
  expect(namedBy({ leaf: 'h' })).toEqual({ $case: 'leaf', value: 'h' });
  expect(namedBy({ anonymous: 'v' })).toEqual({ $case: 'subject', value: { id: { $case: 'anonymousId', value: 'v' } } });
  for (const asked of [{}, { leaf: 'h', user: 'u' }, { user: 'u', anonymous: 'v' }]) expect(() => namedBy(asked)).toThrow('REQUEST_INVALID');
});
