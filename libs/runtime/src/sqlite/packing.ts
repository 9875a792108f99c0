import type { SqliteValue, WriteStep, WriteUnit } from './transactions.ts';

/** Units on their way to a thread: many small arrays of bytes would each be copied with all of the memory that they are a part of. */
export interface PackedUnits {
  readonly words: readonly Word[];
  /** All bytes of all parameters; its memory is its own and can be handed over. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Word = string | number | boolean | null;

/** Units as one list of words and one of bytes, in which bytes are `true` and their length. */
export function pack(units: readonly WriteUnit[]): PackedUnits {
  const words: Word[] = [];
  const parts: Uint8Array[] = [];
  for (const { guard, steps, relaxed } of units) {
    words.push(guard !== undefined, steps.length, relaxed === true);
    for (const { statement, values } of guard ? [guard, ...steps] : steps) {
      words.push(statement, values.length);
      for (const value of values) {
        if (value instanceof Uint8Array) {
          parts.push(value);
          words.push(true, value.length);
        } else words.push(value);
      }
    }
  }
  return { words, bytes: joined(parts) };
}

/** The units that were packed; their bytes are views of the packed ones. */
export function unpack({ words, bytes }: PackedUnits): readonly WriteUnit[] {
  let [word, byte] = [0, 0];
  const value = (): SqliteValue => {
    const next = words[word++];
    if (next !== true) return next as SqliteValue;
    const from = byte;
    byte += words[word++] as number;
    return bytes.subarray(from, byte);
  };
  const step = (): WriteStep => {
    const [statement, count] = [words[word++] as number, words[word++] as number];
    return { statement, values: Array.from({ length: count }, value) };
  };
  const units: WriteUnit[] = [];
  while (word < words.length) {
    const [guarded, count, relaxed] = [words[word++] as boolean, words[word++] as number, words[word++] as boolean];
    const guard = guarded ? { guard: step() } : {};
    units.push({ ...guard, steps: Array.from({ length: count }, step), ...(relaxed ? { relaxed } : {}) });
  }
  return units;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
