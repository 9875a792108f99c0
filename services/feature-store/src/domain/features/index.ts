import { count } from './count.ts';
import type { FeatureKind } from './feature-kind.ts';
import { last } from './last.ts';
import { meanGap } from './mean-gap.ts';
import { recentItems } from './recent-items.ts';
import { sum } from './sum.ts';
import { timeSince } from './time-since.ts';

/** Every kind of feature, one line each; the schema of the configuration, the docs and the feature laws follow from this list. */
export const featureKinds: readonly FeatureKind<unknown>[] = [count, sum, last, timeSince, meanGap, recentItems];
