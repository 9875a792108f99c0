import { isPersonal } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';

/** Which rules and lists read values, by their names: traits as `traits.<name>`. */
export interface DeclaredUses {
  readonly segments: readonly { readonly name: string; readonly rule: { readonly reads: Reads } }[];
  readonly views: readonly { readonly name: string; readonly features: readonly string[] }[];
  readonly models: readonly { readonly name: string; readonly view: string; readonly purpose: string }[];
  readonly recommenders: readonly { readonly name: string; readonly reads: Readonly<Record<string, string>>; readonly purpose: string }[];
  readonly offers: readonly { readonly name: string; readonly who?: { readonly reads: Reads } }[];
  readonly campaigns: readonly {
    readonly name: string;
    readonly purpose: string;
    readonly start: { readonly segments: readonly string[] };
    readonly offers: readonly string[];
    readonly choose: { readonly by: { readonly reads: Reads } };
  }[];
}

interface Reads {
  readonly features: readonly string[];
  readonly traits: readonly string[];
  readonly segments: readonly string[];
}

/** What one value is used for, and by what. */
export interface ValueUse {
  readonly name: string;
  readonly personal: boolean;
  readonly sensitive: boolean;
  readonly purposes: readonly string[];
  /** Of a feature its kind and event, such as `sum of total in Order Completed`; of a trait `identify`. */
  readonly source: string;
  readonly segments: readonly string[];
  readonly views: readonly string[];
  readonly models: readonly string[];
  readonly recommenders: readonly string[];
  readonly offers: readonly string[];
  readonly campaigns: readonly string[];
}

/** Every declared feature and trait, by name, with everything of the configuration that reads it, itself or by way of a segment, an offer or a view. */
export function describeUse(rules: Pick<ProfileRules, 'features' | 'traits'>, uses: DeclaredUses): readonly ValueUse[] {
  const features = rules.features.map(({ declaration: { name, purposes, kind, field, event }, personal }) => ({
    ...{ name, purposes, personal, sensitive: false },
    source: field === undefined ? `${kind} of ${event}` : `${kind} of ${field} in ${event}`,
  }));
  const traits = [...rules.traits].map(([name, trait]) => ({
    ...{ name: `traits.${name}`, purposes: trait.purposes, personal: isPersonal(trait), sensitive: trait.sensitive },
    source: 'identify',
  }));
  return [...features, ...traits].map((value) => ({ ...value, ...usersOf(value.name, uses) }));
}

function usersOf(name: string, { segments, views, models, recommenders, offers, campaigns }: DeclaredUses) {
  const inSegments = names(segments.filter(({ rule }) => readsValue(rule.reads, name)));
  const inViews = names(views.filter(({ features }) => features.some((one) => one === name || one.startsWith(`${name}.`))));
  const readBy = (reads: Reads): boolean => readsValue(reads, name) || reads.segments.some((segment) => inSegments.includes(segment));
  const inOffers = names(offers.filter(({ who }) => who !== undefined && readBy(who.reads)));
  return {
    segments: inSegments,
    views: inViews,
    models: names(models.filter(({ view }) => inViews.includes(view))),
    recommenders: names(recommenders.filter(({ reads }) => Object.values(reads).includes(name))),
    offers: inOffers,
    campaigns: names(
      campaigns.filter(
        ({ start, choose, offers: theirs }) =>
          start.segments.some((segment) => inSegments.includes(segment)) || readBy(choose.by.reads) || theirs.some((offer) => inOffers.includes(offer)),
      ),
    ),
  };
}

const readsValue = ({ features, traits }: Reads, name: string): boolean => features.includes(name) || traits.some((trait) => `traits.${trait}` === name);
const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
