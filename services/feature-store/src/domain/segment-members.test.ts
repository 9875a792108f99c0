import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { type MemberBucket, type MemberChange, membersIn, noteChange, type SegmentCounts } from './segment-members.ts';
import { sizesOf } from './size-history.ts';

const SEGMENTS = ['lapsing', 'vip'];
const HOUR = 3_600_000;

/** What is published of one profile: it enters what it is not in, leaves what it is in, and may be gone at the end. */
function storyOf(profileId: string, next: () => number): readonly MemberChange[] {
  const inside = new Set<string>();
  const story: MemberChange[] = [];
  for (let offset = 0; offset < 6; offset++) {
    for (const [n, segment] of SEGMENTS.entries()) {
      if (next() < 0.5) continue;
      const kind = inside.has(segment) ? 'left' : 'entered';
      if (kind === 'left') inside.delete(segment);
      else inside.add(segment);
      story.push({ kind, profileId, segment, atMs: offset * 9 * HOUR, offset, n });
    }
  }
  if (next() < 0.3) story.push({ kind: 'gone', profileId, segment: '', atMs: 60 * HOUR, offset: 6, n: 0 });
  return story;
}

/** The stories one through the other, each in its own order, with stretches that come twice. */
function published(stories: readonly (readonly MemberChange[])[], next: () => number): readonly MemberChange[] {
  const repeated = stories.map((story) => {
    const from = Math.floor(next() * story.length);
    const to = Math.floor(next() * (story.length + 1));
    return from < to ? [...story.slice(0, to), ...story.slice(from)] : story;
  });
  const queues = repeated.map((story) => [...story]);
  const all: MemberChange[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const change = queues[Math.floor(next() * queues.length)]?.shift();
    if (change) all.push(change);
  }
  return all;
}

/** Where each stands once its story is over. */
const endOf = (story: readonly MemberChange[], segment: string): boolean =>
  story.findLast((change) => change.kind === 'gone' || change.segment === segment)?.kind === 'entered';

test('members and sizes are those at the end of what was published, whatever comes twice and in whatever order profiles come', () => {
  for (let seed = 0; seed < 300; seed++) {
    const next = seededRandom(`members ${seed}`);
    const stories = ['p_ann', 'p_bea', 'p_cem', 'p_dan'].map((profileId) => storyOf(profileId, next));
    const bucket: MemberBucket = {};
    const counts: SegmentCounts = {};
    for (const change of published(stories, next)) noteChange(bucket, counts, change);
    for (const segment of SEGMENTS) {
      const inside = stories.flatMap((story) => (story[0] !== undefined && endOf(story, segment) ? [story[0].profileId] : []));
      expect({ seed, members: membersIn(bucket, segment, '') }).toEqual({ seed, members: inside });
      const { size, history } = counts[segment] ?? { size: 0, history: undefined };
      expect({ seed, size }).toEqual({ seed, size: inside.length });
      if (history) expect(sizesOf(history).at(-1)?.size).toBe(inside.length);
    }
  }
});

test('who is in no segment any more is not kept', () => {
  const bucket: MemberBucket = {};
  const counts: SegmentCounts = {};
  const change = { profileId: 'p_ann', segment: 'vip', atMs: 0, n: 0 };
  noteChange(bucket, counts, { ...change, kind: 'entered', offset: 1 });
  expect(membersIn(bucket, 'vip', '')).toEqual(['p_ann']);
  expect(membersIn(bucket, 'vip', 'p_ann')).toEqual([]);
  noteChange(bucket, counts, { ...change, kind: 'left', offset: 2 });
  expect(bucket).toEqual({});
  expect(counts['vip']?.size).toBe(0);
});
