/** The value below which the share `q` of the numbers lies: the nearest rank, NaN of none. */
export const quantile = (numbers: readonly number[], q: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.max(0, Math.ceil(q * numbers.length) - 1))] ?? Number.NaN;

/** Prints rows under their headings, the first column to the left, the others to the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  for (const row of all) console.log(`  ${padded(row)}`.trimEnd());
}
