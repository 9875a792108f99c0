import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { activeFeature, fieldsOfFeature, linesOfEvent } from './active-feature.ts';
import type { FeatureKind } from './features/feature-kind.ts';
import type { SegmentRule } from './find-transitions.ts';
import { isPersonal } from './profile.ts';
import { type Definitions, definitionsOf } from './segment-definitions.ts';

/** A feature of the active configuration, with all that a fold needs of it. */
export interface ActiveFeature {
  readonly declaration: FeatureDeclaration;
  readonly kind: FeatureKind<unknown>;
  /** Hash of everything that its state depends on: under another one a state means something else. */
  readonly signature: number;
  /** True when its state tells what a personal field said: it is then sealed. */
  readonly personal: boolean;
  /** True when a segment reads it. */
  readonly ruled: boolean;
}

/** A declared trait. */
export interface ActiveTrait {
  readonly personal: boolean;
  /** Never an input of a rule or decision. */
  readonly sensitive: boolean;
  readonly purposes: readonly string[];
  readonly ruled: boolean;
}

/** A feature or trait that a decision may read. */
export type DecisionInput =
  | { readonly name: string; readonly personal: boolean; readonly feature: ActiveFeature }
  | { readonly name: string; readonly personal: boolean; readonly trait: ActiveTrait; readonly feature?: undefined };

/** Traits are told under it: `traits.<name>`. */
export const TRAIT_PREFIX = 'traits.';

/** A named list of values. */
export interface ActiveView {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
  /** What it is read for where a call names no purpose. */
  readonly purpose?: string;
  /** Values whose newest event is older are stale; absent = as each feature says. */
  readonly maxAgeMs?: number;
}

/** An event that others wait for. */
export interface AwaitedEvent {
  readonly role: string;
  /** The field that names the decision which the event answers. */
  readonly decisionField?: string;
  /** Its fields that are told with it, in clear: what rewards count. Absent = none. */
  readonly amounts?: readonly string[];
}

/** Where the items of an event stand: in a list of lines, or in one field. */
export type LinesOfEvent =
  | { readonly each: string; readonly item: string; readonly quantity?: string | undefined; readonly price?: string | undefined }
  | { readonly each?: undefined; readonly item: string };

/** What the fold needs of one configuration, by name. */
export interface ProfileRules {
  /** Empty before any configuration. */
  readonly version: string;
  /** Sorted by name. */
  readonly features: readonly ActiveFeature[];
  /** Those that a segment reads, in the same order. */
  readonly ruledFeatures: readonly ActiveFeature[];
  readonly featuresOf: ReadonlyMap<string, readonly ActiveFeature[]>;
  /** Sorted by name. */
  readonly segments: readonly SegmentRule[];
  /** What each segment's membership follows from. */
  readonly definitions: Definitions;
  /** Sorted by name. */
  readonly traits: ReadonlyMap<string, ActiveTrait>;
  /** The names of those that a segment reads. */
  readonly ruledTraits: readonly string[];
  /** True when a segment reads anything that is sealed. */
  readonly rulesReadPersonal: boolean;
  /** What decisions may read, sorted by name: nothing sensitive, and no list of items, since no rule reads one and each record would carry it. */
  readonly inputs: readonly DecisionInput[];
  /** By segment: those of `inputs` that its rule reads and that are not personal. */
  readonly reasonsOf: ReadonlyMap<string, readonly DecisionInput[]>;
  /** The segments from which a campaign starts. */
  readonly starting: { readonly enters: ReadonlySet<string>; readonly leaves: ReadonlySet<string> };
  readonly views: ReadonlyMap<string, ActiveView>;
  readonly purposes: Readonly<Record<string, { readonly basis: string }>>;
  readonly lateAllowedMs: number;
  readonly awaited: ReadonlyMap<string, AwaitedEvent>;
  /** By event: the fields that a feature or `decisionField` reads. */
  readonly fieldsOf: ReadonlyMap<string, readonly string[]>;
  /** The same without lists of which nothing but the items is read; absent where there is no such list. */
  readonly besideItems: ReadonlyMap<string, readonly string[]>;
  /** By event: where its items stand, for events of which a feature reads them. */
  readonly linesOf: ReadonlyMap<string, LinesOfEvent>;
}

