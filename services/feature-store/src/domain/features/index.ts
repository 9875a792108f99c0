import { count } from './count.ts';
import { decayedCount } from './decayed-count.ts';
import { decayedSum } from './decayed-sum.ts';
import type { FeatureKind } from './feature-kind.ts';
import { first } from './first.ts';
import { firstK } from './first-k.ts';
import { happened } from './happened.ts';
import { last } from './last.ts';
import { lastK } from './last-k.ts';
import { max } from './max.ts';
import { mean } from './mean.ts';
import { meanGap } from './mean-gap.ts';
import { min } from './min.ts';
import { percentile } from './percentile.ts';
import { rate } from './rate.ts';
import { recentItems } from './recent-items.ts';
import { sessionLastK } from './session-last-k.ts';
import { set } from './set.ts';
import { stdDev } from './std-dev.ts';
import { streak } from './streak.ts';
import { sum } from './sum.ts';
import { timeSince } from './time-since.ts';
import { topK } from './top-k.ts';
import { uniqueCount } from './unique-count.ts';
import { variance } from './variance.ts';

/** Every kind of feature, one line each; the schema of the configuration, the docs and the feature laws follow from this list. */
export const featureKinds: readonly FeatureKind<unknown>[] = [
  count,
  sum,
  mean,
  min,
  max,
  variance,
  stdDev,
  percentile,
  uniqueCount,
  first,
  last,
  firstK,
  lastK,
  sessionLastK,
  topK,
  set,
  happened,
  rate,
  decayedCount,
  decayedSum,
  streak,
  timeSince,
  meanGap,
  recentItems,
];
