import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What a parameter of a statement may be. */
export type SqliteValue = string | number | null | Uint8Array;

/** One statement, by its place in the list that the writer was made with, and its parameters. */
export interface WriteStep {
  readonly statement: number;
  readonly values: readonly SqliteValue[];
}

/** Steps that are written together or not at all. */
export interface WriteUnit {
  /** Goes first; where it changes no row, the steps are left out. */
  readonly guard?: WriteStep;
  readonly steps: readonly WriteStep[];
  /** The disk need not have it when the write is answered, though a kill of the process loses nothing; what is written with it, or later, takes it there. */
  readonly relaxed?: true;
}

/** The writing side of one SQLite file, on the thread that calls it. */
export class Transactions {
  readonly #db: DatabaseSync;
  readonly #statements: readonly StatementSync[];

  /** `db` has its tables and its pragmas; `statements` are prepared once. */
  constructor(db: DatabaseSync, statements: readonly string[]) {
    this.#db = db;
    this.#statements = statements.map((sql) => db.prepare(sql));
  }

  /** Writes all units in one transaction, in order, and answers of each whether its guard held. @throws what SQLite throws; nothing is written then */
  run(units: readonly WriteUnit[]): readonly boolean[] {
    if (!units.every(({ relaxed }) => relaxed)) return this.#transact(units);
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.#transact(units);
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  /** IMMEDIATE: a second writer on the file waits at the start instead of failing in the middle. */
  #transact(units: readonly WriteUnit[]): readonly boolean[] {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const held = units.map((unit) => this.#write(unit));
      this.#db.exec('COMMIT');
      return held;
    } catch (fault) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw fault;
    }
  }

  #write({ guard, steps }: WriteUnit): boolean {
    if (guard && Number(this.#run(guard).changes) === 0) return false;
    for (const step of steps) this.#run(step);
    return true;
  }

  #run({ statement, values }: WriteStep): ReturnType<StatementSync['run']> {
    const prepared = this.#statements[statement];
    if (prepared === undefined) throw new RangeError(`there is no statement ${statement}`);
    return prepared.run(...values);
  }
}
