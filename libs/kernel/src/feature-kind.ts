/** How a kind of feature is written in the configuration: the words a schema, an editor and `attune check` need, as plain data. */
export interface FeatureKindSpec {
  /** The key that names the kind, such as `count` in `orders: { count: Order Completed }`. */
  readonly keyword: string;
  /** What stands behind the keyword: an event name, or a field of the event that `of` names. */
  readonly operand: 'event' | 'field';
  /** Further keys that the kind understands. `of`: event name; `window`: whole minutes, hours or days such as `90d`; `unit`: days, hours, minutes or seconds; `count`: a whole number. */
  readonly options: Readonly<Record<string, { readonly type: 'event' | 'window' | 'unit' | 'count'; readonly required: boolean; readonly doc: string }>>;
  /** The type of the value in conditions; `field` = the type of the field that it reads; `items` = the items of the event's lines, which no condition can name. */
  readonly result: 'number' | 'text' | 'truth' | 'field' | 'items';
  /** One sentence for `docs/configuration.md`. */
  readonly doc: string;
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
  /** Decimal places of the field that are exact: sums are whole numbers of 10^-decimals. */
  readonly decimals: number;
  readonly purposes: readonly string[];
}
