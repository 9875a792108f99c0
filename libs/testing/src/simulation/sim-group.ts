import type { SimProcess } from './scheduler.ts';

/** One process's view of its membership; out of date while the process is frozen. */
export interface SimMember {
  readonly process: SimProcess;
  generation: number;
  partitions: readonly number[];
  onAssigned: (partitions: readonly number[]) => void;
}

/** The group coordinator: deals partitions to the members that it believes alive. */
export class SimGroup {
  generation = 0;
  readonly #partitions: number;
  #members: SimMember[] = [];
  readonly #outdated = new Set<SimMember>();

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  join(process: SimProcess): SimMember {
    const member: SimMember = { process, generation: 0, partitions: [], onAssigned: () => {} };
    this.#members.push(member);
    this.rebalance();
    return member;
  }

  leave(member: SimMember): void {
    this.#outdated.delete(member);
    this.#members = this.#members.filter((other) => other !== member);
    this.rebalance();
  }

  /** Drops members that are dead or frozen, and deals anew, so that partitions change hands in mid-step. Frozen ones hear of it when `catchUp` is called. */
  rebalance(): void {
    const lost = this.#members.filter(({ process }) => !process.alive || process.frozen);
    for (const member of lost) this.#outdated.add(member);
    this.#members = this.#members.filter((member) => !lost.includes(member));
    this.generation++;
    this.#members.forEach((member, place) => {
      const partitions = Array.from({ length: this.#partitions }, (_, i) => i).filter((i) => (i + this.generation) % this.#members.length === place);
      this.#tell(member, partitions);
    });
  }

  /** Lets members that thawed learn that they were dropped, and join again. */
  catchUp(): void {
    for (const member of [...this.#outdated]) {
      if (member.process.frozen) continue;
      this.#outdated.delete(member);
      if (!member.process.alive) continue;
      this.#members.push(member);
      this.rebalance();
    }
  }

  #tell(member: SimMember, partitions: readonly number[]): void {
    member.generation = this.generation;
    member.partitions = partitions;
    member.onAssigned(partitions);
  }
}
