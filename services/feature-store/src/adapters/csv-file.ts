import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Cell, DatasetColumn, WriteRows } from '../ports.ts';
import { Counted } from './counted-bytes.ts';

/** Comma-separated values in UTF-8 as RFC 4180 has them, with a head. Nothing between commas = no value; an empty text stands as "". Times are ISO 8601 in UTC. */
export const writeCsv: WriteRows = async (path, columns, rows) => {
  const counted = new Counted();
  await pipeline(Readable.from(lines(columns, rows)), counted, createWriteStream(path));
  return counted.result();
};

const ROWS_AT_ONCE = 1_000;

function* lines(columns: readonly DatasetColumn[], rows: readonly (readonly Cell[])[]): Iterable<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`;
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const some = rows.slice(i, i + ROWS_AT_ONCE);
    yield some.map((row) => `${row.map((cell, place) => written(cell, columns[place])).join(',')}\r\n`).join('');
  }
}

function written(cell: Cell, column: DatasetColumn | undefined): string {
  if (cell === null) return '';
  if (column?.type === 'time' && typeof cell === 'number') return new Date(cell).toISOString();
  return typeof cell === 'string' ? quoted(cell) : String(cell);
}

const quoted = (text: string): string => (text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
