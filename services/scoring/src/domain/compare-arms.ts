/** One side of a comparison. */
export interface Arm {
  readonly settled: number;
  readonly reached: number;
}

/** The difference of two shares and its 95 % interval, each in [−1, 1]. */
export interface Lift {
  readonly lift: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Share that reached the goal among the treated less that among the held out; undefined while a side is empty.
 * Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998) 873-890, method 10: from Wilson's score intervals.
 */
export function compareArms(treated: Arm, heldOut: Arm): Lift | undefined {
  if (treated.settled === 0 || heldOut.settled === 0) return undefined;
  const [a, b] = [wilson(treated), wilson(heldOut)];
  const lift = a.share - b.share;
  return { lift, low: lift - distance(a.share - a.low, b.high - b.share), high: lift + distance(a.high - a.share, b.share - b.low) };
}

/** Wilson's score interval without a continuity correction, at 95 %. */
function wilson({ settled: n, reached }: Arm): { share: number; low: number; high: number } {
  const share = reached / n;
  const centre = 2 * reached + Z * Z;
  const spread = Z * Math.sqrt(Z * Z + 4 * reached * (1 - share));
  const scale = 2 * (n + Z * Z);
  return { share, low: (centre - spread) / scale, high: (centre + spread) / scale };
}

const Z = 1.959963984540054;
const distance = (a: number, b: number): number => Math.sqrt(a * a + b * b);
