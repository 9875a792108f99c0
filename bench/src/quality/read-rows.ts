import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The lines of a file that are not empty; a name that ends in .gz is unpacked. @throws Error for a file that is not there */
export function readLines(file: string): readonly string[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** The rows of a table after its heading, cut at `separator`, which no cell holds. @throws Error for a file that is not there */
export const readRows = (file: string, separator: string): readonly (readonly string[])[] =>
  readLines(file)
    .slice(1)
    .map((line) => line.split(separator));

/** Ids in their order: as numbers where all are, else by code unit. */
export function inOrder(ids: Iterable<string>): readonly string[] {
  const all = [...new Set(ids)];
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return all.toSorted(all.every((id) => /^\d+$/.test(id)) ? (a, b) => Number(a) - Number(b) : byText);
}
