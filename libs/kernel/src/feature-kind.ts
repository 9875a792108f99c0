/** How a kind of feature is written in the configuration: the words a schema, an editor and `attune check` need, as plain data. */
export interface FeatureKindSpec {
  /** The key that names the kind, such as `count` in `orders: { count: Order Completed }`. */
  readonly keyword: string;
  /** What stands behind the keyword: an event name, or a field of the event that `of` names. */
  readonly operand: 'event' | 'field';
  /** Further keys that the kind understands. */
  readonly options: Readonly<Record<string, { readonly type: FeatureOptionType; readonly required: boolean; readonly doc: string }>>;
  /** The type of the value in conditions; `field` = the type of the field that it reads; `items` = the items of the event's lines, which no condition can name. */
  readonly result: 'number' | 'text' | 'truth' | 'field' | 'items';
  /** True when its state tells what a text field said although its value does not: such a state is sealed like the field. */
  readonly keepsField?: boolean;
  /** True when the field behind the keyword may be of any type but list and object, whatever `result` says. */
  readonly anyField?: boolean;
  /** The most bytes that its state can have under a declaration, whatever happens. */
  readonly bytesMax?: (declaration: FeatureDeclaration) => number;
  /** One sentence for `docs/configuration.md`. */
  readonly doc: string;
}

/** `event`: an event name; `window`: whole minutes, hours or days such as `90d`, a year at most; `unit`: days, hours, minutes or seconds; `count`: a whole number; `percent`: a number above 0, at most 100; `period`: `day` or `week`; `half_life`: a duration from `1h` to a year. */
export type FeatureOptionType = 'event' | 'window' | 'unit' | 'count' | 'percent' | 'period' | 'half_life';

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
  /** Only events of which it holds are folded; absent = all. */
  readonly where?: EventCondition;
  /** Decimal places of the field that are exact: sums are whole numbers of 10^-decimals. */
  readonly decimals: number;
  readonly purposes: readonly string[];
}
