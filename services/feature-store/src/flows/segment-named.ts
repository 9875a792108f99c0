import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { SegmentRule } from '../domain/find-transitions.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';

/** The segment of that name. @throws AttuneError REQUEST_INVALID with the nearest spelling */
export function segmentNamed({ segments }: Pick<ProfileRules, 'segments'>, wanted: string): SegmentRule {
  const found = segments.find(({ name }) => name === wanted);
  if (found) return found;
  const names = segments.map(({ name }) => name);
  throw new AttuneError('REQUEST_INVALID', `Field: segment. There is none of this name. ${spelling(wanted, new Set(names))}`);
}
