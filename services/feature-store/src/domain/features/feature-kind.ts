import type { FeatureDeclaration, FeatureKindSpec } from '@attune/kernel/feature-kind';

/** All that a feature may know of an event: nothing of its arrival, so that arrival order cannot matter. */
export interface FeatureEvent {
  readonly name: string;
  /** When it happened, whole ms since 1970 after the correction of skew; at most one day ahead of its arrival. */
  readonly timestampMs: number;
  readonly messageId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The items that the event names, in the order of its lines; absent where no feature reads them. */
  readonly items?: readonly string[];
}

/** What a trait may be, and most features. */
export type PlainValue = number | string | boolean;

/** An item and when something was done with it, newest first, in ms since 1970. */
export interface ItemUse {
  readonly item: string;
  readonly atMs: readonly number[];
}

/** A value that conditions can read: plain, or a list of texts or of numbers. */
export type SimpleValue = PlainValue | readonly string[] | readonly number[];

/** Values by the name of their bucket. */
export type ValuesByName = Readonly<Record<string, SimpleValue>>;

/** What a feature may be: a value, values by name, or the items that were used, the newest use first, ties by item. */
export type FeatureValue = SimpleValue | ValuesByName | readonly ItemUse[];

/** True for what no condition can name. */
export const isItems = (value: FeatureValue | undefined): value is readonly ItemUse[] => Array.isArray(value) && typeof value[0] === 'object';

/** What a feature answers at a moment. Missing = there is not enough to answer from; a condition on it does not hold. */
export type FeatureReading = { readonly status: 'present'; readonly value: FeatureValue } | { readonly status: 'missing' };

/**
 * A monoid with a clock. `step` and `merge` do not depend on order, the same state gives the same bytes, and the state is bounded in
 * bytes whatever the number of events; the feature laws hold every kind of the registry to that.
 */
export interface FeatureKind<S> {
  /** The words of the kind in the configuration. */
  readonly spec: FeatureKindSpec;
  /** The state before any event; the identity of `merge`. */
  init(): S;
  /** Folds one event and returns the state. May edit the state that it is given, and nothing else; other events than the declared one change nothing. */
  step(state: S, event: FeatureEvent, declaration: FeatureDeclaration): S;
  /** The state of both histories together: commutative and associative. Edits neither. */
  merge(a: S, b: S, declaration: FeatureDeclaration): S;
  /** The value at `nowMs`. */
  read(state: S, nowMs: number, declaration: FeatureDeclaration): FeatureReading;
  /** When the value next changes by time alone, in ms and later than `nowMs`; undefined = never. No earlier change; at it the exact value changes, though beyond 2^53 its double may not. Absent on kinds whose value time does not change. */
  nextChangeMs?(state: S, nowMs: number, declaration: FeatureDeclaration): number | undefined;
  /**
   * When the value next comes to lie on another side of `bound` by time alone (below it, on it, above it, or missing), in ms and later than `nowMs`; undefined = never.
   * Exactly the first such change of `nextChangeMs`. Absent = those are walked one by one.
   */
  nextSideMs?(state: S, nowMs: number, bound: number, declaration: FeatureDeclaration): number | undefined;
  /** The bytes of the state; the first is the version of their shape. */
  encode(state: S): Uint8Array;
  /** The state of the bytes. Throws AttuneError STATE_UNREADABLE when their version is not this kind's or they are cut: state is replayed, never guessed. */
  decode(bytes: Uint8Array): S;
}

/** The answer of a feature that has a value. */
export const present = (value: FeatureValue): FeatureReading => ({ status: 'present', value });

/** The answer of a feature that has none. */
export const missing: FeatureReading = { status: 'missing' };

/** True when the feature folds this event: it has the name, and the condition holds of it. */
export const folds = ({ event: name, where }: FeatureDeclaration, event: FeatureEvent): boolean =>
  event.name === name && (where === undefined || where.holds(event.fields));

/** A number beyond it, either way, is folded by no kind: it is a fault of what sent it, and would make states and sums grow without bound. */
export const NUMBER_MAX = 1e15;

/** The number in the declared field of an event that the feature folds; undefined for another event, and where there is no number between −NUMBER_MAX and NUMBER_MAX. */
export function numberOf(event: FeatureEvent, declaration: FeatureDeclaration): number | undefined {
  const value = declaration.field === undefined ? undefined : event.fields[declaration.field];
  return typeof value === 'number' && Math.abs(value) <= NUMBER_MAX && folds(declaration, event) ? value || 0 : undefined;
}
