import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Reads the lines of a table after its heading, cut at `separator`; a name that ends in .gz is unpacked. Cells hold no separator. @throws Error for a file that is not there */
export function readRows(file: string, separator: string): readonly (readonly string[])[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(separator));
}

/** Ids in their order: as numbers where all are, else by code unit. */
export function inOrder(ids: Iterable<string>): readonly string[] {
  const all = [...new Set(ids)];
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return all.toSorted(all.every((id) => /^\d+$/.test(id)) ? (a, b) => Number(a) - Number(b) : byText);
}
