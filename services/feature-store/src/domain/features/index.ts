import { count } from './count.ts';
import type { FeatureKind } from './feature-kind.ts';
import { first } from './first.ts';
import { last } from './last.ts';
import { max } from './max.ts';
import { mean } from './mean.ts';
import { meanGap } from './mean-gap.ts';
import { min } from './min.ts';
import { percentile } from './percentile.ts';
import { recentItems } from './recent-items.ts';
import { sum } from './sum.ts';
import { timeSince } from './time-since.ts';
import { uniqueCount } from './unique-count.ts';

/** Every kind of feature, one line each; the schema of the configuration, the docs and the feature laws follow from this list. */
export const featureKinds: readonly FeatureKind<unknown>[] = [
  count,
  sum,
  mean,
  min,
  max,
  percentile,
  uniqueCount,
  first,
  last,
  timeSince,
  meanGap,
  recentItems,
];
