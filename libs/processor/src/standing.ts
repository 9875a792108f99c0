import type { ErrorCode } from '@attune/kernel/errors';

/** How far one owned partition has come, for whoever judges from outside whether the process works. */
export interface PartitionStanding {
  readonly partition: number;
  /** Of the next record; undefined until the partition has been taken over for the first time. */
  readonly nextOffset: number | undefined;
  /** Below it everything is published too. */
  readonly publishedUpTo: number | undefined;
  /** Whether the partition is taken over in this assignment, and nothing has gone wrong since. */
  readonly adopted: boolean;
  /** Grows each time that work on the partition has come to an end, be it a refusal: where it stands still though records wait, something hangs. */
  readonly turns: number;
  readonly stoppedBy: ErrorCode | undefined;
}

/** How a processor or follower stands in its group. */
export interface Standing {
  /** Whether it has a place in its group. */
  readonly joined: boolean;
  /** Why it does nothing any more until it is made anew; undefined while it runs. */
  readonly endedBy: ErrorCode | undefined;
  /** The partitions that are its own now. */
  readonly partitions: readonly PartitionStanding[];
}
