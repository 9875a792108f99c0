import type { ErrorCode } from '@attune/kernel/errors';

/** What is looked at: whether log and store answer, whether all stages have their place in their groups, have taken over what they own there, have folded what waited at the start, and go on. */
export const CHECKS = ['log', 'store', 'joined', 'adopted', 'caught-up', 'going-on'] as const;
export type CheckName = (typeof CHECKS)[number];

/** How one check stands. */
export interface Check {
  readonly check: CheckName;
  readonly ok: boolean;
  /** Since when it stands so, in ms since 1970. */
  readonly sinceMs: number;
  /** Why it is not ok, where there is a code. */
  readonly code?: ErrorCode;
}

/** What one look saw of a check. */
export type Seen = Pick<Check, 'ok' | 'code'>;

/** The checks with the times at which they changed. */
export class Checks {
  readonly #checks = new Map<CheckName, Check>();
  #started = false;

  /** Whether everything was ok at once, once. */
  get started(): boolean {
    return this.#started;
  }

  /** Notes what a look saw. What was not seen stands as it stood. */
  note(nowMs: number, seen: Readonly<Partial<Record<CheckName, Seen>>>): void {
    for (const check of CHECKS) {
      const now = seen[check];
      const before = this.#checks.get(check);
      if (now === undefined || (before?.ok === now.ok && before.code === now.code)) continue;
      this.#checks.set(check, { check, ...now, sinceMs: before?.ok === now.ok ? before.sinceMs : nowMs });
    }
    this.#started ||= CHECKS.every((check) => this.#checks.get(check)?.ok === true);
  }

  /** In the order of their names in `CHECKS`; those that were not looked at yet are missing. */
  get all(): readonly Check[] {
    return CHECKS.flatMap((check) => this.#checks.get(check) ?? []);
  }

  /** How long the check has not been ok, in ms; 0 where it is. */
  failingMs(check: CheckName, nowMs: number): number {
    const known = this.#checks.get(check);
    return known === undefined || known.ok ? 0 : nowMs - known.sinceMs;
  }
}
