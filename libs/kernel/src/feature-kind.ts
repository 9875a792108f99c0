/** How a kind of feature is written in the configuration: the words a schema, an editor and `attune check` need, as plain data. */
export interface FeatureKindSpec {
  /** The key that names the kind, such as `count` in `orders: { count: Order Completed }`. */
  readonly keyword: string;
  /** What stands behind the keyword: an event name, or a field of the event that `of` names. */
  readonly operand: 'event' | 'field';
  /** Further keys that the kind understands. */
  readonly options: Readonly<Record<string, { readonly type: FeatureOptionType; readonly required: boolean; readonly doc: string }>>;
  /** The type of the value in conditions; `field` = the type of the field that it reads; `list` = a list of such values; `texts` = a list of such values as texts; `items` = the items of the event's lines, which no condition can name. */
  readonly result: 'number' | 'text' | 'truth' | 'field' | 'list' | 'texts' | 'items';
  /** True when its state tells what a text field said although its value does not: such a state is sealed like the field. */
  readonly keepsField?: boolean;
  /** True when the field behind the keyword may be of any type but list and object, whatever `result` says. */
  readonly anyField?: boolean;
  /** The most bytes that its state can have under a declaration, whatever happens. */
  readonly bytesMax?: (declaration: FeatureDeclaration) => number;
  /** One sentence for `docs/configuration.md`. */
  readonly doc: string;
}

/** `event`: an event name; `window`: whole minutes, hours or days such as `90d`, a year at most; `unit`: days, hours, minutes or seconds; `count`: a whole number; `percent`: a number above 0, at most 100; `period`: `day` or `week`; `half_life`: a duration from `1h` to a year; `field`: a number among the fields that it reads; `k`: a whole number from 1 to 100. */
export type FeatureOptionType = 'event' | 'window' | 'unit' | 'count' | 'percent' | 'period' | 'half_life' | 'field' | 'k';

/** A condition on the fields of an event, ready to run. */
export interface EventCondition {
  /** As it is written. */
  readonly source: string;
  /** The fields that it reads. */
  readonly reads: readonly string[];
  /** True when it holds of these fields; a field that is missing, or of another type than declared, makes what reads it unknown, and unknown does not hold. */
  readonly holds: (fields: Readonly<Record<string, unknown>>) => boolean;
}

/** One declared feature after the configuration was read: names resolved, times in ms. */
export interface FeatureDeclaration {
  readonly name: string;
  /** The keyword of its kind. */
  readonly kind: string;
  /** The event that it folds. */
  readonly event: string;
  /** The field that it reads, for kinds whose operand is a field. */
  readonly field?: string;
  /** Left-closed window that ends now, in ms; absent = all time. */
  readonly windowMs?: number;
  /** The unit of a time that it returns, in ms. */
  readonly unitMs?: number;
  /** Events needed before it has a value. */
  readonly minEvents?: number;
  /** The percentile that it reads, above 0 and at most 100. */
  readonly percent?: number;
  /** A second event that it folds. */
  readonly per?: string;
  /** A day or a week, in ms. */
  readonly periodMs?: number;
  /** After so long what it counted counts half. */
  readonly halfLifeMs?: number;
  /** How many values it answers. */
  readonly k?: number;
  /** The field that says how much an event counts; absent = 1. */
  readonly weight?: string;
  /** The list field whose entries are folded one by one, as if each were an event with the fields of both. */
  readonly each?: string;
  /** The field that tells apart what is answered by name. */
  readonly by?: string;
  /** Only events of which it holds are folded; absent = all. */
  readonly where?: EventCondition;
  /** Decimal places of the field that are exact: sums are whole numbers of 10^-decimals. */
  readonly decimals: number;
  readonly purposes: readonly string[];
  /** A value whose newest event is older is answered as stale; absent = never. */
  readonly maxAgeMs?: number;
}

/** A feature with `by` keeps so many names apart: the first in the order of their UTF-16 units. What comes under further ones is together. */
export const BUCKETS_MAX = 20;
/** A longer name, in UTF-16 units, has no bucket of its own. */
export const BUCKET_NAME_MAX = 64;

/** The most bytes that the state of a declared feature can have; undefined where its kind says nothing. */
export function featureBytesMax(spec: FeatureKindSpec, declaration: FeatureDeclaration): number | undefined {
  const bytes = spec.bytesMax?.(declaration);
  return bytes === undefined || declaration.by === undefined ? bytes : 8 + (BUCKETS_MAX + 1) * (3 * BUCKET_NAME_MAX + 6 + bytes);
}
