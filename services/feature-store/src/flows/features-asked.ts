import type { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { ActiveView, ProfileRules } from '../domain/profile-rules.ts';
import { checkPurposes } from './read-stored.ts';
import { readerOf } from './value-readers.ts';

/** Values that are read together for one purpose. */
export interface AskedValues {
  readonly names: readonly string[];
  readonly purpose: string;
  /** A value whose newest event is older is stale; absent = as each feature says. */
  readonly maxAgeMs?: number;
}

/** What a call asks of each subject. */
export interface FeaturesAsked {
  /** Undefined where only views are asked for. */
  readonly features: AskedValues | undefined;
  readonly views: readonly (AskedValues & { readonly view: ActiveView })[];
}

const NAMES_MAX = 200;
const VIEWS_MAX = 50;
const VALUES_MAX = 500;

/** The values that a call asks for, each with the purpose that it is read for: the call's, else that of its view. @throws AttuneError REQUEST_INVALID that names the field */
export function featuresAsked(rules: ProfileRules, request: Pick<GetFeaturesRequest, 'features' | 'views' | 'purpose'>): FeaturesAsked {
  const { features, views, purpose } = request;
  if (features.length > NAMES_MAX) throw invalid(`Field: features. At most ${NAMES_MAX} are answered.`);
  if (views.length > VIEWS_MAX) throw invalid(`Field: views. At most ${VIEWS_MAX} are answered.`);
  if (purpose !== '' || views.length === 0 || features.length > 0) checkPurposes(rules, 'purpose', [purpose]);
  const read = views.map((name, i) => viewAsked(rules, { name, i, purpose }));
  const asked = { features: features.length === 0 && views.length > 0 ? undefined : { names: namesAsked(rules, features), purpose }, views: read };
  const values = read.reduce((sum, { names }) => sum + names.length, asked.features?.names.length ?? 0);
  if (views.length > 0 && values > VALUES_MAX) throw invalid(`Field: views. They come to ${values} values; at most ${VALUES_MAX} are answered.`);
  return asked;
}

const invalid = (detail: string): AttuneError => new AttuneError('REQUEST_INVALID', detail);

function viewAsked({ views }: ProfileRules, { name, i, purpose }: { readonly name: string; readonly i: number; readonly purpose: string }) {
  const view = views.get(name);
  if (view === undefined) throw invalid(`Field: views[${i}]. No view of that name is declared. ${spelling(name, views.keys())}`);
  const own = purpose === '' ? view.purpose : purpose;
  if (own === undefined)
    throw invalid(`Field: purpose. The view ${view.name} declares none: name one, or write views.${view.name}.purpose in the configuration.`);
  const { maxAgeMs } = view;
  return { view, names: view.features, purpose: own, ...(maxAgeMs !== undefined && { maxAgeMs }) };
}

function namesAsked(rules: ProfileRules, asked: readonly string[]): readonly string[] {
  const { features, traits } = rules;
  const all = features.map(({ declaration }) => declaration.name);
  if (asked.length === 0) return all;
  const unknown = asked.findIndex((name) => readerOf(rules, name) === undefined);
  if (unknown < 0) return asked;
  const known = new Set([...all, ...[...traits.keys()].map((name) => `traits.${name}`)]);
  throw invalid(`Field: features[${unknown}]. No feature or trait of that name is declared. ${spelling(asked[unknown] ?? '', known)}`);
}
