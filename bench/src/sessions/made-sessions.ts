import { type SeededRandom, seededRandom } from '@attune/kernel/random';

/** How large the sessions that are made are. */
export interface MadeSize {
  readonly sessions: number;
  readonly items: number;
}

/** Of all clicks, so many lie near the one before: items of one topic are used together. */
const NEAR_SHARE = 0.6;
const NEAR_WIDTH = 20;
const LENGTH_MIN = 2;
/** A session goes on with this chance: 3.7 clicks in the mean. */
const GOES_ON = 0.635;
const START_S = 1_700_000_000;
const SPAN_S = 30 * 86_400;

/** Lines SessionId, ItemId, Time under their heading, drawn by chance: items by Zipf's law (exponent 1), lengths geometric from 2, ends over 30 days. The same seed, the same lines. */
export function madeSessions({ sessions, items }: MadeSize, seed: string): string {
  const random = seededRandom(seed);
  const draw = zipf(items, random);
  const lines = ['SessionId\tItemId\tTime'];
  for (let session = 1; session <= sessions; session++) {
    let atS = START_S + Math.floor(random() * SPAN_S);
    let item = draw();
    for (let click = 0; click < LENGTH_MIN || random() < GOES_ON; click++) {
      if (click > 0) item = random() < NEAR_SHARE ? Math.min(items - 1, Math.max(0, item + Math.floor((random() - 0.5) * NEAR_WIDTH))) : draw();
      lines.push(`${session}\t${item + 1}\t${atS}`);
      atS += 1 + Math.floor(random() * 120);
    }
  }
  return `${lines.join('\n')}\n`;
}

function zipf(count: number, random: SeededRandom): () => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 1);
    sums[rank] = total;
  }
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
