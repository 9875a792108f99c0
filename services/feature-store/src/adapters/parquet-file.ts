import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Cell, CellType, DatasetColumn, WriteRows } from '../ports.ts';
import { Counted } from './counted-bytes.ts';

/** Apache Parquet, compressed with Snappy, 100,000 rows a group. Lists and values by name are JSON in a text; times are milliseconds in UTC. */
export const writeParquet: WriteRows = async (path, columns, rows) => {
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)];
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'attune' });
  for (let i = 0; i < Math.max(1, rows.length); i += GROUP_ROWS) {
    const group = rows.slice(i, i + GROUP_ROWS);
    const columnData = columns.map(({ name, type }, place) => ({ name, data: group.map((row) => storedAs[type](row[place] ?? null)) }));
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS });
  }
  await writer.finish();
  return sumOf(path);
};

const GROUP_ROWS = 100_000;

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const elements: Readonly<Record<CellType, Omit<SchemaElement, 'name'>>> = {
  text,
  json: text,
  number: { type: 'DOUBLE' },
  truth: { type: 'BOOLEAN' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  whole: { type: 'INT64' },
};

const elementOf = ({ name, type }: DatasetColumn): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...elements[type] });

const asIs = (cell: Cell): Cell => cell;
const storedAs: Readonly<Record<CellType, (cell: Cell) => unknown>> = {
  ...{ text: asIs, json: asIs, number: asIs, truth: asIs },
  time: (cell) => (cell === null ? null : new Date(Number(cell))),
  whole: (cell) => (cell === null ? null : BigInt(Number(cell))),
};

async function sumOf(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const counted = new Counted();
  counted.resume();
  await pipeline(createReadStream(path), counted);
  return counted.result();
}
