/** A field of an event as the page shows it. */
export type Scalar = string | number | boolean;

/** What every entry tells. */
interface Base {
  /** From the cause: a repeat has the same. */
  readonly id: string;
  /** Business time, in ms since 1970. */
  readonly atMs: number;
  /** Empty for what belongs to nobody. */
  readonly profileId: string;
  /** The identifier that the application uses; empty until it is known. */
  readonly customer: string;
}

/** One line of a timeline: codes and values, never sentences; the page makes those, in its own language. */
export type Entry =
  | (Base & { readonly kind: 'event'; readonly name: string; readonly lines: number; readonly fields: Readonly<Record<string, Scalar>> })
  | (Base & { readonly kind: 'consent'; readonly purposes: Readonly<Record<string, boolean>> })
  | (Base & { readonly kind: 'entered' | 'left'; readonly segment: string })
  | (Base & {
      readonly kind: 'decided';
      readonly decisionId: string;
      readonly campaign: string;
      readonly outcome: string;
      readonly offer: string;
      readonly message: string;
      readonly explored: boolean;
    })
  | (Base & {
      readonly kind: 'delivery';
      readonly deliveryId: string;
      readonly decisionId: string;
      readonly campaign: string;
      readonly channel: string;
      readonly offer: string;
      readonly state: string;
      readonly reason: string;
      readonly untilMs: number;
    })
  | (Base & {
      readonly kind: 'rejected';
      readonly code: string;
      readonly field: string;
      readonly reason: string;
      readonly fix: string;
      readonly source: string;
    });
