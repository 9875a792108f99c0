import { readLines } from '../quality/read-rows.ts';
import { readSessions } from '../quality/session-sets.ts';

/** What is asked: the items of an open session, oldest first. */
export interface Query {
  /** Of a session file `session:length`, of a list the number of the line from 1. */
  readonly name: string;
  readonly items: readonly string[];
}

/** Reads queries: of a file SessionId, ItemId, Time each beginning of each session but the whole; of any other file a line is one query, its items split by spaces or commas. */
export function readQueries(file: string): readonly Query[] {
  const lines = readLines(file);
  if (lines[0]?.split('\t').length !== 3) return lines.map((line, at) => ({ name: String(at + 1), items: line.split(/[\s,]+/).filter((item) => item !== '') }));
  return readSessions(file).flatMap(({ id, items }) => items.slice(1).map((_, at) => ({ name: `${id}:${at + 1}`, items: items.slice(0, at + 1) })));
}
