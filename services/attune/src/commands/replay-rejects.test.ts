import { ListRejectedResponse, type ReplayRejectedRequest, ReplayRejectedResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { AttuneError } from '@attune/kernel/errors';
import { expect, test } from 'vitest';
import { replayRejects } from './replay-rejects.ts';

const PAGES = 3;
const nameOf = (i: number): string => `0-${PAGES * 50 - 1 - i}`;

/** A door with three pages, newest first, every tenth without its event, as many accepted since. */
function door(accept: (ids: readonly string[]) => void = () => undefined) {
  const sent: string[] = [];
  const list = async ({ pageToken }: { readonly pageToken: string }) => {
    const page = Number(pageToken);
    const rejected = Array.from({ length: 50 }, (_, i) => ({
      id: nameOf(page * 50 + i),
      code: 'FIELD_MISSING',
      hasOriginal: i % 10 !== 0,
      replayed: i % 10 === 1,
    }));
    return ListRejectedResponse.fromPartial({ rejected, nextPageToken: page + 1 < PAGES ? String(page + 1) : '' });
  };
  const replay = async ({ ids }: ReplayRejectedRequest) => {
    accept(ids);
    sent.push(...ids);
    return ReplayRejectedResponse.fromPartial({ outcomes: ids.map((id) => ({ id, verdict: { verdict: { $case: 'accepted', value: { messageId: id } } } })) });
  };
  return { calls: { list, replay }, sent };
}

test('those of a code are sent oldest first, all pages of them, and how far it is is told', async () => {
  const { calls, sent } = door();
  const told: string[] = [];
  const report = await replayRejects(calls, { ids: [], code: 'FIELD_MISSING', json: false, progress: (done, total) => void told.push(`${done}/${total}`) });
  expect(report).toEqual({ exitCode: 0, lines: ['120 accepted, 0 refused again'] });
  const offsets = sent.map((id) => Number(id.slice(2)));
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  expect(new Set(offsets).size).toBe(120);
  expect(told).toEqual(['50/120', '100/120', '120/120']);
});

test('a log that goes away says how many are through, and that the command may be given again', async () => {
  let left = 2;
  const { calls } = door(() => {
    if (left-- === 0) throw new AttuneError('LOG_UNAVAILABLE', 'At x.');
  });
  const replay = replayRejects(calls, { ids: [], code: 'FIELD_MISSING', json: false, progress: () => undefined });
  await expect(replay).rejects.toMatchObject({
    code: 'LOG_UNAVAILABLE',
    detail: expect.stringMatching(/^At x\. 100 of 120 are through; the same command again/),
  });
});
