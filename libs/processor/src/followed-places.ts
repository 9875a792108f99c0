import type { Assignment } from '@attune/event-log/port';
import type { PartitionStanding } from './standing.ts';

interface Place {
  readonly generation: number;
  readonly offset: number;
}

/** Where a follower stands in its partitions. What it knew of a partition before it lost it is forgotten: others have gone on from there. */
export class FollowedPlaces {
  readonly #committed: (partition: number) => Promise<number | undefined>;
  readonly #places = new Map<number, Place>();
  readonly #asking = new Set<number>();
  readonly #turns = new Map<number, number>();

  /** @param committed what the group has committed of a partition */
  constructor(committed: (partition: number) => Promise<number | undefined>) {
    this.#committed = committed;
  }

  /** Notes that a batch of a partition was handled, however it ended. */
  turn(partition: number): void {
    this.#turns.set(partition, (this.#turns.get(partition) ?? 0) + 1);
  }

  /** Notes that everything below an offset is done. */
  reached(generation: number, partition: number, offset: number): void {
    this.#places.set(partition, { generation, offset });
  }

  /** How the owned partitions stand; asks the log for those whose place in this assignment is not known yet. */
  standing({ generation, partitions }: Assignment): readonly PartitionStanding[] {
    return partitions.map((partition) => {
      const place = this.#places.get(partition);
      const known = place?.generation === generation;
      if (!known) void this.#ask(generation, partition);
      const nextOffset = known ? place.offset : undefined;
      return { partition, nextOffset, publishedUpTo: nextOffset, adopted: known, turns: this.#turns.get(partition) ?? 0, stoppedBy: undefined };
    });
  }

  async #ask(generation: number, partition: number): Promise<void> {
    if (this.#asking.has(partition)) return;
    this.#asking.add(partition);
    try {
      const offset = (await this.#committed(partition)) ?? 0;
      if (this.#places.get(partition)?.generation !== generation) this.#places.set(partition, { generation, offset });
    } catch {
      // the log is away: whoever looks again asks again
    } finally {
      this.#asking.delete(partition);
    }
  }
}
