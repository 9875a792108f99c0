/** Rows of whole numbers, packed one behind the other: a row costs no object. */
export interface SparseRows {
  readonly count: number;
  /** The numbers of a row. */
  of(row: number): Uint32Array;
  /** By number: the rows that it stands in, ascending. Numbers are below `size`. */
  transposed(size: number): SparseRows;
  /** By row: the sum of what its numbers weigh. */
  sums(weights: Float64Array): Float64Array;
}

/** Packs the items of each basket. */
export function rowsOfBaskets(baskets: readonly { readonly items: readonly number[] }[]): SparseRows {
  const starts = new Uint32Array(baskets.length + 1);
  for (const [row, { items }] of baskets.entries()) starts[row + 1] = (starts[row] ?? 0) + items.length;
  const packed = new Uint32Array(starts[baskets.length] ?? 0);
  for (const [row, { items }] of baskets.entries()) packed.set(items, starts[row]);
  return rowsOf(starts, packed);
}

function rowsOf(starts: Uint32Array, packed: Uint32Array): SparseRows {
  const count = starts.length - 1;
  const of = (row: number): Uint32Array => packed.subarray(starts[row] ?? 0, starts[row + 1] ?? 0);
  return {
    count,
    of,
    transposed: (size) => transpose({ starts, packed }, size),
    sums: (weights) => {
      const sums = new Float64Array(count);
      for (let row = 0; row < count; row++) for (const number of of(row)) sums[row] = (sums[row] ?? 0) + (weights[number] ?? 0);
      return sums;
    },
  };
}

/** A counting sort: first how many rows each number stands in, then each row into its places. */
function transpose({ starts, packed }: { readonly starts: Uint32Array; readonly packed: Uint32Array }, size: number): SparseRows {
  const begins = new Uint32Array(size + 1);
  for (const number of packed) begins[number + 1] = (begins[number + 1] ?? 0) + 1;
  for (let number = 0; number < size; number++) begins[number + 1] = (begins[number + 1] ?? 0) + (begins[number] ?? 0);
  const next = begins.slice();
  const rows = new Uint32Array(packed.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
      const number = packed[at] ?? 0;
      rows[next[number] ?? 0] = row;
      next[number] = (next[number] ?? 0) + 1;
    }
  }
  return rowsOf(begins, rows);
}
