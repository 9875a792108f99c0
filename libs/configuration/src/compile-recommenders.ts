import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { type RecommenderNumber, recommenderKind } from '@attune/kernel/recommender-kind';
import type { Review } from './compile.ts';
import type { Recommender } from './configuration.ts';
import type { WrittenExclusion, WrittenRecommender } from './recommender-schema.ts';
import { reviewBlends } from './review-blends.ts';
import type { AttuneDocument } from './schema.ts';

/** Recommenders with their names resolved, sorted by name. */
export function compileRecommenders(document: AttuneDocument, features: readonly FeatureDeclaration[], review: Review): Recommender[] {
  reviewBlends(document.recommenders, review);
  reviewPlacements(document.recommenders, review);
  return Object.entries(document.recommenders)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, written]): Recommender => {
      const { kind, purpose, fallback, exclude, placements, of = {}, pins, diversity } = written;
      const path = ['recommenders', name];
      review.known({ path: [...path, 'purpose'], what: 'purpose', name: purpose, among: Object.keys(document.purposes) });
      for (const word of READS) checkFeature({ document, features, review, path: [...path, word], feature: written[word], purpose });
      if (written.viewed === undefined && exclude.some((one) => one.kind === 'seen'))
        review.findings.push({ path: [...path, 'exclude'], fault: 'Nobody says what was seen.', fix: 'Add viewed: with a feature of kind recent_items.' });
      reviewSource(document, name, review);
      const parts = Object.entries(of).map(([part, weight]) => ({ name: part, weight }));
      const numbers = numbersOf(name, written, review);
      return {
        ...{ name, kind, over: written.over, numbers, of: parts, placements, reads: readsOf(written), purpose, fallback, exclude: excluded(exclude), pins },
        recommendContext: written.recommend_context,
        boosts: written.boosts.map((boost) => boost),
        diversity: {
          ...(diversity?.per_category && { perCategory: diversity.per_category }),
          ...(diversity?.relevance !== undefined && { relevance: diversity.relevance }),
        },
      };
    });
}

/** What steers the kind, as written or as usual; a word of another kind is a fault. */
function numbersOf(name: string, written: WrittenRecommender, review: Review): Recommender['numbers'] {
  const { numbers: usual } = recommenderKind(written.kind);
  for (const word of NUMBERS) {
    if (written[word] === undefined || word in usual) continue;
    const takes = Object.keys(usual);
    review.findings.push({
      path: ['recommenders', name, word],
      fault: `${word} says nothing to a recommender of kind ${written.kind}.`,
      fix: takes.length === 0 ? 'Remove it.' : `Remove it; this kind takes ${takes.join(', ')}.`,
      atKey: true,
    });
  }
  const entries = Object.entries(usual) as [RecommenderNumber, number][];
  return Object.fromEntries(entries.map(([word, value]) => [word, written[word] ?? value]));
}

const NUMBERS = [
  'half_life',
  'sessions_max',
  'neighbours',
  'place_scale',
  'day_scale',
  'near_scale',
  'due_share',
  'usual_gap',
  'item_half_life',
] as const satisfies readonly RecommenderNumber[];

/** A placement belongs to one recommender, or nobody could say which one answers. */
function reviewPlacements(recommenders: AttuneDocument['recommenders'], review: Review): void {
  const taken = new Map<string, string>();
  for (const [name, { placements }] of Object.entries(recommenders)) {
    for (const [at, placement] of placements.entries()) {
      const other = taken.get(placement);
      if (other !== undefined)
        review.findings.push({
          path: ['recommenders', name, 'placements', at],
          fault: `The placement ${placement} belongs to ${other} already.`,
          fix: 'Keep it in one of them.',
        });
      taken.set(placement, name);
    }
  }
}

/** The words that name a feature of what the customer did. */
const READS = ['history', 'viewed', 'refused', 'less_of'] as const;

function readsOf({ history, viewed, refused, less_of }: WrittenRecommender): Recommender['reads'] {
  return { ...(history && { history }), ...(viewed && { viewed }), ...(refused && { refused }), ...(less_of && { lessOf: less_of }) };
}

interface NamedFeature {
  readonly document: AttuneDocument;
  readonly features: readonly FeatureDeclaration[];
  readonly review: Review;
  readonly path: readonly string[];
  readonly feature: string | undefined;
  readonly purpose: string;
}

function checkFeature({ document, features, review, path, feature, purpose }: NamedFeature): void {
  if (feature === undefined) return;
  const listed = Object.entries(document.features).filter(([, { spec }]) => spec.result === 'items');
  review.known({ path: [...path], what: 'feature of kind recent_items named', name: feature, among: listed.map(([name]) => name) });
  const purposes = features.find(({ name }) => name === feature)?.purposes;
  if (purposes !== undefined && !purposes.includes(purpose))
    review.findings.push({
      path: [...path],
      fault: `${feature} may not be used for ${purpose}.`,
      fix: `Add ${purpose} to its purposes, or give the recommender one of them.`,
    });
}

/** What a recommender is counted from must be declared. */
function reviewSource(document: AttuneDocument, name: string, review: Review): void {
  const { kind, over } = document.recommenders[name] ?? {};
  if (kind === undefined) return;
  const path = ['recommenders', name];
  const { learnsFrom, overSessions } = recommenderKind(kind);
  if (over === 'sessions' && overSessions !== true)
    review.findings.push({ path: [...path, 'over'], fault: `A recommender of kind ${kind} is not counted from sessions.`, fix: 'Remove over.' });
  else if (over === 'sessions' && !learnsFromSome(document, ['view', 'add_to_cart']))
    review.findings.push({
      path: [...path, 'over'],
      fault: 'There is nothing to learn from: no event with role: view or add_to_cart says where its item lies in clear.',
      fix: 'Give one item: product_id, and fields: { product_id: { type: string, open: true } }.',
    });
  else if (over !== 'sessions' && learnsFrom === 'baskets' && !learnsFromSome(document, ['purchase']))
    review.findings.push({
      path: [...path, 'kind'],
      fault: 'There is nothing to learn from: no event with role: purchase says where its items lie in clear.',
      fix: 'Give one lines: { each: products, item: product_id }, and its field open: true.',
    });
}

/** True where an event of such a role says in clear what its items are: the index is nobody's, so nothing sealed enters it. */
const learnsFromSome = ({ events }: AttuneDocument, roles: readonly string[]): boolean =>
  Object.values(events).some(({ role, lines, item, fields }) => {
    const field = fields[lines?.each ?? item ?? ''];
    return role !== undefined && roles.includes(role) && field?.open === true && !field.personal;
  });

function excluded(written: readonly WrittenExclusion[]): Recommender['exclude'] {
  const longest = (kind: 'bought' | 'seen'): number =>
    Math.max(-1, ...written.flatMap((one) => (one.kind === kind ? [one.withinMs ?? Number.POSITIVE_INFINITY] : [])));
  const [boughtWithinMs, seenWithinMs] = [longest('bought'), longest('seen')];
  return {
    outOfStock: written.some(({ kind }) => kind === 'out_of_stock'),
    ...(boughtWithinMs >= 0 && { boughtWithinMs }),
    ...(seenWithinMs >= 0 && { seenWithinMs }),
  };
}
