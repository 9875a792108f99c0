import { once } from 'node:events';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { pack } from './packing.ts';
import { Transactions, type WriteUnit } from './transactions.ts';
import type { WriteAnswer, WriteThreadData } from './write-thread.ts';

/** Where transactions are run: one at a time, by the care of whoever asks. */
export interface Executor {
  /** Runs the units as one transaction; answers of each whether its guard held. @throws what SQLite says, with its `errcode` */
  run(units: readonly WriteUnit[]): Promise<readonly boolean[]>;
  /** Lets go of what it holds. A second call does nothing. */
  close(): Promise<void>;
}

/** Runs them on the caller's thread, through its own connection, which stays open: for a database in memory, which no other connection sees. */
export function inlineExecutor(db: DatabaseSync, statements: readonly string[]): Executor {
  const transactions = new Transactions(db, statements);
  return { run: async (units) => transactions.run(units), close: async () => undefined };
}

/** Runs them in a thread with a connection of its own, so that neither the work of writing nor the wait for the disk is the caller's. A thread that ends fails the run that it had, whose outcome nobody knows then; the next run begins another. */
export class ThreadExecutor implements Executor {
  readonly #data: WriteThreadData;
  #worker: Worker | undefined;
  #running: PromiseWithResolvers<readonly boolean[]> | undefined;
  #closed = false;

  constructor(data: WriteThreadData) {
    this.#data = data;
  }

  /** The process stays until the answer has come. */
  run(units: readonly WriteUnit[]): Promise<readonly boolean[]> {
    if (this.#closed) return Promise.reject(new Error('the thread that writes was closed'));
    const packed = pack(units);
    const running = Promise.withResolvers<readonly boolean[]>();
    this.#running = running;
    this.#worker ??= this.#started();
    this.#worker.ref();
    this.#worker.postMessage(packed, [packed.bytes.buffer]);
    return running.promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#worker === undefined) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.ref();
    this.#worker.postMessage('close');
    await exit;
  }

  /** At the first run: whoever only reads needs no thread. */
  #started(): Worker {
    const worker = new Worker(WORKER, { workerData: this.#data });
    worker.on('message', (answer: WriteAnswer) => this.#heard(answer));
    worker.on('error', (fault) => this.#end(worker, fault));
    worker.on('exit', () => this.#end(worker, new Error('the thread that writes has ended')));
    return worker;
  }

  #heard(answer: WriteAnswer): void {
    const running = this.#running;
    this.#running = undefined;
    this.#worker?.unref();
    if (answer.kind === 'written') running?.resolve(answer.held);
    else running?.reject(Object.assign(new Error(answer.message), { errcode: answer.errcode }));
  }

  /** Its exit comes after its error, when another may have begun already. */
  #end(worker: Worker, fault: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#running?.reject(fault);
    this.#running = undefined;
  }
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './write-thread.ts' : './write-thread.js', import.meta.url);
