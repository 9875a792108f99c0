import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import type { Recommender } from './configuration.ts';
import type { WrittenExclusion } from './recommender-schema.ts';
import type { AttuneDocument } from './schema.ts';

/** Recommenders with their names resolved, sorted by name. */
export function compileRecommenders(document: AttuneDocument, features: readonly FeatureDeclaration[], review: Review): Recommender[] {
  return Object.entries(document.recommenders)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { kind, history, purpose, fallback, exclude }]) => {
      const path = ['recommenders', name];
      review.known({ path: [...path, 'purpose'], what: 'purpose', name: purpose, among: Object.keys(document.purposes) });
      if (history !== undefined) checkHistory({ document, features, review, name, history, purpose });
      if (!learnsFromSome(document)) {
        review.findings.push({
          path: [...path, 'kind'],
          fault: 'There is nothing to learn from: no event with role: purchase says where its items lie in clear.',
          fix: 'Give one lines: { each: products, item: product_id }, and its field open: true.',
        });
      }
      return { name, kind, ...(history !== undefined && { history }), purpose, fallback, exclude: excluded(exclude) };
    });
}

interface History {
  readonly document: AttuneDocument;
  readonly features: readonly FeatureDeclaration[];
  readonly review: Review;
  readonly name: string;
  readonly history: string;
  readonly purpose: string;
}

function checkHistory({ document, features, review, name, history, purpose }: History): void {
  const path = ['recommenders', name, 'history'];
  const listed = Object.entries(document.features).filter(([, { spec }]) => spec.result === 'items');
  review.known({ path, what: 'feature of kind recent_items named', name: history, among: listed.map(([feature]) => feature) });
  const purposes = features.find((feature) => feature.name === history)?.purposes;
  if (purposes !== undefined && !purposes.includes(purpose))
    review.findings.push({
      path,
      fault: `${history} may not be used for ${purpose}.`,
      fix: `Add ${purpose} to its purposes, or give the recommender one of them.`,
    });
}

/** True where an event is a purchase whose items lie in clear: the index is nobody's, so nothing sealed enters it. */
const learnsFromSome = ({ events }: AttuneDocument): boolean =>
  Object.values(events).some(({ role, lines, item, fields }) => {
    const field = fields[lines?.each ?? item ?? ''];
    return role === 'purchase' && field?.open === true && !field.personal;
  });

function excluded(written: readonly WrittenExclusion[]): Recommender['exclude'] {
  const bought = written.flatMap((one) => (one.kind === 'bought' ? [one.withinMs ?? Number.POSITIVE_INFINITY] : []));
  return { outOfStock: written.some(({ kind }) => kind === 'out_of_stock'), ...(bought.length > 0 && { boughtWithinMs: Math.max(...bought) }) };
}
