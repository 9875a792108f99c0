import type { EventLog, NewRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { expect, test } from 'vitest';
import type { Outgoing } from './emission-codec.ts';
import { until } from './processor-world.ts';
import { Publisher, type PublishListener } from './publisher.ts';

/** A log that keeps the ids of what it takes, refuses for good what is named `large`, and is away for the first `away` appends. */
class Taking {
  readonly ids: string[] = [];
  away = 0;
  appends = 0;
  readonly #append = async (_tenant: string, _topic: string, records: readonly NewRecord[]): Promise<never[]> => {
    this.appends++;
    if (this.away-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
    if (records.some(({ key }) => key === 'large')) throw new AttuneError('EVENT_TOO_LARGE');
    this.ids.push(...records.map(({ headers }) => headers?.['id'] ?? ''));
    return [];
  };
  readonly log = { append: this.#append } as unknown as EventLog;
}

class Heard implements PublishListener {
  readonly words: string[] = [];
  published(id: string): void {
    this.words.push(id);
  }
  reached(nextOffset: number): void {
    this.words.push(`reached ${nextOffset}`);
  }
  failed(fault: unknown): void {
    this.words.push(fault instanceof AttuneError ? fault.code : 'unknown');
  }
}

const entry = (id: string, key = 'ann', topic = 'out'): Outgoing => ({
  entryId: id,
  tenant: 'default',
  topic,
  record: { key, value: new Uint8Array(), headers: { id } },
});

/** Notes each sleep; wakes at the next turn. */
const sleepingInto = (slept: number[]) => ({ elapsedMs: () => 0, sleep: async (ms: number) => void slept.push(ms) });

test('what the log refuses for good ends the publishing of its listener, in order, while others go on', async () => {
  const taking = new Taking();
  const publisher = new Publisher(taking.log, sleepingInto([]));
  const [broken, sound] = [new Heard(), new Heard()];
  publisher.take(sound, [entry('s0')], 1);
  publisher.take(broken, [entry('b0'), entry('b1', 'large'), entry('b2')], 3);
  publisher.take(sound, [entry('s1'), entry('s2', 'ann', 'elsewhere')], 2);
  publisher.take(broken, [entry('b3')], 4);
  await until(() => sound.words.includes('reached 2'));
  expect(sound.words).toEqual(['s0', 'reached 1', 's1', 's2', 'reached 2']);
  expect(broken.words).toEqual(['b0', 'EVENT_TOO_LARGE']);
  expect(taking.ids).toEqual(['s0', 'b0', 's1', 's2']);
  const appends = taking.appends;
  publisher.take(broken, [entry('b4')], 5);
  publisher.take(sound, [entry('s3')], 3);
  await until(() => sound.words.includes('reached 3'));
  expect(taking.appends).toBe(appends + 1);
  expect(broken.words).toEqual(['b0', 'EVENT_TOO_LARGE']);
});

test('while the log is away the same is tried again, after 200 ms at first and 5 s at most', async () => {
  const taking = new Taking();
  taking.away = 8;
  const slept: number[] = [];
  const publisher = new Publisher(taking.log, sleepingInto(slept));
  const heard = new Heard();
  publisher.take(heard, [entry('a0'), entry('a1')], 2);
  await until(() => heard.words.includes('reached 2'));
  expect(slept).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  expect(taking.ids).toEqual(['a0', 'a1']);
  expect(heard.words.filter((word) => word === 'LOG_UNAVAILABLE')).toHaveLength(8);
});

test('a stop ends a wait for the log at once, and nothing is sent after it', async () => {
  const taking = new Taking();
  taking.away = Number.POSITIVE_INFINITY;
  let asleep = false;
  const publisher = new Publisher(taking.log, {
    elapsedMs: () => 0,
    sleep: () => {
      asleep = true;
      return new Promise(() => {});
    },
  });
  const heard = new Heard();
  publisher.take(heard, [entry('a0'), entry('a1', 'ann', 'elsewhere')], 2);
  await until(() => asleep);
  taking.away = 0;
  await publisher.stop();
  expect(taking.appends).toBe(1);
  expect(heard.words).toEqual(['LOG_UNAVAILABLE']);
});
