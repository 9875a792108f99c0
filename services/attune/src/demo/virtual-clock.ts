import type { Clock } from '@attune/runtime/world';

/** The clock of the demo: stands until it is moved, and goes on as another clock once that has taken over. Never goes back. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #successor: Clock | undefined;

  /** @param nowMs where it stands at first, in ms since 1970 */
  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    if (this.#successor !== undefined) this.moveTo(this.#successor.nowMs());
    return this.#nowMs;
  }

  /** Moves forward to `ms`; a time that has passed changes nothing. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  /** From now on the later of `successor` and what was told last. */
  handOver(successor: Clock): void {
    this.#successor = successor;
  }
}
