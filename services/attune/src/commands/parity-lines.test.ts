import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { expect, test } from 'vitest';
import { parityLines } from './parity-lines.ts';

const value = (name: string, number: number) => ({
  name,
  status: ValueStatus.VALUE_STATUS_PRESENT,
  value: { kind: { $case: 'number' as const, value: number } },
  eventTimeMs: 5n,
});
const answer = { profileId: 'p_1', atMs: 1_000, partition: 2, offset: 331, ageless: false, source: 'view habit', purpose: 'personalise', values: [] };
const sums = { answers: 1, decisions: 0, values: 3, erased: 0, records: 10 };

test('a mismatch is told with feature, profile, place and the first differing record', () => {
  const differs = { partition: 2, offset: 332, what: 'event Order Completed', atMs: 2_000, how: 'early' as const };
  const mismatch = { answer, feature: 'orders', served: value('orders', 3), offline: value('orders', 2), differs };
  expect(parityLines({ ...sums, mismatches: [mismatch] }, 1)).toEqual([
    'MISMATCH orders of p_1 in view habit for personalise, at 2/331 and 1970-01-01T00:00:01.000Z: served PRESENT 3 (event time 5), by the log PRESENT 2 (event time 5)',
    '  first differing record: 2/332, event Order Completed, known at 1970-01-01T00:00:02.000Z: what was served knew it before its place',
    'parity: 1 mismatches in 3 values of 1 answers and 0 decisions, by 10 records in 1.0 s',
  ]);
});

test('texts stay where they are, and what cannot be told any more is counted', () => {
  const told = {
    name: 'traits.email',
    status: ValueStatus.VALUE_STATUS_PRESENT,
    value: { kind: { $case: 'text' as const, value: 'ann@example.com' } },
    eventTimeMs: 0n,
  };
  const lines = parityLines({ ...sums, erased: 2, mismatches: Array(25).fill({ answer, feature: 'traits.email', served: told, offline: undefined }) }, 1);
  expect(lines[0]).toContain('served PRESENT (text), by the log nothing');
  expect(lines.join('\n')).not.toContain('ann@');
  expect(lines.slice(20)).toEqual([
    '… and 5 more',
    '2 about customers who were erased since cannot be told any more',
    expect.stringContaining('25 mismatches'),
  ]);
});
