import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogRecord, NewRecord } from './port.ts';
import { RecentRecords } from './recent-records.ts';
import { SqliteLogFile } from './sqlite-log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-recent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const record: fc.Arbitrary<NewRecord> = fc.record(
  {
    key: fc.constantFrom('ann', 'bea', 'cid'),
    value: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.nat(200_000).map((length) => new Uint8Array(length)),
    ),
    tombstone: fc.constant(true as const),
    headers: fc.dictionary(fc.constantFrom('id', 'type'), fc.string()),
  },
  { requiredKeys: ['key', 'value'] },
);

/** Comparing hundreds of kilobytes number by number takes seconds. */
const told = (records: readonly LogRecord[]) => records.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value).toString('latin1') }));

test('what is held of the newest records is what the file says, wherever a read begins and however much it may take', async () => {
  const limits = fc.record({ recordsMax: fc.integer({ min: 1, max: 40 }), bytesMax: fc.nat(300_000) });
  const calls = fc.array(fc.array(record, { maxLength: 8 }), { minLength: 1, maxLength: 6 });
  const path = join(folder, 'log.sqlite');
  const written = new SqliteLogFile(path);
  let topics = 0;
  await fc.assert(
    fc.asyncProperty(calls, limits, async (appended, most) => {
      const topic = `t${topics++}`;
      written.ensure([{ topic, partitions: 2 }]);
      for (const records of appended) await written.append({ tenant: 'default', topic, records }, () => 5);
      const again = new SqliteLogFile(path);
      for (const partition of [0, 1])
        for (let offset = 0; offset <= written.bounds(topic, partition).endOffset; offset++)
          expect(told(written.read({ topic, partition, offset }, most))).toEqual(told(again.read({ topic, partition, offset }, most)));
      await again.close();
    }),
    { numRuns: 20 },
  );
  await written.close();
});

test('what a writer does with its bytes afterwards does not reach the readers', async () => {
  const file = new SqliteLogFile(':memory:');
  file.ensure([{ topic: 't', partitions: 1 }]);
  const value = Buffer.from('before');
  await file.append({ tenant: 'default', topic: 't', records: [{ key: 'k', value }] }, () => 5);
  value.fill(0);
  const [read] = file.read({ topic: 't', partition: 0, offset: 0 }, { recordsMax: 1, bytesMax: 100 });
  expect(Buffer.from(read?.value ?? []).toString()).toBe('before');
  await file.close();
});

test('the oldest are let go of, and asked of the file again', () => {
  const recent = new RecentRecords();
  const large = { topic: 't', partition: 0, appendedAtMs: 0, tenant: 'default', key: 'k', value: new Uint8Array(100_000), headers: {} };
  for (let offset = 0; offset < 50; offset++) recent.add(1, { ...large, offset });
  const most = { recordsMax: 100, bytesMax: 1e9 };
  expect(recent.read(1, 40, most)).toBeUndefined();
  expect(recent.read(1, 49, most)?.map(({ offset }) => offset)).toEqual([49]);
  recent.forget();
  expect(recent.read(1, 49, most)).toBeUndefined();
});
