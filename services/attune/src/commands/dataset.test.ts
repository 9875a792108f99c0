import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, order, post, refused, settings, started, untilCounted, withProcesses } from '../attune-process.fixture.ts';
import { readSettings } from '../config.ts';
import { openLogAtRest } from '../log-at-rest.ts';
import { checkFolder } from './write-dataset.ts';

vi.setConfig(withProcesses);
afterAll(cleanUp);

test('a dataset is built from the folder of a running Attune, with a manifest, and the same again with its positions', async () => {
  const folder = newFolder();
  const running = await started(folder);
  await post(running.address, '/v1/track', order('ada'));
  await untilCounted(running.address, 'ada', 1);
  const out = join(newFolder(), 'rows');
  const run = (...words: string[]) => refused({ ...process.env, ...settings(folder) }, 'dataset', 'spends_soon', ...words);
  const first = run('--out', out, '--format', 'csv');
  expect(first.stderr).toContain('dataset: 100 %');
  expect(first.stdout).toMatch(/^0 rows of buying_habit and spends_soon from 5 records in [\d.]+ s\nleft out: 1 too recent for the label\n/);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ rows: 0, purpose: 'personalise', left_out: { too_recent: 1 }, log: { records: 5, set_aside: 0 } });
  expect(readFileSync(join(out, 'rows.csv'), 'utf8')).toMatch(/^profile_id,at,partition,offset,orders,.*,spends_soon\r\n$/);
  expect(statSync(out).mode & 0o077).toBe(0);
  expect(() => checkFolder({ folder: out, formats: [], replace: false })).toThrow('is there already');
  await post(running.address, '/v1/track', order('bob'));
  await untilCounted(running.address, 'bob', 1);
  const again = run('--out', out, '--replace', '--format', 'csv', '--positions', join(out, 'manifest.json'));
  expect(again.stderr).not.toContain('fix');
  expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toEqual(manifest);
  await ended(running, 'SIGTERM');
});

test('a folder without a log is told, and nothing is made there', async () => {
  const ATTUNE_DATA_DIR = newFolder();
  await expect(openLogAtRest(readSettings({ ATTUNE_DATA_DIR }))).rejects.toThrow('holds no log');
  expect(readdirSync(ATTUNE_DATA_DIR)).toEqual([]);
});
