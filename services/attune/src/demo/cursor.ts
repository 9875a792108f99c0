import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { AttuneError } from '@attune/kernel/errors';

/** How far the replay has come. */
export interface Cursor {
  /** When the demo was started first, by the system's clock: the shift of its year follows from it. */
  readonly startMs: number;
  /** How many events the pipeline has taken. */
  readonly publishedEvents: number;
  /** Where the virtual clock stood then. */
  readonly clockMs: number;
  /** True once the clock was handed over. */
  readonly done: boolean;
}

/** Where the cursor is kept. */
export interface CursorKeeper {
  /** The cursor written last; undefined before the first. @throws AttuneError INTERNAL where it cannot be read */
  read(): Cursor | undefined;
  /** Replaces it, on disk when this returns. */
  write(cursor: Cursor): void;
  /** Replaces it without keeping the caller: on disk when this resolves. One call at a time. */
  note(cursor: Cursor): Promise<void>;
}

/** Keeps the cursor in a file, which is whole at every moment. */
export const cursorFile = (path: string): CursorKeeper => ({
  read: () => {
    try {
      return parsed(readFileSync(path, 'utf8'));
    } catch (fault) {
      if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined;
      throw new AttuneError('INTERNAL', `${path} is not the cursor of a replay; start with --fresh.`, fault);
    }
  },
  write: (cursor) => {
    writeFileSync(`${path}.next`, JSON.stringify(cursor), { flush: true });
    renameSync(`${path}.next`, path);
  },
  note: async (cursor) => {
    await writeFile(`${path}.next`, JSON.stringify(cursor), { flush: true });
    await rename(`${path}.next`, path);
  },
});

function parsed(text: string): Cursor {
  const { startMs, publishedEvents, clockMs, done } = JSON.parse(text) as Cursor;
  if (![startMs, publishedEvents, clockMs].every(Number.isSafeInteger) || typeof done !== 'boolean') throw new Error('a field is missing');
  return { startMs, publishedEvents, clockMs, done };
}
