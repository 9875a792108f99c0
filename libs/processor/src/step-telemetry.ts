import type { LogRecord } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import type { Emission } from './definition.ts';
import type { Step } from './step.ts';

/** Who counts for which processor. */
export interface Counting {
  readonly telemetry: Metrics;
  /** The clock of the log's appends. */
  readonly clock: Clock;
  readonly definition: { readonly name: string };
  readonly counted: (emissions: readonly Emission[]) => void;
}

/** A step that was committed, and how long the commit took, in ms. */
export interface Committed {
  readonly step: Pick<Step<unknown>, 'taken' | 'emitted' | 'change' | 'spans'>;
  readonly tookMs: number;
  /** Its first record. */
  readonly first: LogRecord | undefined;
  /** What lies below it is folded again, and tells nothing of how late a fold is. */
  readonly publishFrom: number;
}

/** Counts a step once its commit is known to stand, and ends its spans. */
export function countStep({ telemetry, clock, counted, definition: { name: processor } }: Counting, { step, tookMs, first, publishFrom }: Committed): void {
  telemetry.measure('attune_processor_commit_seconds', { processor }, tookMs / 1e3);
  if (first !== undefined && first.offset >= publishFrom)
    telemetry.measure('attune_processor_delay_seconds', { processor }, Math.max(0, clock.nowMs() - first.appendedAtMs) / 1e3);
  if (step.taken > 0) telemetry.count('attune_processor_folded_total', { processor }, step.taken);
  for (const code of step.change.skipped.values()) telemetry.count('attune_processor_set_aside_total', { processor, code });
  if (step.emitted.length > 0) counted(step.emitted);
  for (const { span, code } of step.spans) span.end(code);
}

/** Counts a step that was given up because the store stood elsewhere. */
export function countMismatch({ telemetry, definition: { name: processor } }: Omit<Counting, 'counted' | 'clock'>): void {
  telemetry.count('attune_processor_mismatches_total', { processor });
}
