import type { SeededRandom } from '@attune/kernel/random';

/** A process of the simulated world. A dead one never gets an answer again; a frozen one not before it thaws. */
export interface SimProcess {
  readonly name: string;
  alive: boolean;
  frozen: boolean;
}

interface Pending {
  readonly process: SimProcess;
  readonly ready: () => boolean;
  readonly atMs: number;
  readonly run: () => void;
}

/** What one awaited call may meet besides success: the effect without its answer, or neither. */
export interface Weather {
  /** Chance that the effect happens and the caller sees a fault. */
  readonly replyLost: number;
  /** Chance that nothing happens and the caller sees a fault. */
  readonly refused: number;
}

/** An awaited call as the simulated world sees it. */
export interface Call<T> {
  readonly effect: () => T;
  readonly fault?: () => Error;
  /** Waits until this holds. */
  readonly ready?: () => boolean;
  /** Waits until this virtual time, in ms. */
  readonly atMs?: number;
}

const TURN = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Owns every await and the virtual clock: which waiting call is answered next, and how, is drawn from the seed alone. */
export class Scheduler {
  readonly random: SeededRandom;
  weather: Weather = { replyLost: 0, refused: 0 };
  nowMs = 0;
  #pending: Pending[] = [];

  constructor(random: SeededRandom) {
    this.random = random;
  }

  /** Waits for its turn, then has its effect and answers; or meets the weather. */
  call<T>(process: SimProcess, { effect, fault, ready = () => true, atMs = 0 }: Call<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = (): void => {
        const draw = fault ? this.random() : 1;
        const { refused, replyLost } = this.weather;
        if (fault && draw < refused) {
          reject(fault());
          return;
        }
        try {
          const answer = effect();
          if (fault && draw < refused + replyLost) reject(fault());
          else resolve(answer);
        } catch (broken) {
          reject(broken);
        }
      };
      this.#pending.push({ process, ready, atMs, run });
    });
  }

  /** Answers one call. False when nothing can go on any more. */
  async step(): Promise<boolean> {
    await TURN();
    this.#pending = this.#pending.filter(({ process }) => process.alive);
    const able = this.#pending.filter(({ process, ready }) => !process.frozen && ready());
    if (able.length === 0) return false;
    const now = able.filter(({ atMs }) => atMs <= this.nowMs);
    const chosen = now.length > 0 ? now[Math.floor(this.random() * now.length)] : able.reduce((a, b) => (b.atMs < a.atMs ? b : a));
    if (chosen === undefined) return false;
    this.nowMs = Math.max(this.nowMs + 1, chosen.atMs);
    this.#pending.splice(this.#pending.indexOf(chosen), 1);
    chosen.run();
    return true;
  }
}
