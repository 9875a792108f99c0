import type { EventCondition, FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { RecommenderKind, RecommenderNumber, RecommenderSource } from '@attune/kernel/recommender-kind';
import type { Amount, Compiled, PlainType, Truth } from './conditions.ts';
import type { AttuneDocument } from './schema.ts';

/** A named group of customers: those for whom the rule holds. */
export interface Segment {
  readonly name: string;
  readonly rule: Compiled<Truth>;
}

/** Something that a campaign may choose for a customer. */
export interface Offer {
  readonly name: string;
  /** Who may get it; absent = everyone. */
  readonly who?: Compiled<Truth>;
  readonly message: string;
  /** What an acceptance is worth, and what the offer costs, in the shop's currency. */
  readonly value: number;
  readonly cost: number;
  /** Propensity until there is a model: (accepted + accepted so far) / (sent + sent so far). */
  readonly prior: { readonly accepted: number; readonly sent: number };
}

/** A named list of values, read together. */
export interface View {
  readonly name: string;
  /** Twelve hex digits: another one once the list, or what one of its values means, has changed. */
  readonly version: string;
  /** Names as `GetFeatures` takes them, in order. */
  readonly features: readonly string[];
  /** What it is read for where a call names no purpose. */
  readonly purpose?: string;
  /** Values whose newest event is older are stale. */
  readonly maxAgeMs?: number;
}

/** A value that a model reads. */
export interface ModelInput {
  /** As the view names it. */
  readonly name: string;
  /** What the model calls it; absent = as the view does, with or without `traits.`. */
  readonly as?: string;
  /** What stands for a text, where the value is one; a text without a code counts as missing. */
  readonly codes?: Readonly<Record<string, number>>;
  /** What it becomes where it has no value: what the model takes for missing, a number, or no prediction. */
  readonly missing: 'nan' | 'refuse' | number;
}

/** A model from a file, which `Predict` scores customers by. */
export interface Model {
  readonly name: string;
  /** Where its file lies, from the folder of the configuration. */
  readonly file: string;
  readonly view: string;
  readonly purpose: string;
  /** In the order of the view. */
  readonly inputs: readonly ModelInput[];
  /** What comes of a value that consent does not cover. */
  readonly withheld: 'refuse' | 'missing';
  readonly staleAfterMs?: number;
  readonly contributions: boolean;
}

/** When rows of a dataset are taken: once an event of that name was folded, at full multiples of a time since 1970, or where decisions were taken. */
export type Moments =
  | { readonly kind: 'each'; readonly event: string }
  | { readonly kind: 'every'; readonly everyMs: number }
  /** Of one campaign; absent = of all. */
  | { readonly kind: 'decisions'; readonly campaign?: string };

/** What a model is to foresee. */
export interface Label {
  readonly name: string;
  /** Whether the event happens, how often, or the sum of a field of it. */
  readonly kind: 'event' | 'count' | 'sum';
  readonly event: string;
  /** Of a sum. */
  readonly field?: string;
  /** Decimal places of the field that are exact. */
  readonly decimals?: number;
  readonly where?: EventCondition;
  readonly withinMs: number;
  readonly view: string;
  readonly purpose: string;
  readonly moments: Moments;
}

/** How `Recommend` chooses items. */
export interface Recommender {
  readonly name: string;
  readonly kind: RecommenderKind;
  /** What it is counted from, as far as its kind is counted from uses. */
  readonly over: RecommenderSource;
  /** What steers its kind, by word; durations in ms. */
  readonly numbers: Readonly<Partial<Record<RecommenderNumber, number>>>;
  /** Of a blend: its parts and how much each says. */
  readonly of: readonly { readonly name: string; readonly weight: number }[];
  /** Calls that name one of these and no recommender are answered by it. */
  readonly placements: readonly string[];
  /** The features that tell what the customer bought, looked at, is not interested in, and wants less of. */
  readonly reads: { readonly history?: string; readonly viewed?: string; readonly refused?: string; readonly lessOf?: string };
  readonly purpose: string;
  readonly fallback: 'popular' | 'nothing';
  readonly exclude: {
    readonly outOfStock: boolean;
    /** What was bought so lately is not recommended; infinite = ever. */
    readonly boughtWithinMs?: number;
    /** And what was looked at so lately. */
    readonly seenWithinMs?: number;
  };
  /** Whether items of the context may be recommended. */
  readonly recommendContext: boolean;
  /** Items that come first. */
  readonly pins: readonly string[];
  /** Items of which all of this holds count so many times their score. */
  readonly boosts: readonly {
    readonly category?: readonly string[] | undefined;
    readonly seller?: string | undefined;
    readonly tag?: string | undefined;
    readonly times: number;
  }[];
  readonly diversity: { readonly perCategory?: number; readonly relevance?: number };
}

/** How an offer is chosen. */
export interface Choice {
  /** What a candidate is worth, from `propensity`, `value`, `cost` and features. */
  readonly by: Compiled<Amount>;
  readonly explore: number;
  readonly exploration: 'epsilon' | 'thompson';
  /** Absent = propensities come from counts. */
  readonly learn?: Learning;
}

/** What a choice learns from. */
export interface Learning {
  /** Names the model: another one once what it reads or is rewarded for has changed. */
  readonly model: string;
  /** In the order of the view; empty where all customers are alike. */
  readonly inputs: readonly { readonly name: string; readonly type: PlainType }[];
  readonly reward: { readonly event: string; readonly withinMs: number; readonly amount?: string; readonly atMost?: number };
}

/** When to act, for which purpose, with what, and how success is measured. */
export interface Campaign {
  readonly name: string;
  readonly purpose: string;
  /** `redefined`: also for those whom nothing but another definition of the segment brings in or out. */
  readonly start: { readonly when: 'enters' | 'leaves'; readonly segments: readonly string[]; readonly redefined: boolean };
  /** Names of offers; empty when the campaign sends `message`. */
  readonly offers: readonly string[];
  readonly message?: string;
  readonly choose: Choice;
  readonly channels: readonly string[];
  readonly goal?: { readonly event: string; readonly withinMs: number };
  /** The part that gets nothing, in [0, 1]. */
  readonly holdout: number;
  /** In the order of the file; the first is the baseline. Empty where the campaign has none. */
  readonly variants: readonly Variant[];
  readonly expiresMs?: number;
}

/** One side of a campaign's experiment, whole: what it does not say itself is the campaign's. */
export interface Variant extends Pick<Campaign, 'name' | 'offers' | 'message' | 'choose'> {
  /** Of those that are not held out; all make 1. */
  readonly share: number;
}

/** What holds for every message. */
export interface Delivery {
  /** Minutes after midnight; from > to spans midnight. */
  readonly quietHours?: { readonly fromMinute: number; readonly toMinute: number; readonly zone: string; readonly fallbackZone: string };
  readonly caps: readonly { readonly channels: readonly string[]; readonly atMost: number; readonly perMs: number }[];
  /** Names of events, and of segments, that begin a pause of promotions; names of events that end it. */
  readonly pausePromotions?: {
    readonly fromEvents: readonly string[];
    readonly fromSegments: readonly string[];
    readonly untilEvents: readonly string[];
    readonly atMostMs?: number;
  };
  readonly stopEverything: boolean;
  /** Whether links in mails of promotions lead through Attune. */
  readonly countClicks: boolean;
}

/** One attune.yaml, read, checked and compiled. Names are resolved, times are in ms. */
export interface Configuration {
  /** SHA-256 of the text, in hex. */
  readonly version: string;
  readonly shop: { readonly name: string; readonly timeZone: string; readonly currency: string; readonly languages: readonly string[] };
  readonly purposes: AttuneDocument['purposes'];
  readonly traits: AttuneDocument['traits'];
  readonly lateEvents: { readonly allowedMs: number };
  readonly unknownEvents: 'reject' | 'keep';
  readonly events: AttuneDocument['events'];
  readonly features: readonly FeatureDeclaration[];
  readonly views: readonly View[];
  readonly models: readonly Model[];
  readonly labels: readonly Label[];
  /** The type of what is one value: of features, and of traits as `traits.<name>`; of a feature with `by`, that of each value, as `<feature>.`. */
  readonly valueTypes: ReadonlyMap<string, PlainType>;
  readonly recommenders: readonly Recommender[];
  readonly segments: readonly Segment[];
  readonly offers: readonly Offer[];
  readonly campaigns: readonly Campaign[];
  /** The part of customers that no promotion reaches, in [0, 1]. */
  readonly holdout: number;
  readonly delivery: Delivery;
}
