import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Emission } from './definition.ts';
import type { Step } from './step.ts';

/** Who counts for which processor. */
export interface Counting {
  readonly telemetry: Metrics;
  readonly definition: { readonly name: string };
  readonly counted: (emissions: readonly Emission[]) => void;
}

/** A step that was committed, and how long the commit took, in ms. */
export interface Committed {
  readonly step: Pick<Step<unknown>, 'taken' | 'emitted' | 'change' | 'spans'>;
  readonly tookMs: number;
}

/** Counts a step once its commit is known to stand, and ends its spans. */
export function countStep({ telemetry, counted, definition: { name: processor } }: Counting, { step, tookMs }: Committed): void {
  telemetry.measure('attune_processor_commit_seconds', { processor }, tookMs / 1e3);
  if (step.taken > 0) telemetry.count('attune_processor_folded_total', { processor }, step.taken);
  for (const code of step.change.skipped.values()) telemetry.count('attune_processor_set_aside_total', { processor, code });
  if (step.emitted.length > 0) counted(step.emitted);
  for (const { span, code } of step.spans) span.end(code);
}

/** Counts a step that was given up because the store stood elsewhere. */
export function countMismatch({ telemetry, definition: { name: processor } }: Omit<Counting, 'counted'>): void {
  telemetry.count('attune_processor_mismatches_total', { processor });
}
