import { setTimeout as sleep } from 'node:timers/promises';

/** What one run took. */
export interface Cost {
  /** User and system time of this process, in s. */
  readonly cpuS: number;
  readonly wallS: number;
}

/** Starts a measurement; the answer ends it. */
export function startCost(): () => Cost {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpuS: (user + system) / 1e6, wallS: (performance.now() - startedMs) / 1e3 };
  };
}

/** The middle one; of an even count the upper of both. */
export const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Events a second, in thousands. */
export const kilo = (events: number, seconds: number): string => `${(events / seconds / 1e3).toFixed(1)}k`;

/** What the commands are told by the environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A positive whole number from the environment. @throws Error when it is something else */
export function countFrom(env: Env, name: string, otherwise: number): number {
  const given = Number(env[name] ?? otherwise);
  if (!Number.isSafeInteger(given) || given < 1) throw new Error(`${name} must be a positive whole number`);
  return given;
}

/** Asks again and again until there is an answer. @throws Error after `withinMs` */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  { withinMs, everyMs, what }: { readonly withinMs: number; readonly everyMs: number; readonly what: string },
): Promise<T> {
  const givenUpAtMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > givenUpAtMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(everyMs);
  }
}
