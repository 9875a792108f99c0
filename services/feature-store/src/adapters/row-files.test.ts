import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, expect, test } from 'vitest';
import type { Cell, DatasetColumn } from '../ports.ts';
import { writeCsv } from './csv-file.ts';
import { writeParquet } from './parquet-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const columns: readonly DatasetColumn[] = [
  { name: 'profile_id', type: 'text' },
  { name: 'at', type: 'time' },
  { name: 'offset', type: 'whole' },
  { name: 'spend', type: 'number' },
  { name: 'member', type: 'truth' },
  { name: 'by, town', type: 'json' },
];
const atMs = Date.UTC(2026, 0, 31, 8);
const rows: readonly (readonly Cell[])[] = [
  ['p_1', atMs, 9_007_199_254_740_991, 0.1 + 0.2, true, '{"a":1}'],
  ['say "hi",\nthen go', null, null, null, null, null],
  ['', 0, 0, -0.5, false, '[]'],
];

test('commas, quotes and line breaks stay in their cell, and an empty text is not a missing one', async () => {
  const path = join(folder, 'rows.csv');
  const { sha256, bytes } = await writeCsv(path, columns, rows);
  const text = readFileSync(path, 'utf8');
  expect(text.split('\r\n')).toEqual([
    'profile_id,at,offset,spend,member,"by, town"',
    'p_1,2026-01-31T08:00:00.000Z,9007199254740991,0.30000000000000004,true,"{""a"":1}"',
    '"say ""hi"",\nthen go",,,,,',
    '"",1970-01-01T00:00:00.000Z,0,-0.5,false,[]',
    '',
  ]);
  expect([sha256, bytes]).toEqual([createHash('sha256').update(text).digest('hex'), Buffer.byteLength(text)]);
});

test('a Parquet file comes back as it was written, bit for bit, and the same rows make the same bytes', async () => {
  const path = join(folder, 'rows.parquet');
  const first = await writeParquet(path, columns, rows);
  expect(await writeParquet(path, columns, rows)).toEqual(first);
  const file = readFileSync(path);
  expect([first.bytes, first.sha256]).toEqual([file.length, createHash('sha256').update(file).digest('hex')]);
  const read = await parquetReadObjects({ file: new Uint8Array(file).buffer });
  expect(read).toEqual([
    { profile_id: 'p_1', at: new Date(atMs), offset: 9_007_199_254_740_991n, spend: 0.1 + 0.2, member: true, 'by, town': '{"a":1}' },
    { profile_id: 'say "hi",\nthen go', at: null, offset: null, spend: null, member: null, 'by, town': null },
    { profile_id: '', at: new Date(0), offset: 0n, spend: -0.5, member: false, 'by, town': '[]' },
  ]);
});

test('a file without rows has its columns', async () => {
  const path = join(folder, 'none.parquet');
  await writeParquet(path, columns, []);
  expect(await parquetReadObjects({ file: new Uint8Array(readFileSync(path)).buffer })).toEqual([]);
});
