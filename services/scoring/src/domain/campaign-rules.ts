import type { LearningRule } from './learning/learning-rule.ts';

/** The values of one customer that a rule may read; what is absent counts as missing. */
export interface RuleValues {
  readonly features: Readonly<Record<string, unknown>>;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly segments?: readonly string[];
}

/** `missing` names the value for want of which there is no answer. */
export type NoAnswer = { readonly kind: 'unknown'; readonly missing?: string };

/** A compiled expression as the core sees it. */
export interface Rule<Answer> {
  readonly source: string;
  /** The segments that it may ask about; `all` where it does not name them one by one. */
  readonly segments: readonly string[] | 'all';
  readonly evaluate: (values: RuleValues) => Answer;
}

/** Whether a condition holds for a customer. */
export type Condition = Rule<{ readonly kind: 'holds' } | { readonly kind: 'fails' } | NoAnswer>;
/** What something is worth, in major units of the shop's currency. */
export type Worth = Rule<{ readonly kind: 'value'; readonly value: number } | NoAnswer>;

/** An offer that a campaign may choose. Amounts are in major units. */
export interface OfferRule {
  readonly name: string;
  readonly who?: Condition;
  readonly message: string;
  readonly value: number;
  readonly cost: number;
  readonly prior: { readonly accepted: number; readonly sent: number };
}

/** A campaign with the offers that it names. */
export interface CampaignRule {
  readonly name: string;
  readonly purpose: string;
  /** `redefined`: also for those whom nothing but another definition of the segment brings in or out. */
  readonly start: { readonly when: 'enters' | 'leaves'; readonly segments: readonly string[]; readonly redefined: boolean };
  /** Sorted by name; empty where the campaign sends `message`. */
  readonly offers: readonly OfferRule[];
  readonly message?: string;
  readonly worth: Worth;
  /** The chance in [0, 1] with which an eligible offer is drawn instead of the best one. */
  readonly explore: number;
  /** How it chooses otherwise: the best, or each as often as it may be the best. */
  readonly exploration: 'epsilon' | 'thompson';
  /** What its propensities are learnt from; absent = from counts. */
  readonly learn?: LearningRule;
  /** The part in [0, 1] that gets nothing. */
  readonly holdout: number;
  /** The part in [0, 1] that no promotion of the shop reaches; 0 for a campaign that is none. */
  readonly shopHoldout: number;
  /** The sides of its experiment, the baseline first; empty where there is none. */
  readonly variants: readonly VariantRule[];
  readonly channels: readonly string[];
  readonly goal?: { readonly event: string; readonly withinMs: number };
  readonly expiresMs?: number;
}

/** One side of a campaign's experiment: its share of those that are not held out, and what the campaign does for them. */
export interface VariantRule extends Pick<CampaignRule, 'name' | 'offers' | 'message' | 'worth' | 'explore' | 'exploration' | 'learn'> {
  readonly share: number;
}

/** What one version of the configuration says about decisions. */
export interface Policy {
  readonly version: string;
  readonly campaigns: readonly CampaignRule[];
  /** The purposes that each feature, trait (`traits.<name>`) and segment may be used for. */
  readonly purposesOf: ReadonlyMap<string, readonly string[]>;
  readonly segmentPurposesOf: ReadonlyMap<string, readonly string[]>;
  /** Purposes that need nobody's consent: a contract or the law asks for them. */
  readonly needsNoConsent: ReadonlySet<string>;
}

/** What holds before the first configuration: nobody decides anything. */
export const noPolicy: Policy = { version: '', campaigns: [], purposesOf: new Map(), segmentPurposesOf: new Map(), needsNoConsent: new Set() };