/** The part of a configuration that the fold reads. */
export interface DeclaredRules {
  readonly version: string;
  readonly features: readonly FeatureDeclaration[];
  readonly segments: readonly SegmentRule[];
  readonly views: readonly ActiveView[];
  readonly traits: Readonly<Record<string, { readonly personal: boolean; readonly sensitive: boolean; readonly purposes: readonly string[] }>>;
  readonly purposes: Readonly<Record<string, { readonly basis: string }>>;
  readonly lateEvents: { readonly allowedMs: number };
  readonly events: Readonly<
    Record<
      string,
      {
        readonly role?: string | undefined;
        readonly decision?: string | undefined;
        readonly item?: string | undefined;
        readonly lines?:
          | { readonly each: string; readonly item: string; readonly quantity?: string | undefined; readonly price?: string | undefined }
          | undefined;
        readonly fields: Readonly<Record<string, DeclaredField>>;
      }
    >
  >;
  readonly campaigns: readonly {
    readonly start: { readonly when: 'enters' | 'leaves'; readonly segments: readonly string[] };
    readonly goal?: { readonly event: string } | undefined;
    readonly choose?: LearningChoice;
    readonly variants?: readonly { readonly choose?: LearningChoice }[];
  }[];
  readonly delivery: { readonly pausePromotions?: { readonly fromEvents: readonly string[]; readonly untilEvents: readonly string[] } | undefined };
}

/** A choice that may learn from an event, and count one of its fields. */
interface LearningChoice {
  readonly learn?: { readonly reward: { readonly event: string; readonly amount?: string } };
}

/** How the log carries a field. */
export interface DeclaredField {
  readonly type: string;
  readonly personal: boolean;
  readonly open: boolean;
}

/** Before any configuration: nothing is declared, so nothing but consent and the count of events is folded. */
export const noRules: ProfileRules = rulesOf({
  version: '',
  features: [],
  segments: [],
  views: [],
  traits: {},
  purposes: {},
  lateEvents: { allowedMs: Number.POSITIVE_INFINITY },
  events: {},
  campaigns: [],
  delivery: {},
});

