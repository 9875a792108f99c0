import type { LocalConsumption } from './local-consumption.ts';

/** The members of one consumer group in this process. Every join and leave deals all partitions anew, as Kafka's eager protocol does. */
export class LocalGroup {
  readonly topic: string;
  readonly #partitions: number;
  readonly #handling = new Map<number, Promise<void>>();
  #members: LocalConsumption[] = [];
  #generation = 0;

  constructor(topic: string, partitions: number) {
    this.topic = topic;
    this.#partitions = partitions;
  }

  join(member: LocalConsumption): void {
    this.#members.push(member);
    this.#deal();
  }

  leave(member: LocalConsumption): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    member.assign(++this.#generation, []);
    this.#deal();
  }

  /** New records lie in the partition. */
  wake(partition: number): void {
    for (const member of this.#members) member.wake(partition);
  }

  /** Resolves when no handler of an earlier owner works on the partition any more. */
  async free(partition: number): Promise<void> {
    for (let running = this.#handling.get(partition); running !== undefined; running = this.#handling.get(partition)) await running;
  }

  /** Keeps the partition from other members until `work` settles. */
  hold(partition: number, work: Promise<void>): void {
    const held = work.then(() => {
      if (this.#handling.get(partition) === held) this.#handling.delete(partition);
    });
    this.#handling.set(partition, held);
  }

  /** Stops all members without waiting for their handlers. */
  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop(0)));
  }

  #deal(): void {
    this.#generation++;
    const hands = this.#members.map((): number[] => []);
    for (let partition = 0; partition < this.#partitions; partition++) hands[partition % hands.length]?.push(partition);
    for (const [i, member] of this.#members.entries()) member.assign(this.#generation, hands[i] ?? []);
  }
}
