/** What holds for every message, from the active configuration. */
export interface DeliveryPolicy {
  /** Minutes after midnight; from > to spans midnight, from = to is never. */
  readonly quietHours?: { readonly fromMinute: number; readonly toMinute: number };
  /** At most so many promotions through these channels within any `perMs`. */
  readonly caps: readonly { readonly channels: readonly string[]; readonly atMost: number; readonly perMs: number }[];
  readonly pausePromotions?: {
    readonly fromEvents: readonly string[];
    readonly fromSegments: readonly string[];
    readonly untilEvents: readonly string[];
    /** Absent = until one of `untilEvents`. */
    readonly atMostMs?: number;
  };
  /** The red button: no promotion leaves. */
  readonly stopEverything: boolean;
}

/** Before any configuration: nothing promotional leaves. */
export const CLOSED: DeliveryPolicy = { caps: [], stopEverything: true };