/** Arranges a configuration for the fold: what stands in lists there is found by name here. Costs more than a fold: keep the answer. */
export function rulesOf(declared: DeclaredRules): ProfileRules {
  const read = { features: new Set<string>(), traits: new Set<string>() };
  for (const { rule } of declared.segments) {
    for (const name of rule.reads.features) read.features.add(name);
    for (const name of rule.reads.traits) read.traits.add(name);
  }
  const features = declared.features.flatMap((declaration) => activeFeature(declared, declaration, read.features.has(declaration.name)) ?? []).toSorted(byName);
  const awaited = awaitedEvents(declared);
  const linesOf = linesRead(declared, features);
  const traits = new Map(
    Object.entries(declared.traits)
      .map(([name, trait]): [string, ActiveTrait] => [name, { ...trait, ruled: read.traits.has(name) }])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const inputs = decisionInputs(features, traits);
  return {
    version: declared.version,
    features,
    ruledFeatures: features.filter(({ ruled }) => ruled),
    featuresOf: featuresByEvent(features),
    segments: declared.segments.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    definitions: definitionsOf(declared.segments, features),
    traits,
    ruledTraits: [...read.traits].filter((name) => Object.hasOwn(declared.traits, name)).toSorted(),
    rulesReadPersonal: features.some(({ ruled, personal }) => ruled && personal) || [...traits.values()].some((trait) => trait.ruled && isPersonal(trait)),
    inputs,
    reasonsOf: reasonsOf(declared, inputs),
    starting: { enters: startsOf(declared, 'enters'), leaves: startsOf(declared, 'leaves') },
    views: new Map(declared.views.map((view) => [view.name, view])),
    purposes: declared.purposes,
    lateAllowedMs: declared.lateEvents.allowedMs,
    awaited,
    ...fieldsRead(declared, features, { awaited, linesOf }),
    linesOf,
  };
}

function decisionInputs(features: readonly ActiveFeature[], traits: ReadonlyMap<string, ActiveTrait>): readonly DecisionInput[] {
  const named = features
    .filter(({ kind }) => kind.spec.result !== 'items')
    .map((feature): DecisionInput => ({ name: feature.declaration.name, personal: feature.personal, feature }));
  const told = [...traits].filter(([, { sensitive }]) => !sensitive);
  const all = [...named, ...told.map(([name, trait]): DecisionInput => ({ name: `${TRAIT_PREFIX}${name}`, personal: trait.personal, trait }))];
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function reasonsOf({ segments }: DeclaredRules, inputs: readonly DecisionInput[]): Map<string, readonly DecisionInput[]> {
  return new Map(
    segments.map(({ name: segment, rule: { reads } }) => {
      const read = new Set([...reads.features, ...reads.traits.map((name) => `${TRAIT_PREFIX}${name}`)]);
      return [segment, inputs.filter(({ name, personal }) => read.has(name) && !personal)];
    }),
  );
}

function startsOf({ campaigns }: DeclaredRules, when: 'enters' | 'leaves'): ReadonlySet<string> {
  return new Set(campaigns.flatMap(({ start }) => (start.when === when ? start.segments : [])));
}

/** A feature of two events stands under both. */
function featuresByEvent(features: readonly ActiveFeature[]): Map<string, readonly ActiveFeature[]> {
  const events = new Set(features.flatMap(({ declaration: { event, per } }) => (per === undefined ? [event] : [event, per])));
  return new Map([...events].map((name) => [name, features.filter(({ declaration: { event, per } }) => event === name || per === name)]));
}

function byName(a: ActiveFeature, b: ActiveFeature): number {
  return a.declaration.name < b.declaration.name ? -1 : 1;
}

function awaitedEvents({ events, campaigns, delivery }: DeclaredRules): Map<string, AwaitedEvent> {
  const { fromEvents = [], untilEvents = [] } = delivery.pausePromotions ?? {};
  const rewards = campaigns.flatMap(({ choose, variants = [] }) =>
    [choose, ...variants.map((variant) => variant.choose)].flatMap((one) => one?.learn?.reward ?? []),
  );
  const names = new Set([...campaigns.flatMap(({ goal }) => goal?.event ?? []), ...rewards.map(({ event }) => event), ...fromEvents, ...untilEvents]);
  for (const [name, { decision }] of Object.entries(events)) if (decision !== undefined) names.add(name);
  return new Map(
    [...names].map((name) => {
      const event = Object.hasOwn(events, name) ? events[name] : undefined;
      const amounts = [...new Set(rewards.flatMap((reward) => (reward.event === name && reward.amount !== undefined ? [reward.amount] : [])))];
      return [
        name,
        { role: event?.role ?? '', ...(event?.decision !== undefined && { decisionField: event.decision }), ...(amounts.length > 0 && { amounts }) },
      ];
    }),
  );
}

function linesRead({ events }: DeclaredRules, features: readonly ActiveFeature[]): Map<string, LinesOfEvent> {
  const found = new Map<string, LinesOfEvent>();
  for (const { kind, declaration } of features) {
    const lines = kind.spec.result === 'items' && Object.hasOwn(events, declaration.event) ? linesOfEvent(events[declaration.event]) : undefined;
    if (lines !== undefined) found.set(declaration.event, lines);
  }
  return found;
}

function fieldsRead(
  declared: DeclaredRules,
  features: readonly ActiveFeature[],
  { awaited, linesOf }: Pick<ProfileRules, 'awaited' | 'linesOf'>,
): Pick<ProfileRules, 'fieldsOf' | 'besideItems'> {
  const read = new Map<string, Set<string>>();
  const add = (event: string, field: string | undefined): void => {
    if (field !== undefined) read.set(event, (read.get(event) ?? new Set()).add(field));
  };
  for (const { declaration } of features) {
    for (const field of fieldsOfFeature(declared, declaration)) add(declaration.event, field);
    if (declaration.per !== undefined) add(declaration.per, declaration.by);
  }
  for (const [name, { decisionField, amounts = [] }] of awaited) for (const field of [decisionField, ...amounts]) add(name, field);
  const besideItems = new Map<string, readonly string[]>();
  for (const [name, { each, item }] of linesOf) {
    if (each !== undefined && !read.get(name)?.has(each)) besideItems.set(name, [...(read.get(name) ?? [])]);
    add(name, each ?? item);
  }
  return { fieldsOf: new Map([...read].map(([name, fields]) => [name, [...fields]])), besideItems };
}
