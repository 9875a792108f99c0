import type { Review } from './compile.ts';
import type { Segment } from './configuration.ts';
import type { Path } from './positions.ts';
import type { AttuneDocument } from './schema.ts';
import { type DeclaredPurposes, keptFrom } from './shared-purposes.ts';

/** What segments are used for, and what they read. */
export interface SegmentUses {
  readonly document: AttuneDocument;
  readonly features: DeclaredPurposes['features'];
  readonly segments: readonly Segment[];
  readonly review: Review;
}

interface Use {
  readonly segment: string;
  readonly purpose: string;
  readonly path: Path;
  /** What comes of it, where the segment may not be used so. */
  readonly else: string;
}

/** Adds a fault for each segment that something begins with which may not use all that the segment reads: see the purposes of its inputs. */
export function checkSegmentUses({ document, features, segments, review }: SegmentUses): void {
  for (const { segment, purpose, path, else: otherwise } of [...starts(document), ...pauses(document)]) {
    const reads = segments.find(({ name }) => name === segment)?.rule.reads;
    if (reads === undefined || !Object.hasOwn(document.purposes, purpose)) continue; // told already
    const kept = keptFrom({ features, traits: document.traits }, reads, purpose);
    if (kept.length === 0) continue;
    const [first] = kept;
    review.findings.push({
      path,
      fault: `${segment} may not be used for ${purpose}, since it reads ${kept.join(', ')}: ${otherwise}`,
      fix: `Add ${purpose} to the purposes of ${kept.length === 1 ? first : 'each'} if that is what it is for, or name another segment.`,
      tolerated: true,
    });
  }
}

const starts = ({ campaigns }: AttuneDocument): Use[] =>
  Object.entries(campaigns).flatMap(([name, { purpose, start }]) =>
    start.segment.map((segment, i) => ({ segment, purpose, path: ['campaigns', name, 'start', 'segment', i], else: 'the campaign would never begin.' })),
  );

/** A pause holds back what is sent for the purposes of promotions. */
function pauses({ campaigns, purposes, delivery }: AttuneDocument): Use[] {
  const needsNoConsent = (purpose: string): boolean => ['contract', 'legal_obligation'].includes(purposes[purpose]?.basis ?? '');
  const promoted = new Set(Object.values(campaigns).flatMap(({ purpose }) => (needsNoConsent(purpose) ? [] : [purpose])));
  return (delivery.pause_promotions?.from ?? []).flatMap((reference, i) =>
    reference.startsWith('segment.')
      ? [...promoted].map((purpose) => ({
          ...{ segment: reference.slice('segment.'.length), purpose, path: ['delivery', 'pause_promotions', 'from', i] },
          else: `it cannot decide what is sent for ${purpose}.`,
        }))
      : [],
  );
}
