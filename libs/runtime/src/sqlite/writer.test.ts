import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Executor, inlineExecutor, ThreadExecutor } from './executors.ts';
import type { WriteUnit } from './transactions.ts';
import { SqliteWriter } from './writer.ts';

const SETUP = 'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS words (place INTEGER PRIMARY KEY, word NOT NULL)';
const STATEMENTS = ['INSERT INTO words VALUES (?, ?)', 'UPDATE words SET word = ? WHERE word = ?'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-writer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (place: number, word: string | null): WriteUnit => ({ steps: [{ statement: 0, values: [place, word] }] });
const renamed = (from: string, to: string, ...also: readonly WriteUnit[]): WriteUnit => ({
  guard: { statement: 1, values: [to, from] },
  steps: also.flatMap(({ steps }) => steps),
});

/** A file with both ways to write to it, and how many transactions there were. */
function open(kind: string): { readonly executor: Executor; readonly transactions: () => number; readonly words: () => unknown[] } {
  const path = join(folder, `${kind}.sqlite`);
  const db = new DatabaseSync(path);
  db.exec(SETUP);
  const inner = kind === 'inline' ? inlineExecutor(db, STATEMENTS) : new ThreadExecutor({ path, setup: SETUP, statements: STATEMENTS, timeoutMs: 1_000 });
  let transactions = 0;
  const run: Executor['run'] = (units) => {
    transactions++;
    return inner.run(units);
  };
  const words = (): unknown[] =>
    db
      .prepare('SELECT word FROM words ORDER BY place')
      .all()
      .map(({ word }) => word);
  return { executor: { run, close: () => inner.close().finally(() => db.isOpen && db.close()) }, transactions: () => transactions, words };
}

for (const kind of ['inline', 'in a thread']) {
  test(`${kind}: what is added in one turn is one transaction, in the order of adding`, async () => {
    const { executor, transactions, words } = open(kind);
    const writer = new SqliteWriter(executor, { gathers: true });
    expect(await Promise.all([writer.add(() => put(1, 'ann')), writer.add(() => renamed('ann', 'bea')), writer.add(() => put(2, 'cid'))])).toEqual([
      true,
      true,
      true,
    ]);
    expect([transactions(), words()]).toEqual([1, ['bea', 'cid']]);
    await writer.close();
  });

  test(`${kind}: what is added while a transaction is under way is written in the next one`, async () => {
    const { executor, transactions, words } = open(kind);
    const writer = new SqliteWriter(executor, { gathers: false });
    await Promise.all([1, 2, 3, 4].map((place) => writer.add(() => put(place, 'w'))));
    expect([transactions(), words().length]).toEqual([2, 4]);
    await writer.close();
  });

  test(`${kind}: where a guard changes no row its steps are left out, and those of others written`, async () => {
    const { executor, words } = open(kind);
    const writer = new SqliteWriter(executor, { gathers: true });
    expect(await Promise.all([writer.add(() => renamed('nobody', 'bea', put(1, 'ann'))), writer.add(() => put(2, 'cid'))])).toEqual([false, true]);
    expect(words()).toEqual(['cid']);
    await writer.close();
  });

  test(`${kind}: one that fails takes those of its transaction with it, and none of a later one`, async () => {
    const { executor, words } = open(kind);
    const heard: string[] = [];
    const writer = new SqliteWriter(executor, { gathers: true, failed: () => heard.push('failed') });
    const both = [writer.add(() => put(1, 'ann')), writer.add(() => put(2, null))].map((added) => added.catch(() => heard.push('rejected')));
    await Promise.all(both);
    expect(heard).toEqual(['failed', 'rejected', 'rejected']);
    await writer.add(() => put(3, 'cid'));
    expect(words()).toEqual(['cid']);
    await writer.close();
  });

  test(`${kind}: one that fails is told alone where each may be tried alone, with the code of SQLite`, async () => {
    const { executor, words } = open(kind);
    const writer = new SqliteWriter(executor, { gathers: true, triesAlone: true });
    const settled = await Promise.allSettled([writer.add(() => put(1, 'ann')), writer.add(() => put(2, null)), writer.add(() => put(3, 'cid'))]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { errcode: 1299 } }); // SQLITE_CONSTRAINT_NOTNULL
    expect(words()).toEqual(['ann', 'cid']);
    await writer.close();
  });

  test(`${kind}: closing writes what waits, and what comes afterwards is refused`, async () => {
    const { executor } = open(kind);
    const writer = new SqliteWriter(executor, { gathers: true });
    const added = writer.add(() => put(1, 'ann'));
    await writer.close();
    await writer.close();
    expect(await added).toBe(true);
    await expect(writer.add(() => put(2, 'bea'))).rejects.toThrow('closed');
  });
}

test('a thread that ended fails the run that it had, and the next run begins another', async () => {
  const path = join(folder, 'later', 'a.sqlite');
  const executor = new ThreadExecutor({ path, setup: SETUP, statements: STATEMENTS, timeoutMs: 0 });
  await expect(executor.run([put(1, 'ann')])).rejects.toThrow('open');
  mkdirSync(join(folder, 'later'));
  expect(await executor.run([put(1, 'ann')])).toEqual([true]);
  await executor.close();
  await expect(executor.run([put(2, 'bea')])).rejects.toThrow('closed');
});

test('a file that the thread cannot open fails each run, and closing still ends', async () => {
  const executor = new ThreadExecutor({ path: join(folder, 'absent', 'a.sqlite'), setup: SETUP, statements: STATEMENTS, timeoutMs: 0 });
  for (const _ of [1, 2]) await expect(executor.run([put(1, 'ann')])).rejects.toThrow('open');
  await executor.close();
});
