import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type PackedUnits, unpack } from './packing.ts';
import { Transactions } from './transactions.ts';

/** Runs in a thread of its own: has one file open, and writes what it is sent, one transaction a message. */
export interface WriteThreadData {
  readonly path: string;
  /** Pragmas and tables; run once. */
  readonly setup: string;
  readonly statements: readonly string[];
  /** How long a writer elsewhere is waited for, in ms. */
  readonly timeoutMs: number;
}

/** Asked of the thread: a transaction, or to close the file and end. */
export type WriteRequest = PackedUnits | 'close';

/** One answer a transaction. `errcode` is SQLite's own, where the fault is. */
export type WriteAnswer =
  | { readonly kind: 'written'; readonly held: readonly boolean[] }
  | { readonly kind: 'failed'; readonly message: string; readonly errcode: number | undefined };

const { path, setup, statements, timeoutMs } = workerData as WriteThreadData;
const db = new DatabaseSync(path, { timeout: timeoutMs });
db.exec(setup);
const transactions = new Transactions(db, statements);

parentPort?.on('message', (request: WriteRequest) => {
  if (request !== 'close') return parentPort?.postMessage(answer(request));
  db.close();
  parentPort?.close();
});

function answer(packed: PackedUnits): WriteAnswer {
  try {
    return { kind: 'written', held: transactions.run(unpack(packed)) };
  } catch (fault) {
    const errcode = fault instanceof Error && 'errcode' in fault ? Number(fault.errcode) : undefined;
    return { kind: 'failed', message: fault instanceof Error ? fault.message : '', errcode };
  }
}
