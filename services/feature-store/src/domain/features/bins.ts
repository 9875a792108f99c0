import type { StateReader, StateWriter } from './state-bytes.ts';

/** So many bins are kept at most; up to so many different values are kept exactly. */
export const BINS_MAX = 512;
/** A double has so many bits of fraction: no more are dropped, so the sign, and the value to a factor of two, are always known. */
const FRACTION_BITS = 52;
/** What is smaller, either way, is 0: so that numbers to NUMBER_MAX never need more bins than there are. */
const SMALLEST = 1e-9;

/** Numbers cut to one value, and how many there are. */
export interface Bin {
  /** The number of the bin that lies nearest to 0. */
  readonly from: number;
  readonly count: number;
}

/**
 * A histogram whose bins are doubles with `dropped` bits of their fraction cut off: the least number of bits for which at most BINS_MAX bins are needed.
 * Like DDSketch (Masson et al. 2019) it knows each value to a relative error, at most 2^(dropped − 53); like UDDSketch (Epicoco et al. 2020) it halves
 * its precision when it is full. How much is dropped depends on the set of values alone, so order cannot matter.
 */
export interface Bins {
  readonly dropped: number;
  /** Ascending, none twice. */
  readonly bins: readonly Bin[];
}

/** The histogram of one number. */
export const binsOf = (value: number): Bins => ({ dropped: 0, bins: [{ from: Math.abs(value) < SMALLEST ? 0 : value, count: 1 }] });

/** The histogram of the numbers of both. */
export function joinBins(a: Bins, b: Bins): Bins {
  for (let dropped = Math.max(a.dropped, b.dropped); ; dropped++) {
    const bins = added(cut(a, dropped), cut(b, dropped));
    if (bins.length <= BINS_MAX || dropped === FRACTION_BITS) return { dropped, bins };
  }
}

/** The number of that rank, counted from 1 at the least: exactly while no bits are dropped, else the middle of its bin. */
export function numberAt({ dropped, bins }: Bins, rank: number): number {
  let below = 0;
  for (const { from, count } of bins) {
    below += count;
    if (below >= rank) return middleOf(from, dropped);
  }
  return 0;
}

/** How many numbers there are. */
export const countOf = ({ bins }: Bins): number => bins.reduce((sum, { count }) => sum + count, 0);

/** The bytes of bins at most: eight of the value and seven of the count each. */
export const BINS_BYTES_MAX = 8 + BINS_MAX * 15;

export function writeBins(writer: StateWriter, { dropped, bins }: Bins): StateWriter {
  writer.whole(dropped).whole(bins.length);
  for (const { from, count } of bins) writer.double(from).whole(count);
  return writer;
}

export function readBins(reader: StateReader): Bins {
  const dropped = reader.whole();
  return { dropped, bins: Array.from({ length: reader.whole() }, () => ({ from: reader.double(), count: reader.whole() })) };
}

const double = new DataView(new ArrayBuffer(8));

/** The double with its last `dropped` bits of fraction set to zero. */
function cutDouble(value: number, dropped: number): number {
  double.setFloat64(0, value);
  if (dropped > 0) double.setUint32(4, dropped >= 32 ? 0 : double.getUint32(4) & (-1 << dropped));
  if (dropped > 32) double.setUint32(0, double.getUint32(0) & (-1 << (dropped - 32)));
  return double.getFloat64(0) || 0;
}

function middleOf(from: number, dropped: number): number {
  if (dropped === 0 || from === 0) return from;
  double.setFloat64(0, from);
  const half = dropped - 1;
  if (half >= 32) double.setUint32(0, double.getUint32(0) | (1 << (half - 32)));
  else double.setUint32(4, double.getUint32(4) | (1 << half));
  return double.getFloat64(0);
}

/** The same with more bits dropped: neighbours that become one are added. */
function cut({ dropped: already, bins }: Bins, dropped: number): readonly Bin[] {
  if (dropped === already) return bins;
  const found: Bin[] = [];
  for (const { from, count } of bins) put(found, { from: cutDouble(from, dropped), count });
  return found;
}

/** One walk along both, ascending. */
function added(a: readonly Bin[], b: readonly Bin[]): readonly Bin[] {
  const found: Bin[] = [];
  for (let i = 0, j = 0; ; ) {
    const [left, right] = [a[i], b[j]];
    const next = left !== undefined && (right === undefined || left.from <= right.from) ? left : right;
    if (next === undefined) return found;
    if (next === left) i++;
    else j++;
    put(found, next);
  }
}

function put(found: Bin[], bin: Bin): void {
  const before = found.at(-1);
  if (before?.from === bin.from) found[found.length - 1] = { from: bin.from, count: before.count + bin.count };
  else found.push(bin);
}
