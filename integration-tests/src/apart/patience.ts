import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 100;

/** What is waited for, and for how long at most. */
export interface Patience {
  readonly what: string;
  readonly ms: number;
  /** Whether the time begins anew with each answer that differs from the one before. */
  readonly whileItMoves?: boolean;
}

/** Asks until the answer is wanted. A call that fails is asked again: the process may be starting. @throws Error with the last answer, or the last fault, once the time is over */
export async function within<T>({ what, ms, whileItMoves = false }: Patience, ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  let untilMs = performance.now() + ms;
  let last = '';
  while (performance.now() < untilMs) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      const now = JSON.stringify(answer);
      if (whileItMoves && now !== last) untilMs = performance.now() + ms;
      last = now;
    } catch (fault) {
      last = String(fault);
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`${what}: not within ${ms} ms; the last answer: ${last}`);
}
