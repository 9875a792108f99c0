import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { ActiveView, ProfileRules } from '../domain/profile-rules.ts';
import type { FeaturesAsked } from './features-asked.ts';
import { featureRows, type GetFeaturesPorts } from './get-features.ts';
import { type OnlineColumn, onlineColumns } from './online-columns.ts';
import { ownRules } from './read-stored.ts';

/** What a client of Feast asks. */
export interface OnlineRequest {
  /** The name of the entity, as it is answered. */
  readonly entity: string;
  readonly subjects: readonly Subject[];
  /** What each subject is called, as it is answered. */
  readonly keys: readonly (string | number)[];
  /** `<view>:<feature>`, or a whole view by its name. */
  readonly asked: { readonly references: readonly string[] } | { readonly service: string };
  /** Whether names are answered as `<view>__<feature>`. */
  readonly fullNames: boolean;
}

/** The answer column by column, the entity first, and the views that it was read by. */
export interface OnlineAnswer {
  readonly columns: readonly OnlineColumn[];
  readonly views: readonly Pick<ActiveView, 'name' | 'version'>[];
}

/** Reads views the way that Feast does. */
export type GetOnlineFeatures = (tenant: string, request: OnlineRequest) => Promise<OnlineAnswer>;

const VALUES_MAX = 50_000;

/** Each view is read for the purpose that it declares: a client of Feast names none. @throws AttuneError REQUEST_INVALID that names the field, STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export const getOnlineFeatures =
  (ports: GetFeaturesPorts): GetOnlineFeatures =>
  async (tenant, { entity, subjects, keys, asked, fullNames }) => {
    const references = referencesOf(ownRules(ports), asked);
    checkSize(references.length, subjects.length);
    const names = references.map(({ view, feature }) => (fullNames ? `${view.name}__${feature}` : feature));
    checkNames(names, entity);
    const read = byView(references);
    const rows = await featureRows(ports, tenant, { subjects, asked: { features: undefined, views: read } });
    const places = references.map(({ view, feature }) => {
      const place = read.findIndex((one) => one.view === view);
      return { view: place, value: read[place]?.names.indexOf(feature) ?? 0 };
    });
    return { columns: onlineColumns({ entity, keys, names, places, rows }), views: read.map(({ view }) => view) };
  };

interface Reference {
  readonly view: ActiveView;
  readonly feature: string;
}

const invalid = (detail: string): AttuneError => new AttuneError('REQUEST_INVALID', detail);

function referencesOf({ views }: ProfileRules, asked: OnlineRequest['asked']): readonly Reference[] {
  if ('service' in asked) {
    const view = viewNamed(views, asked.service, 'feature_service');
    return view.features.map((feature) => ({ view, feature }));
  }
  return asked.references.map((reference, i) => {
    const colon = reference.indexOf(':');
    if (colon < 0) throw invalid(`Field: features[${i}]. Write <view>:<feature>.`);
    const view = viewNamed(views, reference.slice(0, colon), `features[${i}]`);
    const feature = reference.slice(colon + 1);
    if (!view.features.includes(feature))
      throw invalid(`Field: features[${i}]. The view ${view.name} has no such feature. ${spelling(feature, view.features)}`);
    return { view, feature };
  });
}

function viewNamed(views: ProfileRules['views'], name: string, field: string): ActiveView {
  const view = views.get(name);
  if (view === undefined) throw invalid(`Field: ${field}. No view of that name is declared. ${spelling(name, views.keys())}`);
  if (view.purpose === undefined)
    throw invalid(`Field: ${field}. The view ${name} declares no purpose, and this call names none: write views.${name}.purpose in the configuration.`);
  return view;
}

function checkSize(values: number, subjects: number): void {
  if (values === 0) throw invalid('Field: features. Name at least one, or a feature_service.');
  if (values * subjects > VALUES_MAX)
    throw invalid(`Field: entities. ${subjects} of them with ${values} features each are too many: at most ${VALUES_MAX} values are answered.`);
}

function checkNames(names: readonly string[], entity: string): void {
  const twice = names.findIndex((name, i) => name === entity || names.indexOf(name) < i);
  if (twice >= 0) throw invalid(`Field: features[${twice}]. Another column has the same name: name it once, or ask with full_feature_names.`);
}

/** What is asked of each view, in one list each. */
function byView(references: readonly Reference[]): FeaturesAsked['views'] {
  return [...Map.groupBy(references, ({ view }) => view)].map(([view, theirs]) => ({
    view,
    names: theirs.map(({ feature }) => feature),
    purpose: view.purpose ?? '',
    ...(view.maxAgeMs !== undefined && { maxAgeMs: view.maxAgeMs }),
  }));
}
