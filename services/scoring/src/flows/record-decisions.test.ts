import { setImmediate as nextTurn } from 'node:timers/promises';
import { Decision } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord } from '@attune/event-log/port';
import { AttuneError, type ErrorCode } from '@attune/kernel/errors';
import { beforeEach, expect, test } from 'vitest';
import { type DecisionRecorder, recordDecisions } from './record-decisions.ts';

/** A log whose appends the test lets through or refuses, one by one. */
class HeldLog {
  readonly asked: { readonly ids: readonly string[]; readonly answer: PromiseWithResolvers<void> }[] = [];
  readonly append: EventLog['append'] = async (_tenant, _topic, records) => {
    const answer = Promise.withResolvers<void>();
    this.asked.push({ ids: records.map(idOf), answer });
    await answer.promise;
    return [];
  };
  get ids(): readonly (readonly string[])[] {
    return this.asked.map(({ ids }) => ids);
  }
  async answer(nth: number, fault?: ErrorCode): Promise<void> {
    while (this.asked.length <= nth) await nextTurn();
    if (fault === undefined) this.asked[nth]?.answer.resolve();
    else this.asked[nth]?.answer.reject(new AttuneError(fault));
    await nextTurn();
  }
}

const idOf = ({ headers }: NewRecord): string => headers?.['id'] ?? '';
const decision = (id: string): Decision => Decision.fromPartial({ id, profileId: 'p' });

let log: HeldLog;
let nowMs: number;
let faults: ErrorCode[];
let recorder: DecisionRecorder;
const add = (id: string): Promise<void> => recorder.add('default', decision(id));

beforeEach(() => {
  log = new HeldLog();
  nowMs = 0;
  faults = [];
  recorder = recordDecisions({ log, stopwatch: { elapsedMs: () => nowMs, sleep: () => nextTurn() }, onFault: (code) => faults.push(code) });
});

test('decisions are answered before they are appended, and what comes meanwhile goes together', async () => {
  await Promise.all([add('a'), add('b')]);
  await nextTurn();
  await add('c');
  await add('d');
  await log.answer(0);
  await log.answer(1);
  expect(log.ids).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(recorder.recent('c')?.id).toBe('c');
});

test('while the log is slow a decision is answered once it is appended', async () => {
  await add('a');
  nowMs = 51;
  let answered = false;
  const waiting = add('b').then(() => {
    answered = true;
  });
  await log.answer(0);
  expect(answered).toBe(false);
  await log.answer(1);
  await waiting;
});

test('a log that is away refuses decisions, and what was answered is appended when it is back', async () => {
  await add('a');
  nowMs = 51;
  const refused = expect(add('b')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  await log.answer(0, 'LOG_UNAVAILABLE');
  await refused;
  await expect(add('c')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  expect(faults).toEqual(['LOG_UNAVAILABLE']);
  expect(recorder.recent('b')).toBeUndefined();
  await log.answer(1);
  await add('d');
  await log.answer(2);
  expect(log.ids).toEqual([['a'], ['a'], ['d']]);
});

test('a decision that the log refuses for good takes no other along', async () => {
  await Promise.all([add('large'), add('b')]);
  await log.answer(0, 'EVENT_TOO_LARGE');
  await log.answer(1, 'EVENT_TOO_LARGE');
  await log.answer(2);
  await add('c');
  await log.answer(3);
  expect(log.ids).toEqual([['large', 'b'], ['large'], ['b'], ['c']]);
  expect(faults).toEqual(['EVENT_TOO_LARGE']);
});

test('no more than a thousand wait', async () => {
  for (let n = 0; n < 1_000; n++) await add(String(n));
  await expect(add('one more')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});

test('a stop waits for what was answered, and takes no more', async () => {
  await add('a');
  let stopped = false;
  const stop = recorder.stop(Number.POSITIVE_INFINITY).then(() => {
    stopped = true;
  });
  await expect(add('b')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  await log.answer(0);
  await stop;
  expect([stopped, faults]).toEqual([true, []]);
});
