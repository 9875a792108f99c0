/** Work that many ask for and that runs once at a time: each asker gets a run that began no earlier than it asked. */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves or rejects as the run does: one that begins now, or the one behind that which is under way. If that one fails, so do those who wait for it to end. */
  run(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#work().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .finally(() => {
        this.#next = undefined;
      })
      .then(() => this.run());
    return this.#next;
  }

  /** Resolves when the run that is under way has ended, well or not. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }
}
