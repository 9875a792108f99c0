import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const baseline = resolve('protos/baseline.binpb');

/** Compares the contracts in `folder` with those of the last release. */
function compare(folder: string): { code: number | null; said: string } {
  const run = spawnSync(resolve('node_modules/.bin/buf'), ['breaking', '--against', baseline], { cwd: folder, encoding: 'utf8' });
  return { code: run.status, said: run.stdout + run.stderr };
}

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'attune-contracts-'));
  cpSync('buf.yaml', join(copy, 'buf.yaml'));
  cpSync('protos', join(copy, 'protos'), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true }));

/** Edits the first contract of the copy that the pattern matches. */
function edit(pattern: RegExp, replacement: string): void {
  const path = globSync(`${copy}/protos/attune/**/*.proto`)
    .toSorted()
    .find((file) => pattern.test(readFileSync(file, 'utf8')));
  if (path === undefined) throw new Error(`no contract has ${pattern}`);
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, replacement));
}

const field = /^( +(?:repeated |optional )?[\w.]+ \w+) = \d+;/m;

test('the contracts keep every promise of the last release', () => {
  expect(compare('.')).toEqual({ code: 0, said: '' });
});

test('a field that is added breaks nothing', () => {
  edit(/^message \w+ \{\n/m, '$&  string planted = 19000001;\n');
  expect(compare(copy)).toEqual({ code: 0, said: '' });
});

test('a field that moves to another number is seen', () => {
  edit(field, '$1 = 19000001;');
  expect(compare(copy)).toMatchObject({ code: 100, said: expect.stringMatching(/field "\d+"/) });
});

test('a field that changes its type is seen', () => {
  edit(/^ +string /m, '  bytes ');
  expect(compare(copy)).toMatchObject({ code: 100, said: expect.stringContaining('changed type') });
});

test('a contract that disappears is seen', () => {
  rmSync(join(copy, 'protos/attune/scoring'), { recursive: true });
  expect(compare(copy).code).toBe(100);
});
