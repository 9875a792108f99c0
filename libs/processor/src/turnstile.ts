/** Lets one piece of work on a partition in at a time, and counts them. */
export class Turnstile {
  #busy = false;
  #turns = 0;

  /** Whether work is under way. */
  get busy(): boolean {
    return this.#busy;
  }

  /** How many pieces of work have come to an end. */
  get turns(): number {
    return this.#turns;
  }

  /** Notes that a part of a long piece of work is done. */
  step(): void {
    this.#turns++;
  }

  /** Does the work; where it throws, answers what `refused` makes of the fault. */
  async alone<T>(work: () => Promise<T>, refused: (fault: unknown) => T): Promise<T> {
    this.#busy = true;
    try {
      return await work();
    } catch (fault) {
      return refused(fault);
    } finally {
      this.#busy = false;
      this.#turns++;
    }
  }
}
