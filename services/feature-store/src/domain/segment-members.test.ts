import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { type MemberBucket, type MemberChange, type MembersLedger, membersIn, noteChange } from './segment-members.ts';
import { sizesOf } from './size-history.ts';

const SEGMENTS = ['lapsing', 'vip'];
const PROFILES = ['p_ann', 'p_bea', 'p_cem', 'p_dan'];
const HOUR = 3_600_000;

/** What one partition publishes: each profile enters what it is not in, leaves what it is in, and some are gone at the end. */
function published(next: () => number): readonly MemberChange[] {
  const inside = new Set<string>();
  const gone = new Set<string>();
  const all: MemberChange[] = [];
  for (let offset = 0; offset < 30; offset++) {
    const profileId = PROFILES[Math.floor(next() * PROFILES.length)] ?? '';
    const at = { profileId, atMs: offset * 9 * HOUR, partition: 2, offset };
    if (gone.has(profileId)) continue;
    for (const [n, segment] of SEGMENTS.entries()) {
      if (next() < 0.5) continue;
      const place = `${profileId} ${segment}`;
      const kind = inside.has(place) ? 'left' : 'entered';
      if (kind === 'left') inside.delete(place);
      else inside.add(place);
      all.push({ ...at, kind, segment, n });
    }
    if (next() > 0.05) continue;
    gone.add(profileId);
    all.push({ ...at, kind: 'gone', segment: '', n: 0 });
  }
  return all;
}

/** The same, with stretches that are sent again before it goes on. */
function withRepeats(all: readonly MemberChange[], next: () => number): readonly MemberChange[] {
  return all.flatMap((change, i) => (next() < 0.2 ? [change, ...all.slice(Math.floor(next() * i), i + 1)] : [change]));
}

function noted(changes: readonly MemberChange[]) {
  const bucket: MemberBucket = {};
  const ledger: MembersLedger = { counts: {}, upTo: {} };
  for (const change of changes) noteChange(bucket, ledger, change);
  return { bucket, ledger };
}

test('members, sizes and what they were are those of what was published, whatever comes twice', () => {
  for (let seed = 0; seed < 300; seed++) {
    const next = seededRandom(`members ${seed}`);
    const all = published(next);
    const once = noted(all);
    expect({ seed, ...noted(withRepeats(all, next)) }).toEqual({ seed, ...once });
    for (const segment of SEGMENTS) {
      const isIn = (profileId: string): boolean =>
        all.findLast((change) => change.profileId === profileId && (change.kind === 'gone' || change.segment === segment))?.kind === 'entered';
      const members = PROFILES.filter(isIn);
      expect({ seed, members: membersIn(once.bucket, segment, '') }).toEqual({ seed, members });
      const { size, history } = once.ledger.counts[segment] ?? { size: 0, history: undefined };
      expect({ seed, size }).toEqual({ seed, size: members.length });
      if (history) expect(sizesOf(history).at(-1)?.size).toBe(members.length);
    }
  }
});

test('who is in no segment any more is not kept', () => {
  const change = { profileId: 'p_ann', segment: 'vip', atMs: 0, partition: 0, n: 0 };
  const entered = noted([{ ...change, kind: 'entered', offset: 1 }]);
  expect(membersIn(entered.bucket, 'vip', '')).toEqual(['p_ann']);
  expect(membersIn(entered.bucket, 'vip', 'p_ann')).toEqual([]);
  const left = noted([
    { ...change, kind: 'entered', offset: 1 },
    { ...change, kind: 'left', offset: 2 },
  ]);
  expect(left.bucket).toEqual({});
  expect(left.ledger.counts['vip']?.size).toBe(0);
});
