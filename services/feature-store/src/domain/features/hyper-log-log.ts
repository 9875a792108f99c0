const INDEX_BITS = 10;
/** 2^10 registers: the standard error of an estimate is 1.04 / √1024 = 3.25 %. */
export const REGISTERS = 2 ** INDEX_BITS;
/** A hash has so many bits. */
export const HASH_BITS = 53;
const RANK_BITS = HASH_BITS - INDEX_BITS;
/** 1 / (2 ln 2). */
const ALPHA = 0.5 / Math.LN2;

/**
 * HyperLogLog (Flajolet et al. 2007) over hashes of 53 bits: of each register the greatest rank that it saw. The union of two sets has the
 * greater of each pair of registers, so order cannot matter.
 */
export type Registers = Uint8Array;

export const noRegisters = (): Registers => new Uint8Array(REGISTERS);

/** Notes a hash, a whole number in [0, 2^53); edits `registers`. */
export function noteHash(registers: Registers, hash: number): void {
  const index = Math.floor(hash / 2 ** RANK_BITS);
  const rank = RANK_BITS - bitsOf(hash % 2 ** RANK_BITS) + 1;
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/** The registers of both sets together. */
export const unionOf = (a: Registers, b: Registers): Registers => a.map((rank, i) => Math.max(rank, b[i] ?? 0));

/** How many different hashes were noted, rounded: the estimator of Ertl (“New cardinality estimation algorithms for HyperLogLog sketches”, 2017, algorithm 6), which needs no correction for small or large sets. */
export function estimateOf(registers: Registers): number {
  const ranks = new Array<number>(RANK_BITS + 2).fill(0);
  for (const rank of registers) ranks[rank] = (ranks[rank] ?? 0) + 1;
  let z = REGISTERS * tau(1 - (ranks[RANK_BITS + 1] ?? 0) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = (z + (ranks[rank] ?? 0)) / 2;
  z += REGISTERS * sigma((ranks[0] ?? 0) / REGISTERS);
  return Math.round((ALPHA * REGISTERS * REGISTERS) / z);
}

/** How many bits a whole number has: 0 for 0. */
function bitsOf(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
}

function sigma(part: number): number {
  if (part === 1) return Number.POSITIVE_INFINITY;
  let [x, y, z, before] = [part, 1, part, -1];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(part: number): number {
  if (part === 0 || part === 1) return 0;
  let [x, y, z, before] = [part, 1, 1 - part, -1];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y /= 2;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
