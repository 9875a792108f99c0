import type { EventLog } from '@attune/event-log/port';
import type { ErrorCode } from '@attune/kernel/errors';
import type { Telemetry } from '@attune/runtime/telemetry/port';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { CommitBell } from './commit-bell.ts';
import type { Emission, ProcessorDefinition } from './definition.ts';
import type { Publisher } from './publisher.ts';
import type { Restored, SnapshotsOf } from './snapshots/restore-slot.ts';
import type { StateCache } from './state-cache.ts';

/** What an owner works with. */
export interface OwnerPorts<S> {
  readonly definition: ProcessorDefinition<S>;
  readonly log: EventLog;
  readonly store: StateStore;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  /** Hears the code of each fault once, until it has passed or is another one. Must not throw. */
  readonly onFault: (code: ErrorCode) => void;
  readonly cache?: StateCache<S>;
  readonly telemetry: Telemetry;
  /** What an empty slot is filled from; absent = it is folded from the beginning of the log. */
  readonly snapshots?: SnapshotsOf | undefined;
  /** Hears of a slot that was filled from a snapshot. Must not throw. */
  readonly restored: (about: Restored) => void;
  /** Hears the emissions of each commit. Must not throw. */
  readonly counted: (emissions: readonly Emission[]) => void;
  /** Rings at each commit. */
  readonly bell?: CommitBell;
}
