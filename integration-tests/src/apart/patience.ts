import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 100;

/** What is waited for, and for how long at most. */
export interface Patience {
  readonly what: string;
  readonly ms: number;
}

/** Asks until the answer is wanted. A call that fails is asked again: the process may be starting. @throws Error with the last answer, or the last fault, once the time is over */
export async function within<T>({ what, ms }: Patience, ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const untilMs = performance.now() + ms;
  let last = '';
  while (performance.now() < untilMs) {
    try {
      const answer = await ask();
      if (wanted(answer)) return answer;
      last = JSON.stringify(answer);
    } catch (fault) {
      last = String(fault);
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`${what}: not within ${ms} ms; the last answer: ${last}`);
}
