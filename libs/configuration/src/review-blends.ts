import { recommenderKind } from '@attune/kernel/recommender-kind';
import type { Review } from './compile.ts';
import type { WrittenRecommender } from './recommender-schema.ts';

type Written = Readonly<Record<string, WrittenRecommender>>;

/** Finds blends of nothing, of what does not exist and of themselves, parts of what is no blend, and kinds that need a history where none is named. */
export function reviewBlends(recommenders: Written, review: Review): void {
  for (const [name, { kind, of, history }] of Object.entries(recommenders)) {
    const path = ['recommenders', name];
    if (kind !== 'blend' && of !== undefined)
      review.findings.push({
        path: [...path, 'of'],
        fault: `A recommender of kind ${kind} has no parts.`,
        fix: 'Write kind: blend, or remove of.',
        atKey: true,
      });
    if (kind === 'blend' && Object.keys(of ?? {}).length === 0)
      review.findings.push({ path, fault: 'This blend has no parts.', fix: 'Write of: { <recommender>: 1, <another>: 0.5 }.' });
    for (const part of Object.keys(of ?? {}))
      review.known({ path: [...path, 'of', part], what: 'recommender', name: part, among: Object.keys(recommenders).filter((other) => other !== name) });
    const round = cycleFrom(recommenders, name);
    if (round !== undefined && round.length > 1)
      review.findings.push({
        path: [...path, 'of'],
        fault: `This blend is a part of itself: ${[name, ...round].join(', ')}.`,
        fix: 'Take one of these out of another.',
      });
    const needing = round === undefined && history === undefined ? needsHistory(recommenders, name) : undefined;
    if (needing !== undefined)
      review.findings.push({
        path: [...path, 'kind'],
        fault: `${needing === name ? 'This recommender' : `Its part ${needing}`} ranks what the customer bought, and no history is named here.`,
        fix: 'Add history: with a feature of kind recent_items.',
      });
  }
}

/** The way from a recommender back to itself; undefined where there is none. A part that stands at the end of two ways is looked at once. */
function cycleFrom(recommenders: Written, start: string): readonly string[] | undefined {
  const seen = new Set<string>();
  const from = (name: string): readonly string[] | undefined => {
    for (const part of Object.keys(recommenders[name]?.of ?? {})) {
      if (part === start) return [part];
      if (seen.has(part)) continue;
      seen.add(part);
      const rest = from(part);
      if (rest !== undefined) return [part, ...rest];
    }
    return undefined;
  };
  return from(start);
}

/** The recommender itself or the part of it, near or far, that needs a history. */
function needsHistory(recommenders: Written, start: string): string | undefined {
  const seen = new Set<string>();
  const from = (name: string): string | undefined => {
    const written = recommenders[name];
    if (written === undefined || seen.has(name)) return undefined;
    seen.add(name);
    if (recommenderKind(written.kind).needsHistory === true) return name;
    for (const part of Object.keys(written.of ?? {})) {
      const found = from(part);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return from(start);
}
